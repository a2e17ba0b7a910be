import type { z } from 'zod'
import type { Job, Pause, Pipeline } from '../../model/pipeline.ts'
import type { JobBuilds } from '../ports.ts'
import type { jobSchema, jobSummarySchema, pipelineSchema } from '../schemas.ts'
import { presentBuild, presentSummary, seconds } from './builds.ts'
import type { ListedConfig, ListedJobConfig } from './listed-config.ts'

/** `member`: whoever sees it has a role in its team, and may see people's names. */
export const presentPipeline = (pipeline: Pipeline, config: ListedConfig | undefined, member: boolean): z.input<typeof pipelineSchema> => ({
  id: pipeline.id,
  name: pipeline.name,
  ...(pipeline.instanceVars && { instance_vars: pipeline.instanceVars }),
  paused: pipeline.paused,
  ...pauseOf(pipeline.pause, member),
  public: pipeline.public,
  archived: pipeline.archived,
  ...(config?.groups && { groups: config.groups.map(({ name, jobs, resources }) => ({ name, ...(jobs && { jobs: [...jobs] }), ...(resources && { resources: [...resources] }) })) }),
  team_name: pipeline.team,
  ...(config?.display && { display: config.display }),
  ...(config?.user_data !== undefined && member && { user_data: config.user_data }),
  ...(pipeline.parent && { parent_build_id: pipeline.parent.buildId, parent_job_id: pipeline.parent.jobId }),
  last_updated: seconds(pipeline.updatedAt),
})

export interface JobToPresent {
  readonly pipeline: Pipeline
  readonly job: Job
  /** Undefined: the config cannot be read, or has the job no more. */
  readonly config: ListedJobConfig | undefined
  readonly builds: JobBuilds
  readonly member: boolean
}

export function presentJob(shown: JobToPresent): z.input<typeof jobSchema> {
  const { builds, config, member } = shown
  return {
    ...common(shown),
    ...(config?.disable_manual_trigger && { disable_manual_trigger: true }),
    ...(config?.disable_reruns && { disable_reruns: true }),
    next_build: builds.next ? presentBuild(builds.next, member) : null,
    finished_build: builds.finished ? presentBuild(builds.finished, member) : null,
  }
}

export const presentJobSummary = (shown: JobToPresent): z.input<typeof jobSummarySchema> => ({
  ...common(shown),
  ...(shown.builds.next && { next_build: presentSummary(shown.builds.next) }),
  ...(shown.builds.finished && { finished_build: presentSummary(shown.builds.finished) }),
  ...(shown.builds.transition && { transition_build: presentSummary(shown.builds.transition) }),
})

function common(shown: JobToPresent) {
  const { pipeline, job, config, member } = shown
  const { groups = [], inputs = [], outputs = [] } = config ?? {}
  return {
    id: job.id,
    name: job.name,
    team_name: pipeline.team,
    pipeline_id: pipeline.id,
    pipeline_name: pipeline.name,
    ...(pipeline.instanceVars && { pipeline_instance_vars: pipeline.instanceVars }),
    ...(job.paused && { paused: true, ...pauseOf(job.pause, member) }),
    ...(shown.builds.hasNewInputs === true && { has_new_inputs: true }),
    ...(groups.length > 0 && { groups: [...groups] }),
    inputs: inputs.toSorted(byName).map(({ passed, ...input }) => ({ ...input, ...(passed && { passed: [...passed] }) })),
    outputs: outputs.toSorted(byName),
  }
}

/** As Go orders strings, for `toSorted`. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

const pauseOf = (pause: Pause | undefined, member: boolean) => ({
  ...(pause && member && { paused_by: pause.by }),
  ...(pause && { paused_at: seconds(pause.at) }),
  ...(pause?.why !== undefined && member && { paused_why: pause.why }),
})

import type { z } from 'zod'
import type { ListedBuild, PendingReason } from '../../model/listed-build.ts'
import type { buildSchema, buildSummarySchema, preparationSchema } from '../schemas.ts'

export const seconds = (ms: number): number => Math.floor(ms / 1000)

/** `member`: whoever sees it has a role in its team, and may see people's names. */
export const presentBuild = (build: ListedBuild, member: boolean): z.input<typeof buildSchema> => ({
  ...presentSummary(build),
  api_url: `/api/v1/builds/${build.id}`,
  ...(build.rerun && { rerun_number: build.rerun.number, rerun_of: { id: build.rerun.of, ...(build.rerun.name !== undefined && { name: build.rerun.name }) } }),
  ...(member && build.createdBy !== undefined && { created_by: build.createdBy }),
})

/** With its comment, which members see, and of a public job strangers too. */
export const presentInFull = (build: ListedBuild, member: boolean): z.input<typeof buildSchema> => ({
  ...presentBuild(build, member),
  ...(build.comment !== undefined && (build.jobPublic || member) && { comment: build.comment }),
})

export const presentSummary = (build: ListedBuild): z.input<typeof buildSummarySchema> => ({
  id: build.id,
  name: build.name,
  status: build.status,
  team_name: build.team,
  ...(build.job !== undefined && { job_name: build.job }),
  ...(build.scope.pipelineId !== undefined && { pipeline_id: build.scope.pipelineId }),
  ...(build.pipeline !== undefined && { pipeline_name: build.pipeline }),
  ...(build.pipelineInstanceVars && { pipeline_instance_vars: build.pipelineInstanceVars }),
  ...(build.startedAt !== undefined && { start_time: seconds(build.startedAt) }),
  ...(build.endedAt !== undefined && { end_time: seconds(build.endedAt) }),
  ...(build.reapedAt !== undefined && { reap_time: seconds(build.reapedAt) }),
})

/** Why a pending build has not started; a started one waits for nothing. */
export function presentPreparation({ id, pendingReason: reason, status }: ListedBuild): z.input<typeof preparationSchema> {
  const when = (blocking: boolean) => (blocking ? ('blocking' as const) : ('not_blocking' as const))
  const inputs = inputsOf(reason)
  return {
    build_id: id,
    paused_pipeline: when(reason?.kind === 'pipeline-paused'),
    paused_job: when(reason?.kind === 'job-paused'),
    max_running_builds: when(reason?.kind === 'job-limit' || reason?.kind === 'queued'),
    inputs: Object.fromEntries(inputs.map(([name, missing]) => [name, when(missing !== undefined)])),
    inputs_satisfied: status === 'pending' && reason === undefined ? 'unknown' : when(reason?.kind === 'inputs' || reason?.kind === 'checking'),
    missing_input_reasons: Object.fromEntries(inputs.flatMap(([name, missing]) => (missing === undefined ? [] : [[name, missing]]))),
  }
}

/** Inputs by name, with what is missing of each. */
function inputsOf(reason: PendingReason | undefined): (readonly [name: string, missing: string | undefined])[] {
  switch (reason?.kind) {
    case 'checking':
      return reason.inputs.map((name) => [name, 'checking for latest available versions'])
    case 'inputs':
      return [...reason.missing.map(({ input, message }) => [input, message] as const), ...reason.resolved.map((name) => [name, undefined] as const)]
    case 'pipeline-paused':
    case 'job-paused':
    case 'job-limit':
    case 'queued':
    case undefined:
      return []
  }
}

import { apiPath } from './paths.ts'
import type { Build } from '../api/types.ts'
import { formatRoute } from '../routes/format.ts'
import type { PipelineId } from '../routes/route.ts'
import type { Action } from './action.ts'
import { fly, flyName, flyPipeline } from './fly.ts'

interface PipelineNow {
  readonly id: PipelineId
  readonly paused: boolean
  readonly archived: boolean
}

const archivedText = 'The pipeline is archived: set it again with fly set-pipeline'
export const impossibleIf = (archived: boolean): Pick<Action, 'impossible'> => (archived ? { impossible: archivedText } : {})

export function pauseOrUnpausePipeline({ id, paused, archived }: PipelineNow): Action {
  const verb = paused ? 'unpause' : 'pause'
  return {
    label: paused ? 'Unpause' : 'Pause',
    team: id.team,
    route: paused ? 'UnpausePipeline' : 'PausePipeline',
    role: 'pipeline-operator',
    method: 'PUT',
    path: apiPath(id, [verb]),
    fly: fly(`${verb}-pipeline`, '-p', flyPipeline(id)),
    ...impossibleIf(archived),
  }
}

/** Sets a pipeline to a config. `version`: the one that was changed; another that was set meanwhile is not overwritten. */
export function setPipeline(id: PipelineId, yaml: string, version?: string): Action {
  return {
    label: 'Set pipeline',
    team: id.team,
    route: 'SaveConfig',
    role: 'member',
    method: 'PUT',
    path: apiPath(id, ['config']),
    text: { type: 'application/x-yaml', content: yaml },
    ...(version !== undefined && { headers: { 'X-Concourse-Config-Version': version } }),
    fly: fly('set-pipeline', '-p', flyPipeline(id), '-c', 'pipeline.yml'),
    ...(id.pipeline === '' && { impossible: 'The pipeline needs a name' }),
  }
}

/** Says why something is paused that is paused already. */
const giveReason = (pause: Action, reason: string): Action => ({ ...pause, label: 'Save', body: { reason }, fly: fly('curl', pause.path, '--', '-X', 'PUT', '-d', JSON.stringify({ reason })) })
export const givePipelineReason = (id: PipelineId, archived: boolean) => (reason: string): Action => giveReason(pauseOrUnpausePipeline({ id, paused: false, archived }), reason)
export const giveJobReason = (now: JobNow) => (reason: string): Action => giveReason(pauseOrUnpauseJob(now, false), reason)

export interface JobNow {
  readonly id: PipelineId
  readonly job: string
  readonly archived: boolean
}

/** A new build of a job, whose link is shown when it is there. */
export function trigger({ id, job, archived }: JobNow, manualTriggerDisabled = false): Action {
  return {
    label: 'Trigger',
    team: id.team,
    route: 'CreateJobBuild',
    role: 'pipeline-operator',
    method: 'POST',
    path: apiPath(id, ['jobs', job, 'builds']),
    fly: fly('trigger-job', '-j', flyName(id, job)),
    ...impossibleIf(archived),
    ...(manualTriggerDisabled && { impossible: 'The config forbids to trigger this job by hand (disable_manual_trigger)' }),
    said: newBuild(id, job),
  }
}

/** A build with versions that are chosen for it, by input, and params of tasks; what is not there stays as it is. */
export function triggerWith(now: JobNow, { versions, params }: { readonly versions: Readonly<Record<string, number>>; readonly params: Readonly<Record<string, string>> }): Action {
  const body = { ...(Object.keys(versions).length > 0 && { versions }), ...(Object.keys(params).length > 0 && { params }) }
  const plain = trigger(now)
  // trigger-job has no options for them.
  return Object.keys(body).length === 0 ? plain : { ...plain, body, fly: fly('curl', plain.path, '--', '-X', 'POST', '-d', JSON.stringify(body)) }
}

export const newBuild = (id: PipelineId, job: string) => async (answer: Response) => {
  const build = (await answer.json()) as Build
  return { text: `${job} has a new build:`, link: { text: `#${build.name}`, href: formatRoute({ page: 'job-build', id, job, build: build.name, view: {} }) } }
}

export function pauseOrUnpauseJob({ id, job }: JobNow, paused: boolean): Action {
  const verb = paused ? 'unpause' : 'pause'
  return {
    label: paused ? 'Unpause' : 'Pause',
    team: id.team,
    route: paused ? 'UnpauseJob' : 'PauseJob',
    role: 'pipeline-operator',
    method: 'PUT',
    path: apiPath(id, ['jobs', job, verb]),
    fly: fly(`${verb}-job`, '-j', flyName(id, job)),
  }
}

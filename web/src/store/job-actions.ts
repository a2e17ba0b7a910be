import type { Build } from '../api/types.ts'
import { formatRoute } from '../routes/format.ts'
import type { PipelineId } from '../routes/route.ts'
import type { Action } from './action.ts'
import { fly, flyName } from './fly.ts'
import { apiPath } from './paths.ts'
import { impossibleIf } from './pipeline-actions.ts'

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

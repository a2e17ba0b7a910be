import { apiPath } from './paths.ts'
import type { Build } from '../api/types.ts'
import type { Action } from './action.ts'
import { fly, flyName } from './fly.ts'
import { newBuild, type JobNow } from './job-actions.ts'
import { impossibleIf } from './pipeline-actions.ts'

export function rerun({ id, job, archived }: JobNow, build: string, rerunsDisabled = false): Action {
  return {
    label: 'Rerun',
    team: id.team,
    route: 'RerunJobBuild',
    role: 'pipeline-operator',
    method: 'POST',
    path: apiPath(id, ['jobs', job, 'builds', build]),
    fly: fly('rerun-build', '-j', flyName(id, job), '-b', build),
    ...impossibleIf(archived),
    ...(rerunsDisabled && { impossible: 'The config forbids to run builds of this job again (disable_reruns)' }),
    said: newBuild(id, job),
  }
}

/** A new build that takes the steps before this one as they ended, and runs the rest. */
export function rerunFrom(now: JobNow, build: string, step: string): Action {
  const whole = rerun(now, build)
  const path = apiPath(now.id, ['jobs', now.job, 'builds', build], { from: step })
  return { ...whole, label: 'Rerun from here', path, fly: fly('curl', path, '--', '-X', 'POST') }
}

export function abort(team: string, { id, name, job_name: job, api_url: path }: Build): Action {
  return {
    label: 'Abort',
    team,
    route: 'AbortBuild',
    role: 'pipeline-operator',
    method: 'PUT',
    path: `${path}/abort`,
    fly: fly('abort-build', '-b', String(id)),
    confirm: { title: `Abort ${job === undefined ? `build ${id}` : `${job} #${name}`}?`, text: 'Its steps are stopped; hooks on_abort and ensure still run.' },
  }
}

/** What people say of a build; an empty text takes it away. */
export function comment(team: string, { api_url: path }: Build, text: string): Action {
  const [body, whole] = [{ comment: text }, `${path}/comment`]
  return { label: 'Save', team, route: 'SetBuildComment', role: 'pipeline-operator', method: 'PUT', path: whole, body, fly: fly('curl', whole, '--', '-X', 'PUT', '-d', JSON.stringify(body)) }
}

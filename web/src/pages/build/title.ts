import type { Build, Step } from '../../api/types.ts'

/** `unit #318`, `check of repo #4711`, `one-off #4711`: a build of no job is known by its id. */
export function titleOf({ id, name, job_name: job }: Pick<Build, 'id' | 'name' | 'job_name'>, steps: readonly Pick<Step, 'kind' | 'name' | 'parent'>[]): string {
  if (job !== undefined) return `${job} #${name}`
  if (name !== 'check') return `one-off #${id}`
  const resource = checkedIn(steps)
  return resource === undefined ? `check #${id}` : `check of ${resource} #${id}`
}

/** What a check's build checks; undefined: its steps are not there (yet), or not for whoever looks. */
export const checkedIn = (steps: readonly Pick<Step, 'kind' | 'name' | 'parent'>[]): string | undefined => steps.find(({ kind, parent }) => kind === 'check' && parent === undefined)?.name

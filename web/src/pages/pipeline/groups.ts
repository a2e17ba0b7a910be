import type { JobSummary, Pipeline } from '../../api/types.ts'

/** The groups that are shown: those of the URL that there are, else the config's first. None: the pipeline has no groups. */
export function shownGroups({ groups = [] }: Pick<Pipeline, 'groups'>, wanted: readonly string[]): readonly string[] {
  const names = groups.map(({ name }) => name)
  const found = names.filter((name) => wanted.includes(name))
  return found.length > 0 ? found : names.slice(0, 1)
}

export const jobsOfGroups = (jobs: readonly JobSummary[], shown: readonly string[]): readonly JobSummary[] =>
  shown.length === 0 ? jobs : jobs.filter(({ groups = [] }) => groups.some((name) => shown.includes(name)))

/** What is shown after a click on a group: it alone, or with Shift it too, or no more. */
export function afterClick(shown: readonly string[], clicked: string, shift: boolean): readonly string[] {
  if (!shift) return [clicked]
  if (!shown.includes(clicked)) return [...shown, clicked]
  return shown.length === 1 ? shown : shown.filter((name) => name !== clicked)
}

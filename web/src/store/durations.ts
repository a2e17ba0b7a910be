import type { Build, JobStats } from '../api/types.ts'

/** The newest builds, the oldest of them first. */
export const lastBuilds = (newestFirst: readonly Build[], most: number): readonly Build[] => newestFirst.slice(0, most).toReversed()

/** How long a build took, in ms; undefined: it has not ended, or never started. */
export const durationOf = ({ start_time: start, end_time: end }: Pick<Build, 'start_time' | 'end_time'>): number | undefined => (start === undefined || end === undefined ? undefined : (end - start) * 1000)

/** Of those that succeeded, or else of all that ended: what failed early says little about how long a build takes. */
export function median(builds: readonly Build[]): number | undefined {
  const took = (wanted: readonly Build[]) => wanted.flatMap((build) => durationOf(build) ?? [])
  const good = took(builds.filter(({ status }) => status === 'succeeded'))
  return middle(good.length > 0 ? good : took(builds))
}

export function slowestStep({ steps }: JobStats): { readonly name: string; readonly ms: number } | undefined {
  const all = steps.flatMap(({ name, ms }) => {
    const typical = middle(ms.filter((one) => one !== null))
    return typical === undefined ? [] : [{ name, ms: typical }]
  })
  return all.toSorted((a, b) => b.ms - a.ms)[0]
}

function middle(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return Number.isInteger(half) ? (sorted.length === 0 ? undefined : (sorted[half - 1]! + sorted[half]!) / 2) : sorted[Math.floor(half)]
}

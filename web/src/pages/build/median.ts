import type { Build } from '../../api/types.ts'

/** How long builds usually take, ms: those that succeeded, for what fails early says little. */
export function medianOf(builds: readonly Build[]): number | undefined {
  const took = builds.flatMap(({ status, start_time: start, end_time: end }) => (status === 'succeeded' && start !== undefined && end !== undefined ? [(end - start) * 1_000] : []))
  const sorted = took.toSorted((a, b) => a - b)
  return sorted.length < 3 ? undefined : sorted[Math.floor(sorted.length / 2)]
}

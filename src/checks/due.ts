import { defaultIntervalMs, intervalAfter } from './backoff.ts'
import type { CheckTimes } from './ports.ts'

/** `never`: only when somebody wants a check. */
export type CheckInterval = number | 'never'

export const isWanted = ({ wantedAt, startedAt }: CheckTimes): boolean => wantedAt !== undefined && (startedAt === undefined || wantedAt > startedAt)

/**
 * When a scope is to be checked, from the end of its last check; undefined: not until somebody wants it. `periodic`: some resource of the
 * scope is checked without being asked (which.ts). `random`: from 0 to 1, the same for one end.
 */
export function dueAt(times: CheckTimes, { interval = defaultIntervalMs, periodic }: { readonly interval?: CheckInterval | undefined; readonly periodic: boolean }, random: number): number | undefined {
  if (isWanted(times)) return times.wantedAt
  if (!periodic || interval === 'never') return undefined
  if (times.endedAt === undefined) return 0
  return times.endedAt + intervalAfter(interval, times.failures, random)
}

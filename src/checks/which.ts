import { parseDuration } from '../lib/duration.ts'
import type { CheckInterval } from './due.ts'
import type { CheckedResource, CheckTimes } from './ports.ts'

/**
 * Whether a resource is checked without being asked: when what it finds triggers a job, and until there is something to use: a check that
 * succeeded, a version for an input, the version that it is pinned to. A resource that is only put is checked until a check succeeds.
 */
export function isPeriodic({ paused, triggers, isInput, hasVersions, pinFound }: CheckedResource, { endedAt, failures }: CheckTimes): boolean {
  if (paused) return false
  return triggers || endedAt === undefined || failures > 0 || (isInput && !hasVersions) || !pinFound
}

/** Undefined: the default. What validation would refuse counts as that. */
export const intervalOf = ({ checkEvery }: Pick<CheckedResource, 'checkEvery'>): CheckInterval | undefined =>
  checkEvery === undefined || checkEvery === 'never' ? checkEvery : parseDuration(checkEvery)

/** Between two checks of a resource that says nothing else, in ms. */
export const defaultIntervalMs = 60_000
/** The longest that failures make an interval; one that is longer by itself stays as it is. */
export const longestBackoffMs = 30 * 60_000
/** The share of an interval by which it is made shorter or longer at random, so that what began together does not stay together. */
const jitter = 0.1

/**
 * From the end of a check to the next one. Each failure in a row after the first doubles it, so that what is broken costs little.
 * `random`: from 0 to 1.
 */
export function intervalAfter(everyMs: number, failures: number, random: number): number {
  if (failures === 0) return everyMs
  const doubled = everyMs * 2 ** Math.min(failures, 32)
  const backedOff = Math.max(everyMs, Math.min(doubled, longestBackoffMs))
  return Math.round(backedOff * (1 - jitter + 2 * jitter * random))
}

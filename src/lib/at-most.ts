import { enough, type Clock } from './clock.ts'

/** Waits for `work`, but no longer than `ms`: it goes on behind. Rejects when it does before that. */
export async function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController()
  try {
    await Promise.race([work, clock.sleep(ms, late.signal).catch(() => undefined)])
  } finally {
    late.abort(enough)
  }
}

import { enough, systemClock, type Clock } from '../../../src/lib/clock.ts'

/** The system's time, and by how much a test has moved it on. */
export interface MovedClock extends Clock {
  /** Sleeps whose time has come by it end. */
  advance(ms: number): void
}

export function movedClock(): MovedClock {
  let ahead = 0
  const now = (): number => systemClock.now() + ahead
  const sleepers = new Map<AbortController, number>()
  return {
    now,
    async sleep(ms, signal) {
      const woken = new AbortController()
      sleepers.set(woken, now() + ms)
      try {
        await systemClock.sleep(ms, signal === undefined ? woken.signal : AbortSignal.any([signal, woken.signal]))
      } catch (error) {
        if (signal?.aborted === true || !woken.signal.aborted) throw error
      } finally {
        sleepers.delete(woken)
      }
    },
    advance(ms) {
      ahead += ms
      for (const [sleeper, until] of sleepers) if (until <= now()) sleeper.abort(enough)
    },
  }
}

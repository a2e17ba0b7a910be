import type { Clock } from '../../lib/clock.ts'

/** A bell that wakes whoever waits for it; rung while nobody waits, it is not lost. */
export interface Bell {
  readonly ring: () => void
  /** Resolves when it rings, after `ms`, or at the signal's abort; never rejects. */
  wait(clock: Clock, ms: number | undefined, signal?: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      wake?.()
    },
    async wait(clock, ms, signal) {
      if (!rung && signal?.aborted !== true) {
        const timer = new AbortController()
        await new Promise<void>((resolve) => {
          wake = resolve
          signal?.addEventListener('abort', () => resolve(), { once: true, signal: timer.signal })
          if (ms !== undefined) void clock.sleep(ms, timer.signal).then(resolve, () => {})
        })
        timer.abort()
        wake = undefined
      }
      rung = false
    },
  }
}

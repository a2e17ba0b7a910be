import type { Clock } from '../lib/clock.ts'

/** What of a process is needed here. */
interface Signalled {
  once(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
}

/** Resolves at the first TERM or INT. */
export const stopRequested = (process: Signalled): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })

export interface StopLimits {
  readonly process: Signalled
  readonly clock: Clock
  /** After so long it is enough. */
  readonly limitMs: number
}

/** Waits for `stopping`, but not past the limit or the next TERM or INT: gives why it did not wait to the end, if so. */
export async function stopped(stopping: Promise<void>, { process, clock, limitMs }: StopLimits): Promise<'second-signal' | 'too-late' | undefined> {
  const over = new AbortController()
  try {
    return await Promise.race([
      stopping.then(() => undefined),
      stopRequested(process).then(() => 'second-signal' as const),
      clock.sleep(limitMs, over.signal).then(() => 'too-late' as const, () => undefined),
    ])
  } finally {
    over.abort()
  }
}

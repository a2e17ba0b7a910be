/** Time as a dependency, so that tests can move it. Only what compares with times of files or of processes, or prints, asks the system. Milliseconds everywhere. */
export interface Clock {
  /** Unix time in ms. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A reason for ending a sleep that nobody asks for; without one each abort makes an exception with its stack. */
export const enough: Error = Object.assign(new Error('enough'), { stack: '' })

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    let left = ms
    for (; left > longestTimer; left -= longestTimer) await timer(longestTimer, signal)
    await timer(left, signal)
  },
}

/** Node's timers fire at once when they are asked for more. */
const longestTimer = 2 ** 31 - 1

const timer = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(asError(signal.reason))
    const aborted = (): void => {
      clearTimeout(id)
      reject(asError(signal?.reason))
    }
    const id = setTimeout(() => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    }, ms)
    signal?.addEventListener('abort', aborted, { once: true })
  })

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time on; sleepers wake in order of their time, each before the next one's turn. */
  advance(ms: number): Promise<void>
  /** Sleeps that nobody has ended yet. */
  readonly sleeping: number
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** `start`: unix ms at which it stands. @testonly */
export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let time = start
  const sleepers = new Set<Sleeper>()
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(asError(signal.reason))
        const sleeper: Sleeper = {
          at: time + Math.max(0, ms),
          wake: () => {
            signal?.removeEventListener('abort', aborted)
            resolve()
          },
        }
        const aborted = (): void => {
          sleepers.delete(sleeper)
          reject(asError(signal?.reason))
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', aborted, { once: true })
      }),
    async advance(ms) {
      const end = time + ms
      await settle()
      for (;;) {
        let next: Sleeper | undefined
        for (const sleeper of sleepers) if (sleeper.at <= end && (next === undefined || sleeper.at < next.at)) next = sleeper
        if (next === undefined) break
        time = Math.max(time, next.at)
        sleepers.delete(next)
        next.wake()
        await settle()
      }
      time = end
    },
    get sleeping() {
      return sleepers.size
    },
  }
}

/** Lets everything run that is ready to: promise callbacks and one turn of the event loop. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('aborted', { cause: reason }))

/**
 * Concurrent calls with the same key share one run. The run is aborted when all callers have aborted; a caller that aborts before the
 * others gets its signal's reason.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, { promise: Promise<T>; waiting: number; abort: AbortController }>()

  async run(key: string, signal: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    let flight = this.#flights.get(key)
    if (flight === undefined) {
      const abort = new AbortController()
      const promise = start(abort.signal).finally(() => {
        if (this.#flights.get(key)?.abort === abort) this.#flights.delete(key)
      })
      promise.catch(() => undefined) // the waiting callers get the error
      flight = { promise, waiting: 0, abort }
      this.#flights.set(key, flight)
    }
    const mine = flight
    mine.waiting++
    try {
      return await (signal === undefined ? mine.promise : orAborted(mine.promise, signal))
    } finally {
      mine.waiting--
      if (mine.waiting === 0 && this.#flights.get(key) === mine) {
        this.#flights.delete(key)
        mine.abort.abort()
      }
    }
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    signal.addEventListener('abort', aborted, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}

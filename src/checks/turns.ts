/** One at a time for each key, in the order in which they came. */
export class Turns {
  /** By key: resolves when the last one that came has ended. */
  readonly #last = new Map<string, Promise<void>>()

  /** Resolves with the function that ends the turn. Rejects with the signal's reason when that aborts before. */
  async take(key: string, signal: AbortSignal): Promise<() => void> {
    const before = this.#last.get(key)
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    // One that gave up still waits for those before it: who comes later waits for all.
    const after = before === undefined ? ended : before.then(() => ended)
    this.#last.set(key, after)
    void after.then(() => {
      if (this.#last.get(key) === after) this.#last.delete(key)
    })
    if (before === undefined) return end
    try {
      await unlessAborted(before, signal)
      return end
    } catch (error) {
      end()
      throw error
    }
  }
}

function unlessAborted(waited: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const reason = (): Error => (signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }))
    if (signal.aborted) return reject(reason())
    const aborted = (): void => reject(reason())
    signal.addEventListener('abort', aborted, { once: true })
    void waited.then(() => {
      signal.removeEventListener('abort', aborted)
      resolve()
    })
  })
}

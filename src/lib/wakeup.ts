import { enough, type Clock } from './clock.ts'

/** Wakes one waiter. A wake-up that comes while nobody waits is kept for the next wait. */
export class Wakeup {
  #woken = false
  #resolve: (() => void) | undefined

  wake(): void {
    this.#woken = true
    this.#resolve?.()
  }

  /** Waits until it is woken (true), `ms` have passed or the signal aborts (false). It never rejects. */
  async wait(clock: Clock, ms: number | undefined, signal?: AbortSignal): Promise<boolean> {
    if (!this.#woken && signal?.aborted !== true) {
      const over = new AbortController()
      await new Promise<void>((resolve) => {
        this.#resolve = resolve
        signal?.addEventListener('abort', () => resolve(), { once: true, signal: over.signal })
        if (ms !== undefined) clock.sleep(ms, over.signal).then(resolve, () => undefined)
      })
      over.abort(enough)
      this.#resolve = undefined
    }
    return this.#take()
  }

  /** Waits until it is woken, without a timer and a signal: a thousand that wait for each line of a log cost little. */
  async woken(): Promise<void> {
    if (!this.#woken) await new Promise<void>((resolve) => (this.#resolve = resolve))
    this.#resolve = undefined
    this.#take()
  }

  #take(): boolean {
    const woken = this.#woken
    this.#woken = false
    return woken
  }
}

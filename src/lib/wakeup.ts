import type { Clock } from './clock.ts'

/** A signal for one waiter; one that came while nobody waited is kept. */
export class Wakeup {
  #woken = false
  #resolve: (() => void) | undefined

  wake(): void {
    this.#woken = true
    this.#resolve?.()
  }

  /** Call before looking, so that what comes while looking is not missed. */
  reset(): void {
    this.#woken = false
  }

  /** True when woken, false after `ms`; rejects with the signal's reason. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.#woken) return true
    const slept = new AbortController()
    const woken = new Promise<true>((resolve) => {
      this.#resolve = () => resolve(true)
    })
    try {
      return await Promise.race([woken, clock.sleep(ms, AbortSignal.any([signal, slept.signal])).then(() => false)])
    } finally {
      this.#resolve = undefined
      slept.abort(new Error('woken'))
    }
  }
}

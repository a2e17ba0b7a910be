import type { Clock } from './clock.ts'
import { KeptMap } from './kept-map.ts'

export interface Rate {
  readonly perSecond: number
  /** So many at once, after a pause. */
  readonly burst: number
}

/** Keys whose use is remembered; one that is forgotten begins anew. */
const remembered = 10_000

/** How often something may be done, for each key: a bucket that fills again. */
export class RateLimit {
  readonly #clock: Clock
  readonly #rate: Rate
  readonly #buckets = new KeptMap<string, { readonly left: number; readonly at: number }>(remembered)

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#rate = rate
  }

  /** Whether it may be done once more now; if so that counts. */
  take(key: string): boolean {
    const now = this.#clock.now()
    const { perSecond, burst } = this.#rate
    const known = this.#buckets.get(key)
    const left = known === undefined ? burst : Math.min(burst, known.left + ((now - known.at) / 1000) * perSecond)
    this.#buckets.set(key, { left: left < 1 ? left : left - 1, at: now })
    return left >= 1
  }
}

import { enough, type Clock } from '../lib/clock.ts'

interface Wait {
  readonly withinMs: number
  /** Resolves when no answer can come any more. */
  readonly closed?: Promise<unknown>
}

/** Pings of a control channel that have not been answered. A pong answers all of them. */
export class Pings {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  onPong(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  /** Whether a pong comes in time after `send` has sent a ping. */
  async answered(send: () => void, { withinMs, closed }: Wait): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const ponged = (): void => resolve(true)
    this.#waiting.add(ponged)
    send()
    const waiting = new AbortController()
    void closed?.then(() => resolve(false))
    void this.#clock.sleep(withinMs, waiting.signal).then(
      () => resolve(false),
      () => {},
    )
    const answer = await promise
    waiting.abort(enough)
    this.#waiting.delete(ponged)
    return answer
  }
}

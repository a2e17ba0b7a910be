import type { Clock } from '../lib/clock.ts'
import { KeptMap } from '../lib/kept-map.ts'

const windowMs = 5 * 60_000
const failuresOfUser = 10
const failuresOfAddress = 30
/** fly sends each wrong password twice: with HTTP Basic, then in the form. */
const repeatMs = 5_000
const remembered = 10_000
/** Passwords that are checked at once: each hash takes 32 MiB. */
const mostAtOnce = 8
const mostWaiting = 500

export interface LoginAttempt {
  /** Whatever came of it. */
  end(): void
}

/** Refuses logins after too many failures of a user or an address. */
export class LoginLimits {
  readonly #clock: Clock
  readonly #failures = new KeptMap<string, readonly number[]>(remembered)
  readonly #lastFailure = new KeptMap<string, { readonly password: string; readonly at: number }>(remembered)

  readonly #underWay = new Map<string, number>()
  #total = 0
  #waiting = 0
  #changed = Promise.withResolvers<void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Waits for its turn: no more attempts of a user or an address are under way than may fail, so that many at once get no more guesses
   * than one after the other. Undefined: there were too many failures, or too many wait.
   */
  async begin(user: string, address: string): Promise<LoginAttempt | undefined> {
    for (;;) {
      if (!this.allows(user, address)) return undefined
      if (this.#hasTurn(user, address)) break
      if (this.#waiting >= mostWaiting) return undefined
      this.#waiting++
      await this.#changed.promise
      this.#waiting--
    }
    this.#count(user, address, 1)
    return {
      end: () => {
        this.#count(user, address, -1)
        this.#changed.resolve()
        this.#changed = Promise.withResolvers()
      },
    }
  }

  #hasTurn(user: string, address: string): boolean {
    const fits = (key: string, most: number): boolean => this.#recent(key).length + (this.#underWay.get(key) ?? 0) < most
    return this.#total < mostAtOnce && fits(`user ${user}`, failuresOfUser) && fits(`address ${address}`, failuresOfAddress)
  }

  #count(user: string, address: string, by: 1 | -1): void {
    this.#total += by
    for (const key of [`user ${user}`, `address ${address}`]) {
      const count = (this.#underWay.get(key) ?? 0) + by
      if (count === 0) this.#underWay.delete(key)
      else this.#underWay.set(key, count)
    }
  }

  allows(user: string, address: string): boolean {
    return this.#recent(`user ${user}`).length < failuresOfUser && this.#recent(`address ${address}`).length < failuresOfAddress
  }

  /** `password`: a hash of it; the same one again within seconds counts once. */
  failed(user: string, address: string, password: string): void {
    const now = this.#clock.now()
    const attempt = JSON.stringify([user, address])
    const last = this.#lastFailure.get(attempt)
    if (last?.password === password && now - last.at < repeatMs) return
    this.#lastFailure.set(attempt, { password, at: now })
    for (const key of [`user ${user}`, `address ${address}`]) this.#failures.set(key, [...this.#recent(key), now])
  }

  #recent(key: string): readonly number[] {
    const since = this.#clock.now() - windowMs
    return (this.#failures.get(key) ?? []).filter((at) => at > since)
  }
}

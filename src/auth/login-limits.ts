import type { Clock } from '../lib/clock.ts'
import { KeptMap } from '../lib/kept-map.ts'

const windowMs = 5 * 60_000
const failuresOfUser = 10
const failuresOfAddress = 30
/** fly sends each wrong password twice: with HTTP Basic, then in the form. */
const repeatMs = 5_000
const remembered = 10_000

/** Refuses logins after too many failures of a user or an address. */
export class LoginLimits {
  readonly #clock: Clock
  readonly #failures = new KeptMap<string, readonly number[]>(remembered)
  readonly #lastFailure = new KeptMap<string, { readonly password: string; readonly at: number }>(remembered)

  constructor(clock: Clock) {
    this.#clock = clock
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

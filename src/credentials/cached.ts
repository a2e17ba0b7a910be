import type { Clock } from '../lib/clock.ts'
import { ok } from '../model/result.ts'
import type { FoundSecret, SecretAnswer, SecretManager } from './manager.ts'
import type { CacheOptions } from './options.ts'

export const mostEntries = 10_000
/** Characters of all values together. */
export const mostCharacters = 64 * 1024 * 1024

interface Entry {
  readonly found: FoundSecret | undefined
  readonly size: number
  readonly until: number
}

/** Remembers a manager's answers, also that there is no such secret; never a fault. A secret with a lease is forgotten when that ends. */
export function cached(manager: SecretManager, options: CacheOptions, clock: Clock): SecretManager {
  if (manager.caching === 'never') return manager
  const cache = new AnswerCache(options, clock)
  const asking = new Map<string, Promise<SecretAnswer>>()
  return {
    ...manager,
    async get(path, scope) {
      const known = cache.get(path)
      if (known !== undefined) return ok(known.found)
      const asked = asking.get(path) ?? manager.get(path, scope).finally(() => asking.delete(path))
      asking.set(path, asked)
      const answer = await asked
      if (answer.ok) cache.set(path, answer.value)
      return answer
    },
  }
}

class AnswerCache {
  /** In the order in which they were set. */
  readonly #entries = new Map<string, Entry>()
  readonly #options: CacheOptions
  readonly #clock: Clock
  #size = 0

  constructor(options: CacheOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  get(path: string): Entry | undefined {
    const entry = this.#entries.get(path)
    if (entry === undefined || entry.until > this.#clock.now()) return entry
    this.#delete(path)
    return undefined
  }

  /** The oldest entries make room for a new one. */
  set(path: string, found: FoundSecret | undefined): void {
    const { durationMs, notFoundMs } = this.#options
    const forMs = found === undefined ? notFoundMs : Math.min(durationMs, found.leaseMs ?? durationMs)
    this.#delete(path)
    if (forMs <= 0) return
    const size = path.length + (found === undefined ? 0 : JSON.stringify(found.value).length)
    this.#entries.set(path, { found, size, until: this.#clock.now() + forMs })
    this.#size += size
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= mostEntries && this.#size <= mostCharacters) return
      this.#delete(oldest)
    }
  }

  #delete(path: string): void {
    this.#size -= this.#entries.get(path)?.size ?? 0
    this.#entries.delete(path)
  }
}

import { createHash } from 'node:crypto'
import { canonicalJson } from '../lib/canonical-json.ts'
import type { Clock } from '../lib/clock.ts'
import type { Json } from '../model/json.ts'
import { ok, type Result } from '../model/result.ts'
import type { SecretManager } from './manager.ts'

export interface PoolOptions {
  readonly make: (type: string, config: Json) => Result<SecretManager, string>
  readonly clock: Clock
  /** One that nobody has used for so long is closed. */
  readonly recycleMs: number
}

interface Pooled {
  readonly manager: SecretManager
  lastUsed: number
  inUse: number
}

/** More are closed when nobody is waiting for an answer of theirs. */
export const mostManagers = 500

/** Managers of var sources, by type and config: a login and a cache serve all builds and checks of the same var source. */
export class ManagerPool {
  readonly #options: PoolOptions
  /** In the order of their last use. */
  readonly #pooled = new Map<string, Pooled>()

  constructor(options: PoolOptions) {
    this.#options = options
  }

  managerOf(type: string, config: Json): Result<SecretManager, string> {
    const key = createHash('sha256').update(canonicalJson([type, config])).digest('hex')
    let pooled = this.#pooled.get(key)
    if (pooled === undefined) {
      const made = this.#options.make(type, config)
      if (!made.ok) return made
      pooled = { manager: made.value, lastUsed: 0, inUse: 0 }
    }
    this.#pooled.delete(key)
    this.#pooled.set(key, pooled)
    pooled.lastUsed = this.#options.clock.now()
    this.#recycle()
    return ok(this.#counted(pooled))
  }

  /** Keeps logins alive and closes what is not used. */
  async tend(): Promise<void> {
    this.#recycle()
    await Promise.all([...this.#pooled.values()].map(({ manager }) => manager.tend?.()))
  }

  async close(): Promise<void> {
    const all = [...this.#pooled.values()]
    this.#pooled.clear()
    await Promise.all(all.map(({ manager }) => manager.close?.()))
  }

  #counted(pooled: Pooled): SecretManager {
    const { manager } = pooled
    return {
      paths: (name, scope) => manager.paths(name, scope),
      async get(path, scope) {
        pooled.inUse += 1
        try {
          return await manager.get(path, scope)
        } finally {
          pooled.inUse -= 1
        }
      },
    }
  }

  #recycle(): void {
    const { clock, recycleMs } = this.#options
    for (const [key, { manager, lastUsed, inUse }] of this.#pooled) {
      if (this.#pooled.size <= mostManagers && lastUsed + recycleMs > clock.now()) return
      if (inUse > 0 || lastUsed === clock.now()) continue
      this.#pooled.delete(key)
      void manager.close?.()
    }
  }
}

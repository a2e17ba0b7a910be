import type { Clock } from '../lib/clock.ts'
import { KeptMap } from '../lib/kept-map.ts'
import type { Result } from '../model/result.ts'
import type { Identity, Team } from '../model/team.ts'
import type { ApiToken, HeldToken, NewApiToken, NewToken, Person, TeamStore, TokenStore } from './ports.ts'

/** How long a server goes by what it has read. Changes are announced, but an announcement may be lost with a connection. */
export const cachedMs = 30_000
const mostTokens = 10_000
/** An API token's last use is written at most so often. */
const usedEveryMs = 5 * 60_000

/** Reads of tokens, which each request makes. */
export class CachedTokens implements TokenStore {
  readonly #store: TokenStore
  readonly #clock: Clock
  readonly #held = new KeptMap<string, { readonly token: HeldToken; readonly readAt: number }>(mostTokens)
  #dropped = 0

  constructor(store: TokenStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Tokens have changed, perhaps by another server. */
  drop(): void {
    this.#dropped++
    this.#held.clear()
  }

  async find(hash: Uint8Array, now: number): Promise<HeldToken | undefined> {
    const key = Buffer.from(hash).toString('base64')
    const known = this.#held.get(key)
    if (known !== undefined && now - known.readAt < cachedMs) return known.token.expiresAt > now ? known.token : undefined
    const dropped = this.#dropped
    const token = await this.#store.find(hash, now)
    if (token === undefined) return undefined
    if (token.kind === 'api' && now - (token.lastUsedAt ?? 0) >= usedEveryMs) await this.#store.used(token.id, now)
    // What was read before a change is not kept after it.
    if (dropped === this.#dropped) this.#held.set(key, { token, readAt: now })
    return token
  }

  async login(identity: Identity, now: number): Promise<Person> {
    const person = await this.#store.login(identity, now)
    this.drop()
    return person
  }

  issue(ownerId: number, token: NewToken, now: number): Promise<void> {
    return this.#store.issue(ownerId, token, now)
  }

  async revoke(hash: Uint8Array): Promise<void> {
    await this.#store.revoke(hash)
    this.drop()
  }

  createApiToken(ownerId: number, token: NewApiToken, now: number): Promise<Result<ApiToken, 'no-team' | 'too-many'>> {
    return this.#store.createApiToken(ownerId, token, now)
  }

  apiTokens(ownerId: number): Promise<readonly ApiToken[]> {
    return this.#store.apiTokens(ownerId, this.#clock.now())
  }

  async revokeApiToken(ownerId: number, id: number): Promise<boolean> {
    const revoked = await this.#store.revokeApiToken(ownerId, id)
    this.drop()
    return revoked
  }

  used(id: number, now: number): Promise<void> {
    return this.#store.used(id, now)
  }
}

/** The list of teams, which each request goes by. */
export class CachedTeams implements TeamStore {
  readonly #store: TeamStore
  readonly #clock: Clock
  #list: { readonly teams: Promise<readonly Team[]>; readonly readAt: number } | undefined

  constructor(store: TeamStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Teams have changed, perhaps by another server. */
  drop(): void {
    this.#list = undefined
  }

  list(): Promise<readonly Team[]> {
    const now = this.#clock.now()
    if (this.#list !== undefined && now - this.#list.readAt < cachedMs) return this.#list.teams
    const list = { teams: this.#store.list(), readAt: now }
    this.#list = list
    // Whoever asks next asks the database again.
    list.teams.catch(() => {
      if (this.#list === list) this.drop()
    })
    return list.teams
  }

  put(team: Omit<Team, 'id'>, now: number): Promise<void> {
    return this.#changed(this.#store.put(team, now))
  }

  rename(name: string, to: string): Promise<'renamed' | 'unknown' | 'taken'> {
    return this.#changed(this.#store.rename(name, to))
  }

  remove(name: string): Promise<'removed' | 'unknown' | 'last-admin'> {
    return this.#changed(this.#store.remove(name))
  }

  async #changed<T>(change: Promise<T>): Promise<T> {
    try {
      return await change
    } finally {
      this.drop()
    }
  }
}

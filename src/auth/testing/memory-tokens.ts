import { fail, ok, type Result } from '../../model/result.ts'
import type { Identity } from '../../model/team.ts'
import { folded } from '../auth-strings.ts'
import { mostApiTokens, type ApiToken, type HeldToken, type NewApiToken, type NewToken, type Person, type TokenStore } from '../ports.ts'

type StoredPerson = Omit<Person, 'nameIsTheirs'>
type StoredToken = NewToken & { readonly id: number; readonly ownerId: number; readonly api?: ApiToken; readonly lastUsedAt?: number }

/** As db's Tokens, in memory. It passes the same suite. */
export class MemoryTokens implements TokenStore {
  private readonly tokens = new Map<string, StoredToken>()
  private readonly people = new Map<string, StoredPerson>()
  private readonly names = new Map<string, string>()
  private lastId = 0
  private readonly teams: readonly string[]

  /** `teams`: those that there are. */
  constructor(teams: readonly string[] = ['main', 'other']) {
    this.teams = teams
  }

  login(identity: Identity, now: number): Promise<Person> {
    const known = this.people.get(keyOf(identity.connector, identity.subject))
    const person: StoredPerson = { ...identity, id: known?.id ?? this.people.size + 1, lastLoginAt: now }
    this.people.set(keyOf(identity.connector, identity.subject), person)
    this.names.set(keyOf(identity.connector, folded(identity.subject)), identity.subject)
    const name = keyOf(identity.connector, folded(identity.name))
    if (!this.names.has(name)) this.names.set(name, identity.subject)
    return Promise.resolve(this.known(person))
  }

  issue(ownerId: number, token: NewToken): Promise<void> {
    this.tokens.set(hex(token.hash), { ...token, id: ++this.lastId, ownerId })
    return Promise.resolve()
  }

  find(hash: Uint8Array, now: number): Promise<HeldToken | undefined> {
    const token = this.tokens.get(hex(hash))
    const owner = [...this.people.values()].find(({ id }) => id === token?.ownerId)
    if (token === undefined || owner === undefined || token.expiresAt <= now) return Promise.resolve(undefined)
    return Promise.resolve({ id: token.id, kind: token.kind, owner: this.known(owner), ceiling: token.api?.ceiling ?? {}, expiresAt: token.expiresAt, ...(token.lastUsedAt !== undefined && { lastUsedAt: token.lastUsedAt }) })
  }

  revoke(hash: Uint8Array): Promise<void> {
    this.tokens.delete(hex(hash))
    return Promise.resolve()
  }

  createApiToken(ownerId: number, { hash, ...token }: NewApiToken, now: number): Promise<Result<ApiToken, 'no-team' | 'too-many'>> {
    if (this.ofOwner(ownerId, now).length >= mostApiTokens) return Promise.resolve(fail('too-many'))
    if (token.ceiling.team !== undefined && !this.teams.includes(token.ceiling.team)) return Promise.resolve(fail('no-team'))
    const id = ++this.lastId
    const api: ApiToken = { id, ...token, createdAt: now }
    this.tokens.set(hex(hash), { hash, kind: 'api', expiresAt: token.expiresAt, id, ownerId, api })
    return Promise.resolve(ok(api))
  }

  apiTokens(ownerId: number, now: number): Promise<readonly ApiToken[]> {
    return Promise.resolve(this.ofOwner(ownerId, now).toSorted((a, b) => b.id - a.id))
  }

  revokeApiToken(ownerId: number, id: number): Promise<boolean> {
    const key = [...this.tokens].find(([, token]) => token.id === id && token.ownerId === ownerId && token.api !== undefined)?.[0]
    return Promise.resolve(key !== undefined && this.tokens.delete(key))
  }

  used(id: number, now: number): Promise<void> {
    for (const [key, token] of this.tokens) if (token.id === id) this.tokens.set(key, { ...token, lastUsedAt: now })
    return Promise.resolve()
  }

  private ofOwner(ownerId: number, now: number): ApiToken[] {
    const own = [...this.tokens.values()].filter((token) => token.ownerId === ownerId && token.expiresAt > now)
    return own.flatMap(({ api, lastUsedAt }) => (api === undefined ? [] : [{ ...api, ...(lastUsedAt !== undefined && { lastUsedAt }) }]))
  }

  private known(person: StoredPerson): Person {
    return { ...person, nameIsTheirs: this.names.get(keyOf(person.connector, folded(person.name))) === person.subject }
  }
}

const keyOf = (connector: string, text: string): string => JSON.stringify([connector, text])
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex')

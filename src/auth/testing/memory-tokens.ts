import type { Identity } from '../../model/team.ts'
import { folded } from '../auth-strings.ts'
import type { HeldToken, NewToken, Person, TokenStore } from '../ports.ts'

type StoredPerson = Omit<Person, 'nameIsTheirs'>

/** As db's Tokens, in memory. It passes the same suite. */
export class MemoryTokens implements TokenStore {
  private readonly tokens = new Map<string, NewToken & { readonly id: number; readonly ownerId: number }>()
  private readonly people = new Map<string, StoredPerson>()
  private readonly names = new Map<string, string>()
  private lastId = 0

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
    return Promise.resolve({ id: token.id, kind: token.kind, owner: this.known(owner), ceiling: {}, expiresAt: token.expiresAt })
  }

  revoke(hash: Uint8Array): Promise<void> {
    this.tokens.delete(hex(hash))
    return Promise.resolve()
  }

  private known(person: StoredPerson): Person {
    return { ...person, nameIsTheirs: this.names.get(keyOf(person.connector, folded(person.name))) === person.subject }
  }
}

const keyOf = (connector: string, text: string): string => JSON.stringify([connector, text])
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex')

import type { Identity } from '../../model/team.ts'
import type { TokenStore } from '../ports.ts'

/** As db's Tokens, in memory. It passes the same suite. */
export class MemoryTokens implements TokenStore {
  private readonly tokens = new Map<string, { readonly person: string; readonly expiresAt: number }>()
  private readonly people = new Map<string, Identity>()

  save(hash: Uint8Array, identity: Identity, _now: number, expiresAt: number): Promise<void> {
    const person = JSON.stringify([identity.connector, identity.subject])
    this.people.set(person, identity)
    this.tokens.set(key(hash), { person, expiresAt })
    return Promise.resolve()
  }

  find(hash: Uint8Array, now: number): Promise<Identity | undefined> {
    const token = this.tokens.get(key(hash))
    return Promise.resolve(token === undefined || token.expiresAt <= now ? undefined : this.people.get(token.person))
  }

  revoke(hash: Uint8Array): Promise<void> {
    this.tokens.delete(key(hash))
    return Promise.resolve()
  }
}

const key = (hash: Uint8Array): string => Buffer.from(hash).toString('hex')

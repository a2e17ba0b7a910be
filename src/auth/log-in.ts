import type { Clock } from '../lib/clock.ts'
import type { Identity } from '../model/team.ts'
import type { LoginAudit, Person, TokenKind, TokenStore } from './ports.ts'
import { newFlyToken, newToken, tokenHash } from './tokens.ts'

export interface LogInPorts {
  readonly tokens: TokenStore
  readonly audit: LoginAudit
  readonly clock: Clock
  /** How long a login lasts. */
  readonly loginMs: number
}

export async function recordLogin({ tokens, audit, clock }: LogInPorts, identity: Identity, address: string): Promise<Person> {
  audit.loggedIn({ connector: identity.connector, name: identity.name, subject: identity.subject, address })
  return tokens.login(identity, clock.now())
}

/** A token of somebody who has logged in. */
export async function issueToken({ tokens, clock, loginMs }: LogInPorts, ownerId: number, kind: Exclude<TokenKind, 'api'>): Promise<string> {
  const now = clock.now()
  const expiresAt = now + loginMs
  const token = kind === 'fly' ? newFlyToken(expiresAt) : newToken()
  await tokens.issue(ownerId, { hash: tokenHash(token), kind, expiresAt }, now)
  return token
}

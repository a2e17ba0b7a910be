import type { Result } from '../model/result.ts'
import type { Identity, Role, Team } from '../model/team.ts'

/** `session`: a browser's, `fly`: of a login by fly, `api`: made by a person for machines. */
export type TokenKind = 'session' | 'fly' | 'api'

/** What a token may do at most, whatever its owner may. */
export interface Ceiling {
  readonly team?: string
  readonly role?: Role
}

/** A person who has logged in. */
export interface Person extends Identity {
  readonly id: number
  /** The name belongs to this subject: nobody else logged in with it before. */
  readonly nameIsTheirs: boolean
  /** When the connector said what is known of the person. */
  readonly lastLoginAt: number
}

export interface HeldToken {
  readonly id: number
  readonly kind: TokenKind
  readonly owner: Person
  readonly ceiling: Ceiling
  readonly expiresAt: number
  readonly lastUsedAt?: number
}

export interface NewToken {
  /** Of the token's text. */
  readonly hash: Uint8Array
  readonly kind: TokenKind
  readonly expiresAt: number
}

/** An API token as its owner sees it. */
export interface ApiToken {
  readonly id: number
  readonly name: string
  /** The first characters of its text, by which its owner knows it. */
  readonly prefix: string
  readonly ceiling: Ceiling
  readonly createdAt: number
  readonly expiresAt: number
  /** Some minutes old at most. */
  readonly lastUsedAt?: number
}

export type NewApiToken = Pick<ApiToken, 'name' | 'prefix' | 'ceiling' | 'expiresAt'> & { readonly hash: Uint8Array }

/** A person has at most so many. */
export const mostApiTokens = 100

export interface TokenStore {
  /** Records that a person has logged in, and what the connector says of them. */
  login(identity: Identity, now: number): Promise<Person>
  issue(ownerId: number, token: NewToken, now: number): Promise<void>
  /** Whose token it is, unless it has expired. */
  find(hash: Uint8Array, now: number): Promise<HeldToken | undefined>
  /** The token is no longer valid; one that is not known is no error. */
  revoke(hash: Uint8Array): Promise<void>
  createApiToken(ownerId: number, token: NewApiToken, now: number): Promise<Result<ApiToken, 'no-team' | 'too-many'>>
  /** Those that have not expired, the newest first. */
  apiTokens(ownerId: number, now: number): Promise<readonly ApiToken[]>
  /** Whether the owner had it. */
  revokeApiToken(ownerId: number, id: number): Promise<boolean>
  used(id: number, now: number): Promise<void>
}

export interface LocalUserStore {
  passwordHash(name: string): Promise<string | undefined>
  /** Adds a user unless there are local users already; tells whether it did. */
  addFirst(name: string, passwordHash: string, now: number): Promise<boolean>
  setPassword(name: string, passwordHash: string, now: number): Promise<void>
}

export interface TeamStore {
  list(): Promise<readonly Team[]>
  /** Makes the team, or gives the one that is there what is given. */
  put(team: Omit<Team, 'id'>, now: number): Promise<void>
  rename(name: string, to: string): Promise<'renamed' | 'unknown' | 'taken'>
  /** With all that it has. The last team of admins stays. */
  remove(name: string): Promise<'removed' | 'unknown' | 'last-admin'>
}

/** Told of every login and every refusal; passwords and tokens are in neither. */
export interface LoginAudit {
  loggedIn(login: { readonly connector: string; readonly name: string; readonly subject: string; readonly address: string }): void
  refused(login: { readonly connector: string; readonly name: string; readonly address: string; readonly reason: string }): void
}

/** `unavailable`: the password was not checked; the message is for the log. */
export type PasswordProblem = { readonly kind: 'wrong' } | { readonly kind: 'unavailable'; readonly message: string }

/** Where people log in with a name and a password. */
export interface PasswordConnector {
  readonly id: string
  /** How the field of the name is called. */
  readonly prompt: string
  /** Whether a name is this connector's for sure. */
  knows(name: string): Promise<boolean>
  check(name: string, password: string): Promise<Result<Identity, PasswordProblem>>
}

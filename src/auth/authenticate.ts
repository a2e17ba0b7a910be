import type { Clock } from '../lib/clock.ts'
import { sessionToken } from './browser/cookies.ts'
import { changesSomething, csrfToken, sameText } from './browser/csrf.ts'
import type { HeldToken, TeamStore, TokenStore } from './ports.ts'
import { principalOf, type Principal } from './roles.ts'
import { isToken, tokenHash } from './tokens.ts'

export interface AuthPorts {
  readonly tokens: TokenStore
  readonly teams: TeamStore
  readonly clock: Clock
  readonly cookies: CookieSettings
}

export interface CookieSettings {
  /** Cookies are for https. */
  readonly secure: boolean
  /** Of the installation: makes sealed cookies and what pages send along with a session's. */
  readonly secret: Buffer
}

export interface RequestHeaders {
  readonly authorization?: string | undefined
  readonly cookie?: string | undefined
  readonly 'x-csrf-token'?: string | string[] | undefined
}

/**
 * Whose request it is: by `Authorization: Bearer TOKEN`, the scheme in any case, else by a browser's cookie. What a cookie is to change
 * needs the token that pages of ours send along.
 */
export async function authenticate(headers: RequestHeaders, method: string, ports: AuthPorts): Promise<Principal> {
  const cookie = sessionToken(headers.cookie, ports.cookies.secure)
  if (cookie !== undefined && changesSomething(method) && !sameText(String(headers['x-csrf-token']), csrfToken(ports.cookies.secret, cookie))) return { kind: 'invalid', lacksCsrfToken: true }
  const given = headers.authorization === undefined ? cookie : (/^bearer ([^ ]+)$/i.exec(headers.authorization)?.[1] ?? '')
  return given === undefined ? { kind: 'anonymous' } : principalWith(given, ports)
}

async function principalWith(token: string, ports: AuthPorts): Promise<Principal> {
  const held = await heldToken(token, ports)
  return held === undefined ? { kind: 'invalid' } : principalOf(held, await ports.teams.list(), ports.clock.now())
}

/** Undefined: the token is not ours, was revoked or has expired. */
export const heldToken = async (token: string, { tokens, clock }: Pick<AuthPorts, 'tokens' | 'clock'>): Promise<HeldToken | undefined> =>
  isToken(token) ? tokens.find(tokenHash(token), clock.now()) : undefined

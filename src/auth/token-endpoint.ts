import { createHash } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import type { LoginLimits } from './login-limits.ts'
import { verifyPassword } from './passwords.ts'
import type { LocalUserStore, TokenStore } from './ports.ts'
import { newToken, tokenHash } from './tokens.ts'

export interface LoginPorts {
  readonly tokens: TokenStore
  readonly localUsers: LocalUserStore
  readonly limits: LoginLimits
  readonly clock: Clock
}

export interface TokenRequest {
  /** The form's text. */
  readonly form: string
  readonly authorization?: string | undefined
  /** The client's. */
  readonly address: string
}

/** As OAuth 2 has them (RFC 6749, 5.1 and 5.2). */
export type TokenAnswer =
  | { readonly status: 200; readonly body: { readonly access_token: string; readonly token_type: 'bearer'; readonly expires_in: number } }
  | { readonly status: 400 | 401 | 429; readonly body: { readonly error: string; readonly error_description: string } }

const tokenMs = 24 * 3_600_000
/** Longer than any of ours; a hash of more would cost for nothing. */
const longest = 1024

/** The password grant, by which `fly login -u -p` gets its token. */
export async function grantToken({ tokens, localUsers, limits, clock }: LoginPorts, request: TokenRequest): Promise<TokenAnswer> {
  const form = new URLSearchParams(request.form)
  if (!isFly(form, request.authorization)) return refused(401, 'invalid_client', 'the client must be fly')
  if (form.get('grant_type') !== 'password') return refused(400, 'unsupported_grant_type', 'the grant_type must be password')
  const [name, password] = [form.get('username') ?? '', form.get('password') ?? '']
  if (name.length > longest || password.length > longest) return refused(400, 'invalid_request', `username and password have at most ${longest} characters`)
  if (!limits.allows(name, request.address)) return refused(429, 'access_denied', 'too many failed logins; try again in a few minutes')
  if (!(await verifyPassword(password, await localUsers.passwordHash(name)))) {
    limits.failed(name, request.address, createHash('sha256').update(password).digest('base64'))
    return refused(401, 'access_denied', 'Invalid username or password')
  }
  const token = newToken()
  const now = clock.now()
  await tokens.login({ connector: 'local', subject: name, name, groups: [] }, { hash: tokenHash(token) as Uint8Array, kind: 'fly', expiresAt: now + tokenMs }, now)
  return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: tokenMs / 1000 } }
}

/** fly's client id and secret are public; they come by HTTP Basic, or in the form. */
function isFly(form: URLSearchParams, authorization: string | undefined): boolean {
  const basic = /^basic (.+)$/i.exec(authorization ?? '')?.[1]
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString() === 'fly:Zmx5'
  return form.get('client_id') === 'fly' && form.get('client_secret') === 'Zmx5'
}

const refused = (status: 400 | 401 | 429, error: string, error_description: string): TokenAnswer => ({ status, body: { error, error_description } })

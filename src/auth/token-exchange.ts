import { decodeJwt } from 'jose'
import { issueToken, recordLogin, type LogInPorts } from './log-in.ts'
import type { TokenConnector } from './connectors/connector.ts'
import type { LoginLimits } from './login-limits.ts'

export interface ExchangePorts extends LogInPorts {
  readonly limits: LoginLimits
  /** Whose tokens are taken. */
  readonly tokenConnectors: readonly TokenConnector[]
}

export type ExchangeAnswer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 429; readonly error: string; readonly description: string }

export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const idToken = 'urn:ietf:params:oauth:token-type:id_token'
/** Of an id token with its groups. */
const longestToken = 64 * 1024

/** A token for an id token of a configured provider (RFC 8693): a login for machines that have one. */
export async function exchangeToken(ports: ExchangePorts, form: URLSearchParams, address: string): Promise<ExchangeAnswer> {
  const token = form.get('subject_token') ?? ''
  if (form.get('subject_token_type') !== idToken) return refused(400, 'invalid_request', `the subject_token_type must be ${idToken}`)
  if (token === '' || token.length > longestToken) return refused(400, 'invalid_request', `the subject_token must be an id token of at most ${longestToken} characters`)
  const connector = connectorFor(ports.tokenConnectors, form.get('connector_id'), token)
  if (connector === undefined) return refused(400, 'invalid_request', 'no login of this server takes tokens of this issuer')
  // Nobody is named yet: failures count for the address alone.
  const attempt = await ports.limits.begin(`exchange from ${address}`, address)
  if (attempt === undefined) return refused(429, 'access_denied', 'too many failed logins; try again in a few minutes')
  try {
    const identity = await connector.identify(token)
    if (!identity.ok) {
      ports.limits.failed(`exchange from ${address}`, address, token)
      ports.audit.refused({ connector: connector.id, name: '', address, reason: identity.error })
      return refused(401, 'access_denied', identity.error)
    }
    const person = await recordLogin(ports, identity.value, address)
    return { kind: 'token', token: await issueToken(ports, person.id, 'fly') }
  } finally {
    attempt.end()
  }
}

/** By the name that the client gives, else by the issuer that the token names; the connector checks that it is right. */
function connectorFor(connectors: readonly TokenConnector[], named: string | null, token: string): TokenConnector | undefined {
  if (named !== null) return connectors.find(({ id }) => id === named)
  try {
    const { iss } = decodeJwt(token)
    return connectors.find(({ issuer }) => issuer.replace(/\/$/, '') === iss?.replace(/\/$/, ''))
  } catch {
    return undefined
  }
}

const refused = (status: 400 | 401 | 429, error: string, description: string): ExchangeAnswer => ({ kind: 'refused', status, error, description })

import { issueToken, recordLogin } from './log-in.ts'
import { passwordLogin, type PasswordLoginPorts } from './password-login.ts'
import { exchangeToken, tokenExchange, type ExchangePorts } from './token-exchange.ts'

export type LoginPorts = PasswordLoginPorts & ExchangePorts

export interface TokenRequest {
  /** The form's text. */
  readonly form: string
  readonly authorization?: string | undefined
  /** The client's. */
  readonly address: string
}

/** As OAuth 2 has them (RFC 6749, 5.1 and 5.2). */
export type TokenAnswer =
  | { readonly status: 200; readonly body: { readonly access_token: string; readonly token_type: 'bearer'; readonly expires_in: number; readonly issued_token_type?: string } }
  | { readonly status: 400 | 401 | 429 | 503; readonly body: { readonly error: string; readonly error_description: string } }

/** Gives a token for a password, as `fly login -u -p` asks for one, or for an id token. */
export async function grantToken(ports: LoginPorts, request: TokenRequest): Promise<TokenAnswer> {
  const form = new URLSearchParams(request.form)
  if (!isFly(form, request.authorization)) return refused(401, 'invalid_client', 'the client must be fly')
  switch (form.get('grant_type')) {
    case 'password':
      return passwordGrant(ports, form, request.address)
    case tokenExchange:
      return exchangeGrant(ports, form, request.address)
    default:
      return refused(400, 'unsupported_grant_type', `the grant_type must be password or ${tokenExchange}`)
  }
}

async function exchangeGrant(ports: LoginPorts, form: URLSearchParams, address: string): Promise<TokenAnswer> {
  const answer = await exchangeToken(ports, form, address)
  if (answer.kind === 'refused') return refused(answer.status, answer.error, answer.description)
  return { status: 200, body: { access_token: answer.token, token_type: 'bearer', expires_in: ports.loginMs / 1000, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' } }
}

async function passwordGrant(ports: LoginPorts, form: URLSearchParams, address: string): Promise<TokenAnswer> {
  const login = await passwordLogin(ports, { name: form.get('username') ?? '', password: form.get('password') ?? '', address })
  if (!login.ok) return refusals[login.error.kind](login.error.message)
  const person = await recordLogin(ports, login.value, address)
  return { status: 200, body: { access_token: await issueToken(ports, person.id, 'fly'), token_type: 'bearer', expires_in: ports.loginMs / 1000 } }
}

/** fly's client id and secret are public; they come by HTTP Basic, or in the form. */
function isFly(form: URLSearchParams, authorization: string | undefined): boolean {
  const basic = /^basic (.+)$/i.exec(authorization ?? '')?.[1]
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString() === 'fly:Zmx5'
  return form.get('client_id') === 'fly' && form.get('client_secret') === 'Zmx5'
}

const refused = (status: 400 | 401 | 429 | 503, error: string, error_description: string): TokenAnswer => ({ status, body: { error, error_description } })

const refusals = {
  'too-long': (message: string) => refused(400, 'invalid_request', message),
  'too-many': (message: string) => refused(429, 'access_denied', message),
  wrong: (message: string) => refused(401, 'access_denied', message),
  unavailable: (message: string) => refused(503, 'temporarily_unavailable', message),
} as const

import type { IncomingHttpHeaders } from 'node:http'
import { heldToken, type AuthPorts } from '../authenticate.ts'
import { principalOf, type Principal } from '../roles.ts'
import type { RedirectConnector } from '../connectors/connector.ts'
import type { LogInPorts } from '../log-in.ts'
import type { PasswordLoginPorts } from '../password-login.ts'
import { sessionToken } from './cookies.ts'
import { render, type Page } from './pages/page.ts'
import type { Seal } from './sealed.ts'

/** What a page is asked for. */
export interface PageRequest {
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly form: URLSearchParams
  /** The client's. */
  readonly address: string
}

export interface PageReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
  readonly body: string
}

export interface PagePorts extends AuthPorts, LogInPorts, PasswordLoginPorts {
  readonly seal: Seal
  readonly connectors: readonly RedirectConnector[]
  /** Empty: wherever the request was sent to. */
  readonly externalUrl: string
}

export type PageHandler = (ports: PagePorts, request: PageRequest) => Promise<PageReply> | PageReply

export function page(status: number, content: Page, cookies: readonly string[] = []): PageReply {
  const { headers, body } = render(content)
  return { status, headers, cookies, body }
}

export const redirect = (status: 302 | 303 | 307, location: string, cookies: readonly string[] = []): PageReply => ({ status, headers: { Location: location }, cookies, body: '' })

export interface Session {
  readonly token: string
  readonly principal: Extract<Principal, { kind: 'user' }>
}

/** The session of the browser's cookie. No other kind of token makes one: an API token would get rid of its ceiling here. */
export async function sessionOf(ports: PagePorts, { headers }: PageRequest): Promise<Session | undefined> {
  const token = sessionToken(headers.cookie, ports.cookies.secure)
  const held = token === undefined ? undefined : await heldToken(token, ports)
  return token === undefined || held?.kind !== 'session' ? undefined : { token, principal: principalOf(held, await ports.teams.list(), ports.clock.now()) }
}

/** Where browsers find this server. */
export const baseUrl = (externalUrl: string, { headers }: Pick<PageRequest, 'headers'>): string => (externalUrl === '' ? `http://${headers.host ?? ''}` : externalUrl)

export function originOf(ports: Pick<PagePorts, 'externalUrl'>, request: Pick<PageRequest, 'headers'>): string {
  const base = baseUrl(ports.externalUrl, request)
  return URL.canParse(base) ? new URL(base).origin : base
}

import { randomBytes } from 'node:crypto'
import { issueToken, recordLogin } from '../log-in.ts'
import { passwordLogin } from '../password-login.ts'
import { tokenHash } from '../tokens.ts'
import { rolesOf } from '../roles.ts'
import type { Identity } from '../../model/team.ts'
import { heldToken } from '../authenticate.ts'
import { clearedCookie, clearedSession, cookie, readCookie, sessionToken } from './cookies.ts'
import { csrfToken, isCrossSite, sameText } from './csrf.ts'
import { originOf, page, redirect, sessionOf, type PageHandler, type PagePorts, type PageReply, type PageRequest } from './exchange.ts'
import { loginPage } from './pages/login-page.ts'
import { messagePage, strangerPage } from './pages/message-pages.ts'
import { safeRedirect } from './redirect.ts'

/** How long a login page may stay open. */
const formMs = 10 * 60_000
/** From the login to the page that gives fly its token. */
const freshMs = 2 * 60_000

/** Where fly sends its user: `/login?fly_port=N`. */
export const startLogin: PageHandler = (_ports, { query }) => {
  const port = query.get('fly_port')
  if (port === null) return redirect(302, `/sky/login?redirect_uri=${encodeURIComponent(safeRedirect(query.get('redirect_uri') ?? '/') ?? '/')}`)
  if (flyPort(port) === undefined) return page(400, messagePage('This link is not right', 'fly_port must be a number between 1 and 65535; run fly login once more'))
  return redirect(302, `/sky/login?redirect_uri=${encodeURIComponent(`/fly_success?fly_port=${port}`)}`)
}

export function flyPort(text: string): number | undefined {
  const port = Number(text)
  return /^[1-9]\d{0,4}$/.test(text) && port <= 65_535 ? port : undefined
}

export const showLogin: PageHandler = async (ports, request) => {
  const target = safeRedirect(request.query.get('redirect_uri') ?? '/') ?? '/'
  const session = await sessionOf(ports, request)
  return session === undefined ? form(ports, request, { status: 200, target }) : redirect(307, target)
}

export const submitLogin: PageHandler = async (ports, request) => {
  const target = safeRedirect(request.form.get('redirect_uri') ?? '/') ?? '/'
  const name = request.form.get('login') ?? ''
  const again = (status: number, error: string): PageReply => form(ports, request, { status, target, error, name })
  if (isCrossSite(request.headers, originOf(ports, request))) return again(403, `the login came from another page than this server's; use ${originOf(ports, request)}`)
  const given = formNonce(ports, request)
  if (given === undefined || !sameText(given, request.form.get('form') ?? '')) return again(403, 'the page was open for more than ten minutes, or the browser keeps no cookies; please log in again')
  const login = await passwordLogin(ports, { name, password: request.form.get('password') ?? '', address: request.address })
  if (!login.ok) return again({ 'too-long': 400, 'too-many': 429, wrong: 401, unavailable: 503 }[login.error.kind], login.error.message)
  return admit(ports, request, login.value, target)
}

/** Gives the browser its session, or tells somebody whom no team knows why there is none. */
export async function admit(ports: PagePorts, { address }: PageRequest, identity: Identity, target: string): Promise<PageReply> {
  const person = await recordLogin(ports, identity, address)
  if (rolesOf(person, await ports.teams.list()).size === 0) {
    ports.audit.refused({ connector: identity.connector, name: identity.name, address, reason: 'no team has a role for this person' })
    return page(403, strangerPage(person))
  }
  const { secure, secret } = ports.cookies
  const token = await issueToken(ports, person.id, 'session')
  const lasting = { secure, maxAgeMs: ports.loginMs }
  const cookies = [cookie('session', token, lasting), cookie('csrf', csrfToken(secret, token), lasting), clearedCookie('form', secure)]
  const fresh = target.startsWith('/fly_success') ? [cookie('fresh', ports.seal.seal('fresh', { target }, freshMs), { secure, maxAgeMs: freshMs })] : []
  return redirect(303, target, [...cookies, ...fresh])
}

export const logOut: PageHandler = async (ports, request) => {
  if (isCrossSite(request.headers, originOf(ports, request))) return page(403, messagePage('Not logged out', 'The request came from another page than this server’s.'))
  const token = sessionToken(request.headers.cookie, ports.cookies.secure)
  const held = token === undefined ? undefined : await heldToken(token, ports)
  // An API token may be at work elsewhere: it is revoked where it was made.
  if (token !== undefined && held !== undefined && held.kind !== 'api') await ports.tokens.revoke(tokenHash(token))
  const cookies = clearedSession(ports.cookies.secure)
  // fly takes anything but 200 for a failure, for a token that is not known as well.
  if (request.headers.accept?.includes('text/html') === true) return page(200, messagePage('Logged out', 'You are logged out of this browser.'), cookies)
  return { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, cookies, body: 'logged out' }
}

interface Form {
  readonly status: number
  readonly target: string
  readonly error?: string
  readonly name?: string
}

function form(ports: PagePorts, request: PageRequest, { status, target, error, name }: Form): PageReply {
  const { secure } = ports.cookies
  // The pages of other tabs go on counting.
  const nonce = formNonce(ports, request) ?? randomBytes(18).toString('base64url')
  const content = loginPage({ redirect: target, formToken: nonce, passwordPrompt: ports.passwords.at(-1)?.prompt ?? 'Username', connectors: ports.connectors, ...(error !== undefined && { error }), ...(name !== undefined && { name }) })
  return page(status, content, [cookie('form', ports.seal.seal('form', { nonce }, formMs), { secure, maxAgeMs: formMs })])
}

/** What the form that this browser was given sends along. */
function formNonce({ seal, cookies }: PagePorts, { headers }: PageRequest): string | undefined {
  const sealed = readCookie(headers.cookie, 'form', cookies.secure)
  const value = sealed === undefined ? undefined : (seal.open('form', sealed) as { readonly nonce: string } | undefined)
  return value?.nonce
}

import { issueToken } from '../log-in.ts'
import { clearedCookie, readCookie } from './cookies.ts'
import { csrfToken, isCrossSite, sameText } from './csrf.ts'
import { originOf, page, redirect, sessionOf, type PageHandler, type PagePorts, type PageReply, type Session } from './exchange.ts'
import { flyPort } from './log-in-pages.ts'
import { flyConfirmPage, flyDonePage, flyTokenPage } from './pages/fly-page.ts'
import { messagePage } from './pages/message-pages.ts'

/** Gives fly a token of its own: at once to somebody who logged in for it, else behind a button. */
export const flySuccess: PageHandler = async (ports, request) => {
  if (request.query.has('noop')) return page(200, flyDonePage)
  const port = portOf(request.query.get('fly_port'))
  if (port === 'wrong') return wrongPort()
  const session = await sessionOf(ports, request)
  const target = `/fly_success${port === undefined ? '' : `?fly_port=${port}`}`
  if (session === undefined) return redirect(302, `/sky/login?redirect_uri=${encodeURIComponent(target)}`)
  const sealed = readCookie(request.headers.cookie, 'fresh', ports.cookies.secure)
  const fresh = sealed === undefined ? undefined : (ports.seal.open('fresh', sealed) as { readonly target: string } | undefined)
  if (fresh?.target === target) return withToken(ports, session, port)
  const { identity } = session.principal
  return page(200, flyConfirmPage({ person: identity.fullName ?? identity.name, formToken: csrfToken(ports.cookies.secret, session.token), ...(port !== undefined && { port }) }))
}

export const flyConfirmed: PageHandler = async (ports, request) => {
  const port = portOf(request.form.get('fly_port'))
  if (port === 'wrong') return wrongPort()
  const session = await sessionOf(ports, request)
  if (session === undefined) return page(401, messagePage('Not logged in', 'The session is over: log in again.'))
  const sent = request.form.get('form') ?? ''
  if (isCrossSite(request.headers, originOf(ports, request)) || !sameText(sent, csrfToken(ports.cookies.secret, session.token))) {
    return page(403, messagePage('Not from this page', 'The request came from another page than this server’s.'))
  }
  return withToken(ports, session, port)
}

async function withToken(ports: PagePorts, { principal }: Session, port: number | undefined): Promise<PageReply> {
  const token = await issueToken(ports, principal.token.ownerId, 'fly')
  return page(200, flyTokenPage({ token, ...(port !== undefined && { port }) }), [clearedCookie('fresh', ports.cookies.secure)])
}

const portOf = (text: string | null): number | 'wrong' | undefined => (text === null ? undefined : (flyPort(text) ?? 'wrong'))
const wrongPort = (): PageReply => page(400, messagePage('This link is not right', 'fly_port must be a number between 1 and 65535; run fly login once more'))

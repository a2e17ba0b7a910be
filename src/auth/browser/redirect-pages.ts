import type { LoginCheck, RedirectConnector } from '../connectors/connector.ts'
import { clearedCookie, cookie, readCookie } from './cookies.ts'
import { baseUrl, page, redirect, type PageHandler, type PagePorts, type PageReply, type PageRequest } from './exchange.ts'
import { admit } from './log-in-pages.ts'
import { messagePage } from './pages/message-pages.ts'
import { safeRedirect } from './redirect.ts'

/** How long somebody may take at the provider. */
const flowMs = 10 * 60_000

/** The redirect URI that providers know Concourse by, so that nobody has to register anew. */
const callbackPath = '/sky/issuer/callback'

interface Flow {
  readonly connector: string
  readonly check: LoginCheck
  readonly target: string
}

/** Sends the browser to a provider. */
export const startRedirect =
  (connector: RedirectConnector): PageHandler =>
  async (ports, request) => {
    const target = safeRedirect(request.query.get('redirect_uri') ?? '/') ?? '/'
    const started = await connector.start(`${baseUrl(ports.externalUrl, request)}${callbackPath}`)
    if (!started.ok) return page(502, messagePage('The login cannot begin', started.error))
    const flow: Flow = { connector: connector.id, check: started.value.check, target }
    return redirect(302, started.value.url, [cookie('flow', ports.seal.seal('flow', flow, flowMs), { secure: ports.cookies.secure, maxAgeMs: flowMs })])
  }

/** Where a provider sends the browser back to. */
export const finishRedirect: PageHandler = async (ports, request) => {
  const sealed = readCookie(request.headers.cookie, 'flow', ports.cookies.secure)
  const flow = sealed === undefined ? undefined : (ports.seal.open('flow', sealed) as Flow | undefined)
  const connector = ports.connectors.find(({ id }) => id === flow?.connector)
  if (flow === undefined || connector === undefined) {
    return page(400, messagePage('The login did not begin here', 'It took longer than ten minutes, was begun in another browser, or the browser keeps no cookies. Please begin once more.'))
  }
  const { check, target } = flow
  const callback = new URL(`${baseUrl(ports.externalUrl, request)}${callbackPath}?${request.query.toString()}`)
  const reply = await admitted(ports, request, { connector, callback, check, target })
  // A code counts once, and so does what goes with it.
  return { ...reply, cookies: [...reply.cookies, clearedCookie('flow', ports.cookies.secure)] }
}

interface Finish {
  readonly connector: RedirectConnector
  readonly callback: URL
  readonly check: LoginCheck
  readonly target: string
}

async function admitted(ports: PagePorts, request: PageRequest, { connector, callback, check, target }: Finish): Promise<PageReply> {
  const identity = await connector.finish(callback, check)
  if (identity.ok) return admit(ports, request, identity.value, target)
  ports.audit.refused({ connector: connector.id, name: '', address: request.address, reason: identity.error })
  return page(403, messagePage('The login was not confirmed', identity.error))
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PageHandler, PagePorts, PageReply } from '../auth/browser/exchange.ts'
import { flyConfirmed, flySuccess } from '../auth/browser/fly-pages.ts'
import { finishRedirect, startRedirect } from '../auth/browser/redirect-pages.ts'
import { logOut, showLogin, startLogin, submitLogin } from '../auth/browser/log-in-pages.ts'

/** A login's form is short. */
const bodyLimit = 16 * 1024

const pages: readonly (readonly ['GET' | 'POST', string, PageHandler])[] = [
  ['GET', '/login', startLogin],
  ['GET', '/sky/login', showLogin],
  ['POST', '/sky/login', submitLogin],
  ['GET', '/sky/logout', logOut],
  ['POST', '/sky/logout', logOut],
  ['GET', '/fly_success', flySuccess],
  ['POST', '/fly_success', flyConfirmed],
  ['GET', '/sky/issuer/callback', finishRedirect],
]

/** The pages of the login, which are no part of the API. */
export function mountPages(app: FastifyInstance, ports: PagePorts): void {
  for (const [method, url, handler] of pages) {
    app.route({ method, url, bodyLimit, handler: async (request, reply) => sendPage(reply, await handler(ports, pageRequest(request))) })
  }
  for (const connector of ports.connectors) app.get(`/sky/login/${connector.id}`, async (request, reply) => sendPage(reply, await startRedirect(connector)(ports, pageRequest(request))))
  app.get('/logout', (_request, reply) => reply.redirect('/sky/logout', 301))
}

const pageRequest = (request: FastifyRequest): Parameters<PageHandler>[1] => ({
  query: new URLSearchParams(request.url.split('?')[1] ?? ''),
  headers: request.headers,
  form: new URLSearchParams(request.body instanceof Uint8Array ? Buffer.from(request.body).toString('utf8') : ''),
  address: request.ip,
})

function sendPage(reply: FastifyReply, { status, headers, cookies, body }: PageReply): FastifyReply {
  for (const one of cookies) reply.header('Set-Cookie', one)
  return reply.code(status).headers(headers).send(Buffer.from(body))
}

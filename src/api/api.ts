import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { authenticate, type AuthPorts } from '../auth/authenticate.ts'
import { clearedSession, sessionToken } from '../auth/browser/cookies.ts'
import { csrfToken, isCrossSite } from '../auth/browser/csrf.ts'
import { originOf } from '../auth/browser/exchange.ts'
import { sealedBy } from '../auth/browser/sealed.ts'
import type { RedirectConnector } from '../auth/connectors/connector.ts'
import { grantToken, type LoginPorts } from '../auth/token-endpoint.ts'
import type { Log } from '../lib/log.ts'
import type { AuditGroup } from '../model/audit.ts'
import type { JsonObject } from '../model/json.ts'
import type { Observe } from '../model/happening.ts'
import type { PolicyChecks } from '../model/policy.ts'
import { RateLimit, type Rate } from '../lib/rate-limit.ts'
import type { Tracing } from '../lib/span.ts'
import { requestIdOf } from '../lib/request-id.ts'
import { longestName } from '../config/validate/identifier.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import { UnreadableConfig } from '../pipelines/ports.ts'
import { decide } from './access.ts'
import { actorOf, auditedLogins, Auditor, isAudited } from './audit.ts'
import { countRequests } from './count-requests.ts'
import { dispatch } from './dispatch.ts'
import { Seats, type StreamLimits } from './events/seats.ts'
import { EventHub } from './events/hub.ts'
import { openSessions } from './handlers/containers.ts'
import { concourseVersion } from './handlers/general.ts'
import { KeptLists } from './lists/kept-lists.ts'
import { ListedConfigs } from './lists/listed-configs.ts'
import type { ApiPorts } from './ports.ts'
import { openApiOf } from './openapi.ts'
import { mountPages } from './pages.ts'
import { jsonOf, statusOf, text, type Reply } from './reply.ts'
import { aboutRequest, identifyRequests } from './request-about.ts'
import type { ApiServices, Route } from './request.ts'
import { routes } from './routes.ts'
import { Sender } from './send.ts'
import { WatchHub } from './watch/hub.ts'
import type { WebPorts } from './web-ports.ts'
import type { WebAssets } from './web-assets.ts'
import { mountWeb } from './web-pages.ts'
import { tokenAnswerSchema } from './schemas.ts'

export interface ApiOptions extends ApiPorts, WebPorts, LoginPorts, AuthPorts {
  /** Identity providers that people are sent to. */
  readonly connectors: readonly RedirectConnector[]
  readonly configs: PipelineConfigs
  readonly externalUrl: string
  /** Addresses and networks of proxies, whose word counts for a client's address; absent: nobody's. */
  readonly trustedProxies?: readonly string[]
  /** Hosts of background images that the web UI may load; absent: none. */
  readonly webImageHosts?: readonly string[]
  /** Resources of one config share versions, across pipelines. */
  readonly globalResources?: boolean
  /** Absent: no request is asked about. */
  readonly policy?: PolicyChecks
  readonly log: Log
  /** The web UI; absent: it was not built, and its pages say so. */
  readonly web?: WebAssets
  /** Groups of routes whose reads are audited too; absent: none. */
  readonly auditReads?: readonly AuditGroup[]
  /** For tests; absent: those of the server. */
  readonly streamLimits?: StreamLimits
  /** Of each token, or address without one; absent: as many as there may be. */
  readonly requestRate?: Rate
  /** Counts requests; absent: nobody does. */
  readonly observe?: Observe
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing
  /** For tests: sees what each route answers, before it is sent. */
  readonly onAnswer?: (route: Route, answer: Reply) => void
  /** For tests; absent: all. */
  readonly routes?: readonly Route[]
}

export interface Api {
  readonly handle: RequestListener
  /** Requests that ask for a web socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** For metrics. */
  state(): { readonly events: EventHub['state']; readonly intercepts: number }
  /** For tests: answers without a socket. */
  readonly app: FastifyInstance
  /** Cuts event streams over `spreadMs` (default: at once), never ends them: their watchers come back. */
  close(spreadMs?: number): Promise<void>
}

const securityHeaders = {
  'X-Concourse-Version': concourseVersion,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'deny',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Cache-Control': 'no-store, private',
}

/** The API that fly speaks, by the table of routes. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { clock, events, lists, log } = options
  const isOver = async (id: number): Promise<boolean> => ((await lists.get(id))?.endedAt ?? undefined) !== undefined
  const hub = new EventHub({ events, isOver, clock })
  const mounted = options.routes ?? routes
  const services: ApiServices = {
    ...options,
    hub,
    listedConfigs: new ListedConfigs(options.configs),
    keptLists: new KeptLists(options.listedChanges),
    routes: mounted,
    seats: new Seats(options.streamLimits),
    webhookRate: new RateLimit(clock, { perSecond: 10, burst: 10 }),
    get watch() {
      return watch
    },
  }
  const watch = new WatchHub(services)
  const auditor = new Auditor({ store: options.auditLog, reads: new Set(options.auditReads), clock, log })
  const logins = { ...options, audit: auditedLogins(options.audit, auditor) }
  const requestRate = options.requestRate && new RateLimit(clock, options.requestRate)
  const sender = new Sender()
  const send = (reply: FastifyReply, answer: Reply): FastifyReply => sender.send(reply, answer)
  let handle: RequestListener | undefined
  const app = fastify({
    routerOptions: { maxParamLength: longestName },
    // What is refused before there is a route: Fastify would answer with errors of its own.
    frameworkErrors: (error, { id }, reply) => void send(reply.header('X-Request-Id', id), error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? text(414, `a name in the path is longer than ${longestName} characters`) : text(error.statusCode ?? 400, error.message)),
    // The socket is the server's, in src/server: Fastify gets requests from there.
    serverFactory: (handler): Server => {
      handle = handler as RequestListener
      return createServer(handler as RequestListener)
    },
    genReqId: ({ headers }) => requestIdOf(headers),
    bodyLimit: 1024 * 1024,
    exposeHeadRoutes: false,
    trustProxy: options.trustedProxies === undefined || options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
  })
  // Bodies are read as they are: fly sends an empty one as JSON, which Fastify's own parser refuses.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
  app.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders))
  identifyRequests(app, log, options.tracing)
  app.setNotFoundHandler((_request, reply) => send(reply, text(404, '404 page not found')))
  app.setErrorHandler((error: Error & { statusCode?: number; kind?: unknown; code?: unknown }, request, reply) => {
    if (error.name === 'DbError' && (error.code === '22021' || error.code === '22P05')) return send(reply, text(400, 'the request holds a NUL character, which names and texts cannot have'))
    const status = error.statusCode ?? 500
    if (status < 500) return send(reply, text(status, error.message))
    log.error({ err: error, component: 'api', ...aboutRequest(request), method: request.method, path: request.routeOptions.url }, 'a request failed')
    if (error instanceof UnreadableConfig) return send(reply, text(500, error.message))
    return send(reply, error.name === 'DbError' && (error.kind === 'connection' || error.kind === 'conflict') ? text(503, 'the database does not answer; try again') : text(500, 'internal error; the server log says more'))
  })

  if (options.observe !== undefined) countRequests(app, options.observe)
  for (const route of mounted) {
    app.route({
      config: { route: route.name },
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyLimit,
      async handler(request, reply) {
        if (route.name === 'BuildEvents' && request.raw.httpVersion === '1.0') {
          return send(reply, text(505, 'event streams need HTTP/1.1: over HTTP/1.0 a broken connection looks like the end of the build (nginx: proxy_http_version 1.1)'))
        }
        // A web socket carries no token of our pages: a browser's cookie must not open one for a page of another site.
        if (route.answer.kind === 'upgrade' && isCrossSite(request.headers, originOf(options, request))) return sender.send(reply, text(403, 'forbidden: the web socket was asked for by a page of another site'))
        const principal = await authenticate(request.headers, request.method, options)
        // fly takes a 429 on an event stream for the end: those have a bound of their own.
        if (route.name !== 'BuildEvents' && requestRate?.take(principal.kind === 'user' ? `token ${principal.token.id}` : `address ${request.ip}`) === false) return send(reply, text(429, `more than ${options.requestRate?.perSecond} requests a second; try again in a moment`))
        const session = sessionToken(request.headers.cookie, options.cookies.secure)
        const params = request.params as Record<string, string>
        const stillAllowed = async (): Promise<boolean> => {
          const build = await lists.get(Number(params['build_id']))
          const now = await authenticate(request.headers, request.method, options)
          return build !== undefined && decide(route.access, now, build) === 'allow'
        }
        const path = request.url.split('?')[0] ?? ''
        const entry = { action: route.name, ...actorOf(principal), ...(params['team_name'] !== undefined && { team: params['team_name'] }), subject: path, address: request.ip }
        let detail: JsonObject = {}
        const answer = await dispatch(services, route, {
          principal,
          address: request.ip,
          params,
          path,
          query: new URLSearchParams(request.url.split('?')[1] ?? ''),
          headers: request.headers,
          body: request.body instanceof Uint8Array ? request.body : undefined,
          stream: request.body instanceof Readable ? request.body : undefined,
          stillAllowed,
          note: (more) => void (detail = { ...detail, ...more }),
          record: (more) => auditor.record({ ...entry, status: statusOf(answer), detail: more }),
          again: () => authenticate(request.headers, request.method, options),
          ...(session !== undefined && { csrfToken: csrfToken(options.cookies.secret, session) }),
        })
        if (principal.kind === 'invalid' && principal.lacksCsrfToken !== true && session !== undefined) reply.header('Set-Cookie', clearedSession(options.cookies.secure))
        options.onAnswer?.(route, answer)
        if (isAudited(route, statusOf(answer), auditor.reads)) await auditor.record({ ...entry, status: statusOf(answer), ...(Object.keys(detail).length > 0 && { detail }) })
        return send(reply, answer)
      },
    })
  }
  // Made when somebody asks first: at the start it would take a tenth of a second, and few ask.
  let document: Buffer | undefined
  app.get('/api/v1/openapi.json', (_request, reply) => reply.type('application/json').send((document ??= Buffer.from(JSON.stringify(openApiOf(mounted, concourseVersion))))))
  app.post('/sky/issuer/token', async (request, reply) => {
    const { status, body } = await grantToken(logins, {
      form: request.body instanceof Uint8Array ? Buffer.from(request.body).toString('utf8') : '',
      authorization: request.headers.authorization,
      address: request.ip,
    })
    return send(reply, jsonOf(tokenAnswerSchema, body, { status }))
  })
  mountWeb(app, options.web, options.webImageHosts)
  mountPages(app, { ...logins, seal: sealedBy(options.cookies.secret, clock) })
  await app.ready()
  return {
    app,
    state: () => ({ events: hub.state, intercepts: openSessions(options.containers) }),
    upgrade: (request, socket, head) => sender.upgrade(request, socket, head, (...asked) => handle?.(...asked)),
    handle: (request, response) => handle?.(request, response),
    async close(spreadMs) {
      await watch.close()
      sender.close()
      await hub.close(spreadMs)
      await app.close()
    },
  }
}

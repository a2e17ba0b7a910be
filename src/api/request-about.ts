import type { FastifyInstance, FastifyRequest } from 'fastify'
import { workAbout, type About } from '../lib/about.ts'
import type { Log } from '../lib/log.ts'
import type { Span, Tracing } from '../lib/span.ts'
import { attributesAbout, workWithin } from '../lib/traced.ts'
import { lasting } from './count-requests.ts'

/** What a request is about, by its route and what its path names. */
export function aboutRequest({ id, routeOptions, params: given }: FastifyRequest): About {
  const { route } = (routeOptions.config ?? {}) as { readonly route?: string }
  const params = (given ?? {}) as Readonly<Record<string, string | undefined>>
  const { team_name: team, pipeline_name: pipeline, job_name: job, resource_name: resource, build_id: build } = params
  return {
    request: id,
    ...(route !== undefined && { route }), ...(team !== undefined && { team }), ...(pipeline !== undefined && { pipeline }), ...(job !== undefined && { job }), ...(resource !== undefined && { resource }),
    ...(build !== undefined && /^\d{1,15}$/.test(build) && { build: Number(build) }),
  }
}

/** Has each answer carry its request's id, each line of the log that a request causes, and each span. */
export function identifyRequests(app: FastifyInstance, log: Log, tracing: Tracing | undefined): void {
  const spans = new WeakMap<FastifyRequest, Span>()
  app.addHook('onRequest', async (request, reply) => void reply.header('X-Request-Id', request.id))
  // After the body has come: its events would lose what was said before.
  app.addHook('preHandler', (request, _reply, done) => {
    const of = aboutRequest(request)
    const span = tracing && isTraced(of) ? startSpan(tracing, request, of) : undefined
    if (span === undefined) return workAbout(of, done)
    spans.set(request, span)
    workAbout(of, () => workWithin(span, done))
  })
  app.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request)
    const [status, trace] = [reply.statusCode, span && { trace: span.traceId }]
    span?.set({ 'http.response.status_code': status })
    span?.end(status >= 500 ? `answered ${status}` : undefined)
    log.debug({ component: 'api', ...aboutRequest(request), ...trace, method: request.method, status, ms: Math.round(reply.elapsedTime) }, 'request answered')
    done()
  })
}

/** Pages and their parts are none, nor what lasts as long as somebody watches. */
const isTraced = ({ route }: About): boolean => route !== undefined && !lasting.has(route)

const startSpan = (tracing: Tracing, { method, headers: { traceparent }, routeOptions: { url } }: FastifyRequest, of: About): Span =>
  tracing.start({ name: of.route ?? '', attributes: { ...attributesAbout(of), 'http.request.method': method, 'http.route': url ?? '' }, request: { traceparent: typeof traceparent === 'string' ? traceparent : undefined } })

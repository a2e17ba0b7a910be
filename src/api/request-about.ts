import type { FastifyInstance, FastifyRequest } from 'fastify'
import { workAbout, type About } from '../lib/about.ts'
import type { Log } from '../lib/log.ts'

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

/** Has each answer carry its request's id, and each line of the log that a request causes. */
export function identifyRequests(app: FastifyInstance, log: Log): void {
  app.addHook('onRequest', async (request, reply) => void reply.header('X-Request-Id', request.id))
  // After the body has come: its events would lose what was said before.
  app.addHook('preHandler', (request, _reply, done) => workAbout(aboutRequest(request), done))
  app.addHook('onResponse', (request, reply, done) => {
    log.debug({ component: 'api', ...aboutRequest(request), method: request.method, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request answered')
    done()
  })
}

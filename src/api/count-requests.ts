import type { FastifyInstance } from 'fastify'
import type { Observe } from '../model/happening.ts'

/** Their answers last as long as somebody watches, downloads or is in a container. */
export const lasting: ReadonlySet<string> = new Set(['BuildEvents', 'DownloadCLI', 'HijackContainer', 'WatchChanges'])

/** Times the answers of the table's routes, by their names: a path that users make up makes no series. */
export function countRequests(app: FastifyInstance, observe: Observe): void {
  app.addHook('onResponse', async (request, reply) => {
    const { route } = request.routeOptions.config as { readonly route?: string }
    if (route !== undefined && !lasting.has(route)) observe({ kind: 'request', method: request.method, route, status: reply.statusCode, ms: reply.elapsedTime })
  })
}

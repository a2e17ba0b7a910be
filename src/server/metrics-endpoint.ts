import type { Clock } from '../lib/clock.ts'
import type { Result } from '../model/result.ts'
import { listen, type Address, type Listener, type ListenError } from './listen.ts'

export interface MetricsEndpoint {
  readonly text: () => Promise<{ readonly type: string; readonly body: string }>
  readonly clock: Clock
}

/** GET /metrics, on an address of its own: whoever reaches it reads the names of teams, pipelines and jobs. */
export const serveMetrics = (address: Address, { text, clock }: MetricsEndpoint): Promise<Result<Listener, ListenError>> =>
  listen(address, {
    clock,
    handler(request, response) {
      if (request.url !== '/metrics' || request.method !== 'GET') return void response.writeHead(404, { 'content-type': 'text/plain' }).end('GET /metrics\n')
      text().then(
        ({ type, body }) => response.writeHead(200, { 'content-type': type }).end(body),
        () => response.writeHead(500).end(),
      )
    },
  })

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { workAbout } from '../lib/about.ts'
import { requestIdOf } from '../lib/request-id.ts'
import type { UpgradeListener } from './listen.ts'
import type { ServedDatabase, ServedRegistry } from './ports.ts'

export interface Served {
  /** The first is asked whether the server is healthy. */
  readonly databases: readonly [ServedDatabase, ...ServedDatabase[]]
  /** The runtime, in words. */
  readonly runtime: string
  /** Answers whatever is neither below /health nor /v2/. `close` cuts event streams over the given time. */
  readonly api?: { readonly handle: RequestListener; readonly upgrade: UpgradeListener; close(spreadMs: number): Promise<void> }
  /** False: it is about to stop, and new connections should go to another server. */
  readonly ready: () => boolean
}

const healthPaths: ReadonlySet<string> = new Set(['/health', '/health/live', '/health/ready'])

/** GET /health, /health/live and /health/ready, and /v2/ where this server serves images to nodes. */
export function handleRequest(served: Served): RequestListener {
  const registries = served.databases.map(({ registry }) => registry).filter((registry) => registry !== undefined)
  return (request, response) => {
    const registry = request.url?.startsWith('/v2/') === true ? registryFor(registries, request) : undefined
    // The API gives ids to its requests itself.
    if (registry !== undefined) return void workAbout({ request: identified(request, response) }, () => registry.handle(request, response)).catch(() => response.destroy())
    if (request.method === 'GET') {
      if (healthPaths.has(request.url ?? '')) identified(request, response)
      switch (request.url) {
        case '/health':
          return void answerHealth(served, response)
        // Of the process alone: one whose database is away would not get better by being started again.
        case '/health/live':
          return answer(response, 200, { status: 'ok' })
        case '/health/ready':
          return served.ready() ? void answerHealth(served, response) : answer(response, 503, { status: 'unavailable', server: 'is about to stop' })
        default:
      }
    }
    if (served.api !== undefined) return served.api.handle(request, response)
    answer(response, 404, { errors: [{ detail: 'not found' }] })
  }
}

/** The one whose password the request has; the first says what is wrong with the others. */
const registryFor = (registries: readonly ServedRegistry[], request: IncomingMessage): ServedRegistry | undefined =>
  registries.find((registry) => registry.allows(request)) ?? registries[0]

/** 200 while the database answers, else 503; both with a reason in JSON. */
async function answerHealth({ databases: [database], runtime }: Served, response: ServerResponse): Promise<void> {
  const alive = await database.ping().then(() => true, () => false)
  if (alive) answer(response, 200, { status: 'ok', runtime })
  else answer(response, 503, { status: 'unavailable', database: 'does not answer' })
}

function identified({ headers }: IncomingMessage, response: ServerResponse): string {
  const id = requestIdOf(headers)
  response.setHeader('X-Request-Id', id)
  return id
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

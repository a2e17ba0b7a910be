import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { UpgradeListener } from './listen.ts'
import type { ServedDatabase, ServedRegistry } from './ports.ts'

export interface Served {
  /** The first is asked whether the server is healthy. */
  readonly databases: readonly [ServedDatabase, ...ServedDatabase[]]
  /** The runtime, in words. */
  readonly runtime: string
  /** Answers whatever is neither /health nor /v2/. */
  readonly api?: { readonly handle: RequestListener; readonly upgrade: UpgradeListener; close(): Promise<void> }
}

/** GET /health, and /v2/ where this server serves images to nodes. */
export function handleRequest(served: Served): RequestListener {
  const registries = served.databases.map(({ registry }) => registry).filter((registry) => registry !== undefined)
  return (request, response) => {
    const registry = request.url?.startsWith('/v2/') === true ? registryFor(registries, request) : undefined
    if (registry !== undefined) return void registry.handle(request, response).catch(() => response.destroy())
    if (request.method === 'GET' && request.url === '/health') return void answerHealth(served, response)
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

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Handles a request itself and returns true, or lets it pass. */
export type Fault = (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean | Promise<boolean>

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
}

export interface FaultProxy {
  /** `host:port` */
  readonly host: string
  readonly url: string
  readonly seen: SeenRequest[]
  /** `METHOD kind` of each request that came, e.g. `HEAD manifests`; in order. */
  calls(): string[]
  /** Asked first for every request. */
  fault: Fault | undefined
  stop(): Promise<void>
}

/** A server that can misbehave and otherwise passes everything on to `upstream` (`host:port`), or answers 404 without one. */
export async function startFaultProxy(upstream?: string): Promise<FaultProxy> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      seen.push({ method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization })
      void Promise.resolve(proxy.fault?.(request, response, body) ?? false).then((handled) => {
        if (handled) return
        if (upstream === undefined) return void response.writeHead(404).end()
        forward(upstream, request, response, body)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy: FaultProxy = {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    seen,
    calls: () => seen.map(({ method, url }) => `${method} ${/\/(manifests|blobs|tags)\//.exec(url)?.[1] ?? url.split('?')[0]}`),
    fault: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return proxy
}

function forward(upstream: string, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const [hostname, port] = upstream.split(':')
  const passed = httpRequest(
    { hostname, port, method: request.method, path: request.url, headers: { ...request.headers, host: upstream } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  passed.on('error', () => response.destroy())
  passed.end(body)
}

export const answer = (response: ServerResponse, status: number, headers: Record<string, string> = {}, body = ''): true => {
  response.writeHead(status, headers).end(body)
  return true
}

/** Only with this user and password. */
export function basicAuthFault(username: string, password: string): Fault {
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return (request, response) =>
    request.headers.authorization === expected
      ? false
      : answer(response, 401, { 'www-authenticate': 'Basic realm="test"' }, JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }))
}

export interface TokenService extends FaultProxy {
  /** Tokens that were given and still work. */
  readonly valid: Set<string>
}

/** A token service; `allow` decides by the Authorization header that came. */
export async function startTokenService(allow: (authorization: string | undefined) => boolean, expiresIn = 300): Promise<TokenService> {
  const service = await startFaultProxy()
  const valid = new Set<string>()
  let count = 0
  service.fault = (request, response) => {
    if (!allow(request.headers.authorization)) return answer(response, 401)
    const token = `token-${++count}-of-${service.host}`
    valid.add(token)
    return answer(response, 200, { 'content-type': 'application/json' }, JSON.stringify({ token, expires_in: expiresIn }))
  }
  return Object.assign(service, { valid })
}

/** Only with a token of that service. */
export function tokenAuthFault(service: TokenService): Fault {
  return (request, response) => {
    const token = request.headers.authorization?.replace('Bearer ', '')
    if (token !== undefined && service.valid.has(token)) return false
    return answer(response, 401, { 'www-authenticate': `Bearer realm="${service.url}/token",service="test",scope="repository:x:pull"` })
  }
}

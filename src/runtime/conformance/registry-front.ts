import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RegistryFront {
  /** `host:port`, as references name it. */
  readonly host: string
  readonly url: string
  /** Sends the layers of `held/…`. */
  release(): void
  stop(): Promise<void>
}

export interface FrontOptions {
  /** The registry behind it, `http://host:port`. */
  readonly target: string
  /** Address to listen on, default 127.0.0.1. */
  readonly address?: string
  /** Basic auth that it requires; none if absent. */
  readonly credentials?: { readonly username: string; readonly password: string }
}

/**
 * A proxy in front of a registry that disturbs pulls: it may require credentials, layers of `held/…` wait for release(), since a pull that ends
 * at once may be reported too late, and those of `stalled/…` begin and never end.
 */
export async function startRegistryFront(options: FrontOptions): Promise<RegistryFront> {
  const { target, address = '127.0.0.1', credentials } = options
  const basic = credentials === undefined ? undefined : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  const released = Promise.withResolvers<void>()
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/'
    if (basic !== undefined && incoming.headers.authorization !== basic) return unauthorized(outgoing)
    if (incoming.method === 'GET' && /^\/v2\/stalled\/.*\/blobs\//.test(path)) {
      outgoing.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': '1000000' }).flushHeaders()
      return
    }
    if (incoming.method === 'GET' && /^\/v2\/held\/.*\/blobs\//.test(path)) return void released.promise.then(() => pass(target, incoming, outgoing))
    pass(target, incoming, outgoing)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  const host = `${address}:${(server.address() as AddressInfo).port}`
  return {
    host,
    url: `http://${host}`,
    release: () => released.resolve(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function unauthorized(outgoing: ServerResponse): void {
  outgoing.writeHead(401, { 'www-authenticate': 'Basic realm="private"', 'content-type': 'application/json' })
  outgoing.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }))
}

function pass(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const onward = request(new URL(incoming.url ?? '/', target), { method: incoming.method ?? 'GET', headers: incoming.headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.once('error', () => outgoing.destroy())
  incoming.pipe(onward)
}

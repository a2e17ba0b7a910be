import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RegistryFront {
  /** `host:port`, as references name it. */
  readonly host: string
  readonly url: string
  stop(): Promise<void>
}

export interface FrontOptions {
  /** The registry behind it, `http://host:port`. */
  readonly target: string
  /** Address to listen on, default 127.0.0.1. */
  readonly address?: string
  /** Who may read repositories under `private/`. */
  readonly username: string
  readonly password: string
}

/**
 * Stands before a registry and makes it difficult: `private/…` wants basic auth for reading, and layers and configurations
 * of `stalled/…` begin and never end. Pushes pass.
 */
export async function startRegistryFront(options: FrontOptions): Promise<RegistryFront> {
  const { target, address = '127.0.0.1', username, password } = options
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/'
    const reads = incoming.method === 'GET' || incoming.method === 'HEAD'
    if (reads && path.startsWith('/v2/private/') && incoming.headers.authorization !== basic) return unauthorized(outgoing)
    if (incoming.method === 'GET' && /^\/v2\/stalled\/.*\/blobs\//.test(path)) {
      outgoing.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': '1000000' }).flushHeaders()
      return
    }
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

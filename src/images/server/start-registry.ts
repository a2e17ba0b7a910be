import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { handleRegistryRequest } from './registry-handler.ts'
import { RegistryStore } from './registry-store.ts'

export interface RegistryOptions {
  /** Where images are kept; made when missing. */
  readonly dir: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: one that is free. */
  readonly port?: number
  /** Told of each request once it is answered. */
  readonly log?: (access: RegistryAccess) => void
  readonly readOnly?: boolean
}

export interface RegistryAccess {
  readonly method: string
  /** Path and query. */
  readonly url: string
  /** 0 when the asker left before the answer was complete. */
  readonly status: number
  readonly userAgent: string
  /** Of the answer's body. */
  readonly bytes: number
  /** The asker's address. */
  readonly remote: string
}

export interface RunningRegistry {
  /** `host:port`, as references name it. */
  readonly host: string
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/** A registry over plain HTTP that containerd, Podman, Docker and skopeo pull from and push to. No access control: keep it local. */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const store = new RegistryStore(options.dir)
  const server = createServer((request, response) => {
    response.on('close', () => {
      const size = Number(response.getHeader('content-length') ?? 0)
      options.log?.({
        method: request.method ?? '',
        url: request.url ?? '',
        status: response.writableFinished ? response.statusCode : 0,
        userAgent: header(request, 'user-agent'),
        bytes: request.method === 'HEAD' ? 0 : size,
        remote: request.socket.remoteAddress ?? '',
      })
    })
    handleRegistryRequest(store, options.readOnly === true, request, response).catch((error: unknown) => {
      if (response.headersSent || isGone(error)) return void response.destroy()
      const text = JSON.stringify({ errors: [{ code: 'UNKNOWN', message: 'the registry failed' }] })
      response.writeHead(500, { 'content-type': 'application/json' }).end(text)
    })
  })
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const name = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    host: name,
    url: `http://${name}`,
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const header = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? '')
}

/** The asker went away. */
const isGone = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE'
}

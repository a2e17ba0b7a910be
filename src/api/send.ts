import { ServerResponse, type IncomingMessage, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FastifyReply } from 'fastify'
import { WebSocketServer } from 'ws'
import { takesGzip } from './events/gzip.ts'
import { isPageToken } from './intercept/page-token.ts'
import { text, type KeptJson, type Reply } from './reply.ts'
import { longestFrame } from './hijack-schemas.ts'

/** Sends answers as fly reads them. */
export class Sender {
  /** Requests for a web socket that are on their way through the routes. */
  readonly #upgrades = new WeakMap<IncomingMessage, { readonly socket: Duplex; readonly head: Buffer }>()
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: longestFrame,
    handleProtocols: (offered) => [...offered].find((protocol) => !isPageToken(protocol)) ?? false,
  })

  /** JSON goes as bytes: to a string or an object Fastify would add a charset to the type, by which fly no longer knows it. */
  send(reply: FastifyReply, answer: Reply): FastifyReply {
    switch (answer.kind) {
      case 'json':
        return sendBytes(reply.code(answer.status).headers(answer.headers ?? {}).type('application/json'), Buffer.from(`${JSON.stringify(answer.value)}\n`))
      case 'kept':
        return sendKept(reply.code(answer.status).headers(answer.headers ?? {}).type('application/json'), answer.json)
      case 'text':
        return sendBytes(reply.code(answer.status).headers(answer.headers ?? {}).type(answer.type ?? 'text/plain; charset=utf-8'), Buffer.from(answer.text))
      case 'empty':
        return reply.code(answer.status).headers(answer.headers ?? {}).send()
      case 'stream': {
        reply.hijack()
        for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
        void answer.write(reply.raw)
        return reply
      }
      case 'upgrade': {
        const { raw } = reply.request
        const upgrade = this.#upgrades.get(raw)
        if (upgrade === undefined) return this.send(reply, text(400, 'this is a web socket: the request must ask for an upgrade'))
        if (!ownOrigin(raw)) return this.send(reply, text(403, 'a web socket is not opened for a page of another origin'))
        reply.hijack()
        reply.raw.detachSocket(upgrade.socket as Socket)
        this.#sockets.handleUpgrade(raw, upgrade.socket, upgrade.head, (socket) => void answer.accept(socket).catch(() => socket.terminate()))
        return reply
      }
    }
  }

  /** Has a request for a web socket answered by its route; one that is refused gets an ordinary answer, with which the connection ends. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, handle: RequestListener): void {
    const response = new ServerResponse(request)
    socket.on('error', () => socket.destroy())
    response.assignSocket(socket as Socket)
    response.shouldKeepAlive = false
    response.once('finish', () => socket.end())
    this.#upgrades.set(request, { socket, head })
    handle(request, response)
  }

  /** Ends all web sockets: their clients may come back to another server. */
  close(): void {
    for (const socket of this.#sockets.clients) socket.close(1012, 'the server stops')
  }
}

/** Less is sent as it is: to compress it would take longer than to send it. */
const smallBytes = 1024

function sendBytes(reply: FastifyReply, bytes: Buffer): FastifyReply {
  if (!packs(reply, bytes)) return reply.send(bytes)
  const gzip = createGzip({ level: 1 })
  gzip.end(bytes)
  return reply.header('Content-Encoding', 'gzip').send(gzip)
}

function sendKept(reply: FastifyReply, { bytes, gzip }: KeptJson): FastifyReply {
  if (!packs(reply, bytes)) return reply.send(bytes)
  void gzip().then(
    (packed) => reply.header('Content-Encoding', 'gzip').send(packed),
    () => reply.send(bytes),
  )
  return reply
}

/** Whether the answer is compressed; says that it depends on the caller, where it does. */
function packs(reply: FastifyReply, bytes: Buffer): boolean {
  if (bytes.length <= smallBytes) return false
  void reply.header('Vary', 'Accept-Encoding')
  return takesGzip(reply.request.headers['accept-encoding'])
}

/** Browsers say which page asks. Others say nothing. */
function ownOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

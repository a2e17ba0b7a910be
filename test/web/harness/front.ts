import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** A proxy as companies and hotels have it between a browser and a server. */
export interface Front {
  /** It answers 403 to WebSockets. */
  refusesSockets: boolean
  /** After how many bytes each new WebSocket is cut; undefined: none is. */
  cutsAfter: (() => number) | undefined
  /** Of WebSockets, so far. */
  readonly cuts: number
  /** Streams of /api/v1/watch that are open. */
  readonly streams: number
  /** What is under way is passed on no more, and not closed either: as when the other side is gone. */
  freeze(): void
  stop(): Promise<void>
}

export async function startFront(port: number, to: number): Promise<Front> {
  const frozen: (() => void)[] = []
  const state = { refusesSockets: false, cutsAfter: undefined as (() => number) | undefined, cuts: 0, streams: 0 }
  const onRequest = (asked: IncomingMessage, answer: ServerResponse): void => {
    const passed = request({ host: '127.0.0.1', port: to, path: asked.url, method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.rawHeaders)
      got.pipe(answer)
    })
    if (asked.url?.startsWith('/api/v1/watch') === true) {
      state.streams++
      answer.once('close', () => state.streams--)
    }
    passed.on('error', () => answer.destroy())
    answer.on('close', () => passed.destroy())
    asked.pipe(passed)
  }
  const onUpgrade = (asked: IncomingMessage, inside: Duplex, head: Buffer): void => {
    inside.on('error', () => undefined)
    if (state.refusesSockets) return void inside.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    const outside = connect(to, '127.0.0.1')
    const lines = Array.from({ length: asked.rawHeaders.length / 2 }, (_, index) => `${asked.rawHeaders[index * 2]}: ${asked.rawHeaders[index * 2 + 1]}\r\n`)
    outside.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('')}\r\n`)
    outside.write(head)
    outside.on('error', () => inside.destroy()).once('close', () => inside.destroy())
    inside.once('close', () => outside.destroy())
    let left = state.cutsAfter?.() ?? Infinity
    let still = false
    frozen.push(() => (still = true))
    inside.on('data', (data: Buffer) => still || outside.write(data))
    outside.on('data', (data: Buffer) => {
      // What had been read before the cut comes after it.
      if (still || left <= 0) return
      inside.write(data.subarray(0, left))
      left -= data.length
      if (left > 0) return
      state.cuts++
      inside.destroy()
    })
  }
  const server = createServer(onRequest).on('upgrade', onUpgrade)
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
  return Object.assign(state, {
    freeze: () => frozen.splice(0).forEach((one) => one()),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

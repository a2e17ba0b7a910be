import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex, Writable } from 'node:stream'

/** A proxy as companies and hotels have it between a browser and a server. */
export interface Front {
  /** It answers 403 to WebSockets. */
  refusesSockets: boolean
  /** After how many bytes each new WebSocket, and each new answer to a browser with a build's events, is cut; undefined: none is. */
  cutsAfter: (() => number) | undefined
  /** Cuts those that are open after so many further bytes to the browser. */
  cut(after: number): void
  /** So far. */
  readonly cuts: number
  /** Connections that `cut` would cut: WebSockets, and answers with a build's events. */
  readonly open: number
  /** Streams of /api/v1/watch that are open. */
  readonly streams: number
  /** What is under way is passed on no more, and not closed either: as when the other side is gone. */
  freeze(): void
  stop(): Promise<void>
}

/** Bytes that go to the browser until they are cut. */
class Way {
  readonly #to: Writable
  readonly #onCut: () => void
  #left = Infinity

  constructor(to: Writable, onCut: () => void) {
    this.#to = to
    this.#onCut = onCut
  }

  pass(data: Buffer): void {
    // What had been read before the cut comes after it.
    if (this.#left <= 0) return
    const passed = data.subarray(0, this.#left)
    this.#left -= passed.length
    this.#to.write(passed, () => this.#left > 0 || this.#to.destroy())
    if (this.#left <= 0) this.#onCut()
  }

  cut(after: number): void {
    this.#left = after
    if (after > 0) return
    this.#to.destroy()
    this.#onCut()
  }
}

export async function startFront(port: number, to: number): Promise<Front> {
  const frozen: (() => void)[] = []
  const ways = new Set<Way>()
  const state = { refusesSockets: false, cutsAfter: undefined as (() => number) | undefined, cuts: 0, streams: 0, get open() { return ways.size } }
  const open = (to: Writable): Way => {
    const way = new Way(to, () => {
      if (ways.delete(way)) state.cuts++
    })
    ways.add(way)
    to.once('close', () => ways.delete(way))
    if (state.cutsAfter !== undefined) way.cut(state.cutsAfter())
    return way
  }
  const onRequest = (asked: IncomingMessage, answer: ServerResponse): void => {
    const passed = request({ host: '127.0.0.1', port: to, path: asked.url, method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.rawHeaders)
      // Tests ask by this proxy too.
      const cuttable = /^\/api\/v1\/builds\/\d+\/events/.test(asked.url ?? '') && asked.headers['user-agent']?.startsWith('Mozilla/') === true
      if (!cuttable) return void got.pipe(answer)
      answer.flushHeaders()
      const way = open(answer)
      got.on('data', (data: Buffer) => way.pass(data)).once('end', () => answer.end()).once('error', () => answer.destroy())
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
    const way = open(inside)
    let still = false
    frozen.push(() => (still = true))
    inside.on('data', (data: Buffer) => still || outside.write(data))
    outside.on('data', (data: Buffer) => still || way.pass(data))
  }
  const server = createServer(onRequest).on('upgrade', onUpgrade)
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
  return Object.assign(state, {
    cut: (after: number) => [...ways].forEach((way) => way.cut(after)),
    freeze: () => frozen.splice(0).forEach((one) => one()),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

import type { ServerResponse } from 'node:http'
import { atMost } from '../../lib/at-most.ts'
import type { Clock } from '../../lib/clock.ts'
import { Wakeup } from '../../lib/wakeup.ts'
import type { EventSink } from './hub.ts'
import { deflated, gzipHeader } from './gzip.ts'
import { httpChunk } from './http-chunk.ts'

const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  'X-Accel-Buffering': 'no',
  'X-ATC-Stream-Version': '2.0',
}
/** A client that takes nothing for so long is cut off. */
const stuckMs = 120_000

/** A client that follows a build's events. */
export class Watcher implements EventSink {
  readonly wakeup = new Wakeup()
  readonly #response: ServerResponse
  readonly #clock: Clock
  readonly #gone = new AbortController()

  readonly #gzip: boolean

  constructor(response: ServerResponse, clock: Clock, { gzip }: { readonly gzip: boolean }) {
    this.#gzip = gzip
    this.#response = response
    this.#clock = clock
    response.once('close', () => {
      this.#gone.abort()
      this.wakeup.wake()
    })
    response.on('error', () => undefined)
    response.writeHead(200, gzip ? { ...headers, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : headers)
    response.flushHeaders()
    if (gzip) response.write(gzipHeader)
  }

  /** Aborts when the connection is closed. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Resolves when more may be written. */
  async write(bytes: Buffer): Promise<void> {
    if (this.#gone.signal.aborted) return
    const content = this.#gzip ? deflated(bytes) : bytes
    const { socket } = this.#response
    // A response that stands behind another on its connection has no socket yet.
    if (socket === null ? this.#response.write(content) : socket.write(httpChunk(content))) return
    const over = new AbortController()
    const drained = new Promise<'drained'>((resolve) => {
      for (const event of ['drain', 'close'] as const) (socket ?? this.#response).once(event, () => resolve('drained'))
    })
    const stuck = this.#clock.sleep(stuckMs, over.signal).then(() => 'stuck' as const, () => 'drained' as const)
    if ((await Promise.race([drained, stuck])) === 'stuck') this.cut()
    over.abort()
  }

  /** Ends the response well: to fly the build is over. */
  async end(lingerMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#response.once('close', () => resolve()))
    if (!this.#gone.signal.aborted) await atMost(this.#clock, lingerMs, closed)
    if (!this.#gone.signal.aborted) this.#response.end()
  }

  /** Breaks the connection off: fly connects again. */
  cut(): void {
    this.#response.destroy()
  }
}

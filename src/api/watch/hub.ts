import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import { z } from 'zod'
import { workOfItsOwn } from '../../lib/about.ts'
import { boundedString } from '../../lib/bounded.ts'
import { parseBoundedJson } from '../../lib/bounded-json.ts'
import { enough } from '../../lib/clock.ts'
import type { ApiServices, Caller, WatchService } from '../request.ts'
import type { UiChange } from '../web-ports.ts'
import { socketOutlet, streamOutlet } from './outlets.ts'
import { mostSubscriptions, Session, type Outlet } from './session.ts'
import { Views } from './views.ts'

const longestMessage = 4 * 1024
/** Proxies close connections on which nothing is said for a while; who answers two pings no more has gone. A page does not see pings: it is sent a message beside them, so that it knows within a minute and a half when nothing comes through any more (silentMs of web/src/api/watch.ts). */
const pingMs = 20_000
const listenAgainMs = 1_000

const sub = z.number().int().min(0).max(2 ** 32 - 1)
const messageSchema = z.union([z.strictObject({ sub, topic: boundedString(2048), rev: boundedString(64).exactOptional() }), z.strictObject({ unsub: sub })])

/** What the web UI's pages follow on this server. */
export class WatchHub implements WatchService {
  readonly #services: ApiServices
  readonly #views: Views
  readonly #sessions = new Set<{ readonly session: Session; readonly outlet: Outlet }>()
  #listening: Promise<() => Promise<void>> | undefined
  readonly #stop = new AbortController()
  #closed = false

  constructor(services: ApiServices) {
    this.#services = services
    this.#views = new Views(services)
  }

  async socket(socket: WebSocket, caller: Caller): Promise<void> {
    const gone = new AbortController()
    socket.on('error', () => undefined)
    socket.once('close', () => gone.abort(enough))
    const outlet = socketOutlet(socket)
    const run = this.#session(outlet, caller, gone.signal, (session) => {
      socket.on('message', (data: Buffer) => {
        // One at a time: who sends faster is not read.
        socket.pause()
        void take(session, data).then((taken) => {
          socket.resume()
          if (!taken) socket.close(1008, 'not a message of airside.watch.1')
        }, () => socket.terminate())
      })
      void this.#pinging(socket, gone.signal)
    })
    await run
  }

  async stream(response: ServerResponse, caller: Caller, topics: readonly string[]): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort(enough))
    response.on('error', () => undefined)
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache, no-store, must-revalidate', 'X-Accel-Buffering': 'no' })
    response.flushHeaders()
    await this.#session(streamOutlet(response), caller, gone.signal, (session) => {
      for (const [index, topic] of topics.slice(0, mostSubscriptions + 1).entries()) void session.subscribe(index, topic, undefined).catch(() => response.destroy())
      void this.#beating(response, gone.signal)
    })
  }

  /** Pages come back, perhaps to another server. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stop.abort(enough)
    for (const { outlet } of this.#sessions) outlet.cut()
    await (await this.#listening?.catch(() => undefined))?.()
  }

  async #session(outlet: Outlet, caller: Caller, gone: AbortSignal, begin: (session: Session) => void): Promise<void> {
    if (this.#closed) return outlet.cut()
    const session = new Session(this.#services, this.#views, outlet, caller)
    const held = { session, outlet }
    this.#sessions.add(held)
    try {
      if (this.#listening === undefined) (this.#listening = workOfItsOwn(() => this.#listen())).catch(() => undefined)
      begin(session)
      await session.rechecking(this.#services.clock, gone)
    } finally {
      session.close()
      this.#sessions.delete(held)
    }
  }

  /** Until it listens nothing is told: what is followed by then is read once more. Tried again while there is anybody to tell. */
  async #listen(): Promise<() => Promise<void>> {
    const { uiChanges, clock, log } = this.#services
    for (;;) {
      try {
        const stop = await uiChanges.listen((change) => this.#changed(change))
        this.#views.changed({ kind: 'unknown' })
        return stop
      } catch (error) {
        if (this.#closed) throw error
        log.error({ err: error, component: 'watch' }, 'listening for changes of what the web UI shows failed; it is tried again')
        await clock.sleep(listenAgainMs, this.#stop.signal)
      }
    }
  }

  #changed(change: UiChange): void {
    this.#views.changed(change)
    if (change.kind === 'pipeline') for (const { session } of this.#sessions) void session.pipelineChanged(change.id).catch(() => undefined)
    if (change.kind !== 'people' && change.kind !== 'unknown') return
    for (const { session } of this.#sessions) void session.recheck().catch(() => undefined)
  }

  async #pinging(socket: WebSocket, gone: AbortSignal): Promise<void> {
    let unanswered = 0
    socket.on('pong', () => (unanswered = 0))
    for (;;) {
      await this.#services.clock.sleep(pingMs, gone).catch(() => undefined)
      if (gone.aborted) return
      if (unanswered >= 2) return socket.terminate()
      unanswered += 1
      socket.ping()
      socket.send('{}')
    }
  }

  async #beating(response: ServerResponse, gone: AbortSignal): Promise<void> {
    for (;;) {
      await this.#services.clock.sleep(pingMs, gone).catch(() => undefined)
      if (gone.aborted) return
      response.write(':\n\n')
    }
  }
}

/** False: it is no message. */
async function take(session: Session, data: Buffer): Promise<boolean> {
  if (data.length > longestMessage) return false
  const json = parseBoundedJson(data, { items: 20, depth: 2 })
  const message = json.ok ? messageSchema.safeParse(json.value) : undefined
  if (message?.success !== true) return false
  if ('unsub' in message.data) session.unsubscribe(message.data.unsub)
  else await session.subscribe(message.data.sub, message.data.topic, message.data.rev)
  return true
}

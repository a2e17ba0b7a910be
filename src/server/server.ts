import { systemClock, type Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { together, type Service } from '../lib/service.ts'
import { ok, type Result } from '../model/result.ts'
import { handleRequest, type Served } from './handle-request.ts'
import { listen, type Address, type ListenError } from './listen.ts'

export interface ServerOptions extends Omit<Served, 'ready'> {
  readonly address: Address
  /** Work beside the builds. */
  readonly services: Service
  /** Tells other servers where this one is. */
  readonly presence?: (address: Address) => Service
  readonly clock?: Clock
  readonly log: Log
}

export interface StopOptions {
  /** How long the server goes on answering while /health/ready says no more, so that load balancers send new connections elsewhere. Default: not at all. */
  readonly delayMs?: number
  /** Over which time event streams are cut, so that not all clients come to the next server at once. Default: none. */
  readonly spreadMs?: number
}

export interface RunningServer {
  readonly port: number
  /**
   * Claims no more builds, stops listening and lets go of all builds: they stay started, and the next server goes on with them. Event streams
   * are cut without an end, so that their clients come back; requests that are under way are answered.
   */
  stop(options?: StopOptions): Promise<void>
}

/** How long requests that are under way may take when the server stops. */
const requestGraceMs = 5_000

/** Listens, then runs the builds of all databases. Nothing has been started when it cannot listen. */
export async function startServer({ databases, runtime, api, address, services, presence, clock = systemClock, log }: ServerOptions): Promise<Result<RunningServer, ListenError>> {
  let draining = false
  const listener = await listen(address, { handler: handleRequest({ databases, runtime, ...(api && { api }), ready: () => !draining }), onUpgrade: api?.upgrade, clock })
  if (!listener.ok) return listener
  const { port } = listener.value
  log.info({ runtime, databases: databases.length }, `listening on http://${address.bind}:${port}`)
  const present = presence?.({ bind: address.bind, port })
  await together('server', [services, ...(present ? [present] : [])]).start()
  const serving = databases.map(({ engine }) => engine.serve())
  return ok({
    port,
    async stop({ delayMs = 0, spreadMs = 0 } = {}) {
      draining = true
      for (const { engine } of databases) engine.drain()
      if (delayMs > 0) await clock.sleep(delayMs)
      const answered = listener.value.close(requestGraceMs + spreadMs)
      await api?.close(spreadMs)
      await answered
      await present?.stop()
      await services.stop()
      for (const database of databases) await database.close()
      await Promise.all(serving)
    },
  })
}

import type { Log } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import { ok, type Result } from '../model/result.ts'
import { handleRequest, type Served } from './handle-request.ts'
import { listen, type Address, type ListenError } from './listen.ts'

export interface ServerOptions extends Served {
  readonly address: Address
  /** Work beside the builds. */
  readonly services: Service
  readonly log: Log
}

export interface RunningServer {
  readonly port: number
  /** Stops listening and lets go of all builds: they stay started, and the next server goes on with them. */
  stop(): Promise<void>
}

/** Listens, then runs the builds of all databases. Nothing has been started when it cannot listen. */
export async function startServer({ databases, runtime, api, address, services, log }: ServerOptions): Promise<Result<RunningServer, ListenError>> {
  const listener = await listen(address, handleRequest({ databases, runtime, ...(api && { api }) }), api?.upgrade)
  if (!listener.ok) return listener
  const { port } = listener.value
  log.info({ runtime, databases: databases.length }, `listening on http://${address.bind}:${port}`)
  await services.start()
  const serving = databases.map(({ engine }) => engine.serve())
  return ok({
    port,
    async stop() {
      // Before the sockets: event streams must be cut, not ended.
      await api?.close()
      listener.value.close()
      await services.stop()
      for (const database of databases) await database.close()
      await Promise.all(serving)
    },
  })
}

import { openServer } from '../../src/app/open-server.ts'
import type { AppOptions } from '../../src/app/options.ts'
import { stopRequested } from '../../src/cli/stop-signals.ts'
import { defaultLimits } from '../../src/engine/engine.ts'
import { messageOf } from '../../src/lib/errors.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { ok } from '../../src/model/result.ts'
import { startServer, type StopOptions } from '../../src/server/server.ts'
import { createRendezvous } from '../../src/supervision/rendezvous.ts'
import { Caller } from './link.ts'
import { farRuntime } from './far-runtime.ts'

/** What a server process is started with. */
export interface ServerArguments {
  readonly options: Pick<AppOptions, 'data' | 'database' | 'externalUrl' | 'encryptionKey'>
  readonly stop: StopOptions
  /** How long a lease of a build lasts that its server does not renew. */
  readonly leaseMs: number
}

// A server as `airside web` runs it, on the fake runtime of the process that forked it.
const { options, stop, leaseMs } = JSON.parse(process.argv[2] ?? '') as ServerArguments
const far = farRuntime(new Caller())
try {
  const opened = await openServer(
    { ...options, runtime: { kind: 'docker' }, baseTypes: new Map(), prepareAhead: 1, nativeImageFetch: true, log: silentLog, progress: () => undefined },
    {
      limits: { ...defaultLimits, leaseMs },
      runtime: (chosen, { stores, clock, log }) =>
        Promise.resolve(
          ok({
            runtime: far,
            rendezvous: createRendezvous({ key: stores.key, secret: stores.secret, store: stores.artifacts, clock, log }),
            options: chosen,
            description: 'fake',
            removeImages: () => Promise.resolve(),
            close: () => Promise.resolve(),
          }),
        ),
    },
  )
  if (!opened.ok) throw new Error(opened.error.message)
  const server = await startServer({ ...opened.value, address: { bind: '127.0.0.1', port: 0 }, clock: systemClock, log: silentLog })
  if (!server.ok) throw new Error(server.error.message)
  process.send?.({ kind: 'listening', port: server.value.port })
  await stopRequested(process)
  await server.value.stop(stop)
  process.disconnect()
} catch (error) {
  process.send?.({ kind: 'failed', message: messageOf(error) })
  process.exitCode = 1
  process.disconnect()
}

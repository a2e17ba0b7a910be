import type { ArtifactStore } from '../artifacts/store.ts'
import type { Clock } from '../lib/clock.ts'
import { logAboutThis } from '../lib/about.ts'
import { silentLog, type Log } from '../lib/log.ts'
import type { ExpectOptions, Rendezvous } from '../runtime/contract.ts'
import { Listener, type Peer } from './listener.ts'
import { ContainerExpectation, notWanted, refuse } from './expectation.ts'
import { secureContext } from './secure.ts'
import { defaultOutputLimit } from '../model/container.ts'
import type { ServerKey } from './server-key.ts'

/** Handles of finished containers, whose supervisors are told to stop. */
const rememberedHandles = 10_000

export interface RendezvousOptions {
  readonly key: ServerKey
  /** The installation's secret, at least 32 bytes; session keys are derived from it. */
  readonly secret: Buffer
  readonly store: ArtifactStore
  readonly clock: Clock
  readonly log?: Log
  /** Where to listen for supervisors that dial home by TCP; `advertise`: the host that containers reach it by. */
  readonly home?: { readonly host: string; readonly port: number; readonly advertise?: string }
  /** How long output is gathered before it goes to its sink, ms. */
  readonly gatherMs?: number
  /** Bytes that an output or cache may have, holes included. */
  readonly outputLimit?: number
}

export interface SupervisionServer extends Rendezvous {
  expect(handle: string, options: ExpectOptions): ContainerExpectation
  start(): Promise<void>
  /** Closes all channels and sockets. Containers go on, and report in to the next server with the same key and secret. */
  stop(): Promise<void>
}

export function createRendezvous(options: RendezvousOptions): SupervisionServer {
  const { key, secret, store, clock, home, log = silentLog, gatherMs = 50, outputLimit = defaultOutputLimit } = options
  if (secret.length < 32) throw new Error('the installation secret is too short')
  const expected = new Map<string, ContainerExpectation>()
  const over = new Set<string>()
  let homeAddress: string | undefined

  const introduce = (peer: Peer): void => {
    const { channel, hello, handle } = peer
    if (handle !== undefined && handle !== hello.container) {
      return refuse(channel, { reason: 'this way in belongs to another container', final: false })
    }
    const expectation = expected.get(hello.container)
    if (expectation !== undefined) return expectation.introduce(peer)
    // After a restart a container may connect before it is expected, so only finished ones are refused for good.
    refuse(channel, over.has(hello.container) ? notWanted : { reason: 'this container is not expected', final: false })
  }
  const listener = new Listener({ clock, log, context: secureContext(key), onPeer: introduce })

  return {
    serverKey: key.pin,
    get homeAddress() {
      return homeAddress
    },
    expect(handle, expectOptions) {
      if (expected.has(handle)) throw new Error(`container ${handle} is expected already`)
      over.delete(handle)
      const expectation = new ContainerExpectation(handle, expectOptions, {
        clock,
        log: logAboutThis(log),
        secret,
        store,
        listener,
        gatherMs,
        outputLimit,
        onLeft: () => expected.delete(handle),
        onCancelled: () => {
          expected.delete(handle)
          over.add(handle)
          for (const oldest of over) {
            if (over.size <= rememberedHandles) break
            over.delete(oldest)
          }
        },
      })
      expected.set(handle, expectation)
      return expectation
    },
    async start() {
      if (home === undefined) return
      const port = await listener.listenTcp(home.host, home.port)
      const host = home.advertise ?? home.host
      homeAddress = `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`
    },
    async stop() {
      await listener.close()
      await Promise.all([...expected.values()].map((expectation) => expectation.leave()))
    },
  }
}

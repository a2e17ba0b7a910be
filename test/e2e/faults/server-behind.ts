import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDiskStore } from '../../../src/artifacts/disk.ts'
import type { Clock } from '../../../src/lib/clock.ts'
import type { Rendezvous } from '../../../src/runtime/contract.ts'
import { createRendezvous } from '../../../src/supervision/rendezvous.ts'
import { newPrivateKey, serverKey, type ServerKey } from '../../../src/supervision/server-key.ts'
import { Proxy } from '../../../src/supervision/testing/proxy.ts'
import { through } from './through.ts'

/** A server whose containers meet it through a proxy, whichever way they come. */
export interface ServerBehind {
  /** What a runtime is made with. */
  readonly rendezvous: Rendezvous
  readonly proxy: Proxy
  readonly key: ServerKey
  /** Where it is reached past the proxy: a port of `host`. */
  readonly port: number
  stop(): Promise<void>
}

/** `host`: where containers reach it by TCP, if they are to. */
export async function openServerBehind(clock: Clock, host?: string): Promise<ServerBehind> {
  const folder = await mkdtemp(join(tmpdir(), 'airside-behind-'))
  const key = serverKey(newPrivateKey())
  const server = createRendezvous({
    key,
    secret: randomBytes(32),
    store: await openDiskStore(folder),
    clock,
    ...(host !== undefined && { home: { host, port: 0 } }),
  })
  await server.start()
  const port = server.homeAddress === undefined ? 0 : Number(new URL(server.homeAddress.replace('tcp:', 'http:')).port)
  const proxy = await Proxy.start(() => port, host)
  return {
    rendezvous: through(proxy, server),
    proxy,
    key,
    port,
    async stop() {
      await server.stop()
      proxy.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

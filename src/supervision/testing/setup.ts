import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import { openDiskStore } from '../../artifacts/disk.ts'
import type { ArtifactStore } from '../../artifacts/store.ts'
import { systemClock, type Clock } from '../../lib/clock.ts'
import type { Assignment, ContainerLost } from '../../runtime/contract.ts'
import type { ContainerExpectation } from '../expectation.ts'
import { createRendezvous, type SupervisionServer } from '../rendezvous.ts'
import { newPrivateKey, serverKey, type ServerKey } from '../server-key.ts'
import { dialHome, secureClient } from './dial-home.ts'
import type { FakeSupervisorOptions } from './fake-supervisor.ts'

export type Transport = 'unix' | 'tcp' | 'tunnel'
export const transports: readonly Transport[] = ['unix', 'tcp', 'tunnel']

/** A rendezvous with its store in a temporary directory; `restart` replaces it as a killed server's successor would. */
export class TestServer {
  readonly dir: string
  readonly store: ArtifactStore
  readonly key: ServerKey
  readonly secret: Buffer
  readonly clock: Clock
  rendezvous: SupervisionServer

  readonly #outputLimit: number | undefined

  private constructor(dir: string, store: ArtifactStore, clock: Clock, outputLimit?: number) {
    this.#outputLimit = outputLimit
    this.dir = dir
    this.store = store
    this.clock = clock
    this.key = serverKey(newPrivateKey())
    this.secret = randomBytes(32)
    this.rendezvous = this.#make(0)
  }

  static async start(clock: Clock = systemClock, outputLimit?: number): Promise<TestServer> {
    const dir = await mkdtemp(join(tmpdir(), 'airside-supervision-'))
    const server = new TestServer(dir, await openDiskStore(join(dir, 'store')), clock, outputLimit)
    await server.rendezvous.start()
    return server
  }

  /** The old one vanishes; the new one has the same key, secret and port. */
  async restart(): Promise<void> {
    const port = Number(new URL(this.rendezvous.homeAddress!.replace('tcp:', 'http:')).port)
    await this.rendezvous.stop()
    this.rendezvous = this.#make(port)
    await this.rendezvous.start()
  }

  async stop(): Promise<void> {
    await this.rendezvous.stop()
    await rm(this.dir, { recursive: true, force: true })
  }

  /** How a supervisor reaches this expectation. */
  async way(transport: Transport, expectation: ContainerExpectation): Promise<FakeSupervisorOptions['connect']> {
    switch (transport) {
      case 'unix':
        await expectation.listenUnix(join(this.dir, 'home'))
        return () => dialHome(join(this.dir, 'home', 'socket'), this.key.pin)
      case 'tcp':
        return () => dialHome(this.rendezvous.homeAddress!, this.key.pin)
      case 'tunnel':
        return () => {
          const [ours, theirs] = duplexPair()
          expectation.dialled(ours)
          return secureClient(theirs, this.key.pin)
        }
    }
  }

  #make(port: number): SupervisionServer {
    const { key, secret, store, clock } = this
    return createRendezvous({ key, secret, store, clock, home: { host: '127.0.0.1', port }, gatherMs: 1, ...(this.#outputLimit !== undefined && { outputLimit: this.#outputLimit }) })
  }
}

export const assignment = (id: string, more: Partial<Assignment> = {}): Assignment => ({
  id,
  process: { path: 'true', args: [], env: [], dir: '/', user: '' },
  stdout: 'log',
  inputs: [],
  outputs: [],
  caches: [],
  chown: false,
  ...more,
})

export const neverLost = new Promise<ContainerLost>(() => {})
export const noAbort = new AbortController().signal

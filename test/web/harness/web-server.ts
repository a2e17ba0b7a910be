import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { hashSync } from 'bcryptjs'
import { pack } from 'tar-stream'
import type { ArtifactStore } from '../../../src/artifacts/store.ts'
import { startServer } from '../../../src/server/server.ts'
import { openServer } from '../../../src/app/open-server.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { ok } from '../../../src/model/result.ts'
import type { Role } from '../../../src/model/team.ts'
import { FakeRuntime } from '../../../src/runtime/fake/runtime.ts'
import { createRendezvous } from '../../../src/supervision/rendezvous.ts'
import { logIn, type Api } from './api.ts'
import { movedClock, type MovedClock } from './moved-clock.ts'

/** Users of every test server, whose passwords are their names. ana owns team main, vera views it; the others may log in once a test gives them a role. */
export const people = ['ana', 'vera', 'max', 'otto', 'mia', 'olga'] as const
export type Person = (typeof people)[number]
/** How long a login lasts. */
export const loginMs = 3_600_000

/** A file that is not held in memory. */
export interface LargeFile {
  readonly size: number
  readonly content: () => Iterable<Buffer>
}

/** An `airside web` on an embedded database of its own, whose steps run on the fake runtime (src/runtime/fake/script.ts says how to steer them). */
export interface WebServer {
  readonly url: string
  readonly fake: FakeRuntime
  /** The server's time, which a test may move on. */
  readonly clock: MovedClock
  /** The HTTP API, as somebody. */
  as(person: Person): Promise<Api>
  /** Stores files, by their paths, as what a step's output of this name is from then on. */
  storeOutput(name: string, files: Readonly<Record<string, string | Buffer | LargeFile>>): Promise<void>
  /** Stops it and starts another on the same data and port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface WebServerOptions {
  /** Of config-rbac: the least role of a route, by its name. */
  readonly roles?: ReadonlyMap<string, Role>
  /** Users besides `people`, whose passwords are their names, too. */
  readonly users?: readonly string[]
  /** Hosts that pages may load background images from. */
  readonly webImageHosts?: readonly string[]
}

/** @param listens where it listens, when a proxy stands before it on the port of its URL */
export async function startWebServer(port: number, { roles = new Map(), users = [], webImageHosts = [] }: WebServerOptions = {}, listens = port): Promise<WebServer> {
  const data = await mkdtemp(join(tmpdir(), 'airside-web-'))
  const url = `http://127.0.0.1:${port}`
  const fake = new FakeRuntime()
  const clock = movedClock()
  const options = { data, port: listens, url, fake, clock, roles, users: [...people, ...users], webImageHosts }
  let { running, artifacts } = await open(options)
  return {
    url,
    fake,
    clock,
    as: (person) => logIn(url, person),
    async storeOutput(name, files) {
      const tar = pack()
      const storing = artifacts.put(tar as AsyncIterable<Uint8Array>)
      for (const [path, content] of Object.entries(files)) {
        if (typeof content === 'string' || Buffer.isBuffer(content)) tar.entry({ name: path }, content)
        else await pipeline(Readable.from(content.content()), tar.entry({ name: path, size: content.size }))
      }
      tar.finalize()
      const stored = await storing
      if (!stored.ok) throw new Error(stored.error.message)
      fake.outputs.set(name, stored.value)
    },
    async restart() {
      await running.stop();
      ({ running, artifacts } = await open(options))
    },
    async stop() {
      await running.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

async function open({ data, port, url, fake, clock, roles, users, webImageHosts }: { readonly data: string; readonly port: number; readonly url: string; readonly fake: FakeRuntime; readonly clock: MovedClock; readonly roles: ReadonlyMap<string, Role>; readonly users: readonly string[]; readonly webImageHosts: readonly string[] }) {
  let stored: { readonly artifacts: ArtifactStore } | undefined
  // Images are found by the fake's nodes: no registry answers, and none is asked for more than a fraction of a second.
  const opened = await openServer(
    {
      data, externalUrl: url, webImageHosts, runtime: { kind: 'docker', tags: 'all' }, baseTypes: new Map(), prepareAhead: 1, nativeImageFetch: true, images: { check: 'node' }, log: silentLog, progress: () => undefined,
      login: {
        // Of the least cost that bcrypt has: the server's own hashes take a tenth of a second of processor time each, at its start and at each login.
        localUsers: users.map((name) => ({ name, password: hashSync(name, 4) })),
        mainTeam: { owner: { users: ['local:ana'], groups: [] }, viewer: { users: ['local:vera'], groups: [] } },
        loginMs, secureCookies: false, roles, providers: {},
      },
    },
    {
      clock,
      async runtime(options, { stores, log }) {
        stored = stores
        const rendezvous = createRendezvous({ key: stores.key, secret: stores.secret, store: stores.artifacts, clock, log })
        return ok({ runtime: fake, rendezvous, options, description: 'fake', removeImages: async () => undefined, close: async () => undefined })
      },
    },
  )
  if (!opened.ok || stored === undefined) throw new Error(opened.ok ? 'no stores' : opened.error.message)
  const started = await startServer({ ...opened.value, address: { bind: '127.0.0.1', port }, clock, log: silentLog })
  if (!started.ok) throw new Error(`port ${port}: ${started.error.kind}`)
  return { running: started.value, artifacts: stored.artifacts }
}

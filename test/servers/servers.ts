import { fork, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import type { StopOptions } from '../../src/server/server.ts'
import { FakeRuntime } from '../../src/runtime/fake/runtime.ts'
import { makeImage } from '../services/oci-image.ts'
import { pushImage } from '../services/push-image.ts'
import { lend } from './far-runtime.ts'
import type { ServerArguments } from './main.ts'

export interface ServerProcess {
  readonly url: string
  readonly child: ChildProcess
  readonly ended: Promise<number | NodeJS.Signals>
}

/** Servers in processes of their own, on one database and one fake runtime, which outlive them. */
export class Servers {
  readonly runtime = new FakeRuntime()
  readonly #database: string
  readonly #folder: string
  readonly #children = new Set<ChildProcess>()

  readonly #registry: RunningRegistry

  private constructor(database: string, folder: string, registry: RunningRegistry) {
    this.#database = database
    this.#folder = folder
    this.#registry = registry
  }

  static async on(database: string): Promise<Servers> {
    const folder = await mkdtemp(join(tmpdir(), 'airside-servers-'))
    const registry = await startRegistry({ dir: join(folder, 'registry') })
    await pushImage({ url: `http://${registry.host}`, host: registry.host }, 'tools', '1', await makeImage([[]]))
    return new Servers(database, folder, registry)
  }

  /** A pipeline of jobs with one task each, which the fake runtime does as its params say. */
  pipeline(tasks: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
    const image = { type: 'registry-image', source: { repository: `${this.#registry.host}/tools`, tag: '1', insecure: true } }
    const jobs = Object.entries(tasks).map(([name, params]) => ({ name, plan: [{ task: name, params, config: { platform: 'linux', image_resource: image, run: { path: 'make' } } }] }))
    return JSON.stringify({ jobs })
  }

  /** All have one data folder, as servers with one artifact store have. */
  async start(stop: StopOptions = {}): Promise<ServerProcess> {
    const given: ServerArguments = { options: { data: this.#folder, database: this.#database, externalUrl: 'http://ci.example', encryptionKey: 'k'.repeat(32) }, stop, leaseMs: 2_000 }
    const child = fork(join(import.meta.dirname, 'main.ts'), [JSON.stringify(given)], { serialization: 'advanced', execArgv: ['--disable-warning=ExperimentalWarning'] })
    this.#children.add(child)
    const ended = new Promise<number | NodeJS.Signals>((resolve) => {
      child.once('exit', (code, signal) => {
        this.#children.delete(child)
        resolve(code ?? signal ?? 0)
      })
    })
    lend(this.runtime, child)
    const port = await new Promise<number>((resolve, reject) => {
      child.on('message', (message: { kind: string; port?: number; message?: string }) => {
        if (message.kind === 'listening') resolve(message.port ?? 0)
        if (message.kind === 'failed') reject(new Error(message.message))
      })
      void ended.then((status) => reject(new Error(`the server ended with ${status} before it listened`)))
    })
    return { url: `http://127.0.0.1:${port}`, child, ended }
  }

  async token(url: string): Promise<string> {
    const password = (await readFile(join(this.#folder, 'admin-password'), 'utf8')).trim()
    const answer = await fetch(`${url}/sky/issuer/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'password', username: 'admin', password, scope: 'openid' }), headers: { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` } })
    const { access_token: token } = (await answer.json()) as { access_token: string }
    return token
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL')
    await this.#registry.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry } from '../../src/images/server/start-registry.ts'
import { startPodman } from '../services/podman.ts'
import { freePort } from '../services/ports.ts'
import { until } from '../services/wait.ts'
import { airside, type Running } from './airside.ts'

export interface ServedWorld {
  /** Its data, and what a test puts there. */
  readonly folder: string
  readonly url: string
  readonly registry: string
  readonly password: string
  /** Kills the server with SIGKILL. */
  kill(): Promise<void>
  /** Starts it again after that, on the same data and port. */
  startAgain(): Promise<void>
  stop(): Promise<void>
}

/** A fresh server on an engine and a registry of its own, which has the demo's images. */
export async function startServedWorld(name: string): Promise<ServedWorld> {
  const folder = await mkdtemp(join(tmpdir(), `airside-${name}-`))
  const podman = await startPodman()
  const registry = await startRegistry({ dir: join(folder, 'registry') })
  const client = new RegistryClient({})
  await pushDemoImages(client, registry.host, '')
  await client.close()
  const start = (port?: number) => startWeb(folder, ['--keep-for', '10m'], { DOCKER_HOST: podman.dockerHost }, port)
  let served = await start()
  const { url, password } = served
  return {
    url,
    password,
    folder,
    registry: registry.host,
    async kill() {
      served.server.child.kill('SIGKILL')
      await served.server.ended
    },
    async startAgain() {
      served = await start(Number(new URL(url).port))
    },
    async stop() {
      await served.stop()
      await registry.stop()
      await podman.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface ServedWeb {
  readonly url: string
  readonly password: string
  readonly server: Running
  stop(): Promise<void>
}

/** `airside web` with its data in `folder`, once it answers. */
export async function startWeb(folder: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}, givenPort?: number): Promise<ServedWeb> {
  const port = givenPort ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const server = airside(['web', '--port', String(port), '--data', join(folder, 'data'), '--external-url', url, ...flags], env)
  await until('the server answers', async () => (await fetch(`${url}/health`)).ok, { why: () => Promise.resolve(server.stderr()) })
  return {
    url,
    server,
    password: (await readFile(join(folder, 'data', 'admin-password'), 'utf8')).trim(),
    async stop() {
      server.child.kill('SIGTERM')
      await server.ended
    },
  }
}

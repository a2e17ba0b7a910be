import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pushDemoImages } from '../../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../../src/images/registry/registry-client.ts'
import { startRegistry } from '../../../src/images/server/start-registry.ts'
import { startPodman } from '../../services/podman.ts'
import { freePort } from '../../services/ports.ts'
import { until } from '../../services/wait.ts'
import { airside } from '../airside.ts'

export interface WireWorld {
  readonly folder: string
  readonly url: string
  readonly registry: string
  readonly password: string
  stop(): Promise<void>
}

/** A fresh server on an engine and a registry of its own, and the files that fly's commands name. */
export async function startWireWorld(): Promise<WireWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'airside-wire-'))
  const podman = await startPodman()
  const registry = await startRegistry({ dir: join(folder, 'registry') })
  const client = new RegistryClient({})
  await pushDemoImages(client, registry.host, '')
  await client.close()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = airside(['web', '--port', String(port), '--data', join(folder, 'data'), '--external-url', url, '--keep-for', '10m'], { DOCKER_HOST: podman.dockerHost })
  await until('the server answers', 60, async () => (await fetch(`${url}/health`)).ok)
  const image = `{type: registry-image, source: {repository: ${registry.host}/tools, tag: "1", insecure: true}}`
  const config = (script: string, more = '') => `{platform: linux, image_resource: ${image}, ${more}run: {path: sh, args: [-c, ${JSON.stringify(script)}]}}`
  await writeFile(
    join(folder, 'pipeline.yml'),
    `resource_types:
- {name: tool, type: registry-image, source: {repository: ${registry.host}/letterbox-resource, insecure: true}}
resources:
- {name: image, type: registry-image, source: {repository: ${registry.host}/tools, tag: "1", insecure: true}}
- {name: letter, type: tool, source: {letters: [a]}}
jobs:
- {name: unit, plan: [{get: image}, {get: letter}, {task: greet, config: ${config('echo hello')}}]}
- {name: broken, plan: [{task: fail, config: ${config('exit 3')}}]}
- {name: slow, plan: [{task: wait, config: ${config('sleep 600')}}]}
`,
  )
  await writeFile(join(folder, 'instance.yml'), `jobs: [{name: j, plan: [{task: t, config: ${config('true')}}]}]\n`)
  await writeFile(join(folder, 'task.yml'), config('cat in/word > out/word', 'inputs: [{name: in}], outputs: [{name: out}], '))
  await mkdir(join(folder, 'in'))
  await writeFile(join(folder, 'in', 'word'), 'hello\n')
  return {
    folder,
    url,
    registry: registry.host,
    password: (await readFile(join(folder, 'data', 'admin-password'), 'utf8')).trim(),
    async stop() {
      server.child.kill('SIGTERM')
      await server.ended
      await registry.stop()
      await podman.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

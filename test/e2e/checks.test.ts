import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { pushSample } from '../../src/images/testing/sample-image.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { freePort } from '../services/ports.ts'
import { until } from '../services/wait.ts'
import { airside, type Running } from './airside.ts'

describe('resources that are checked by themselves', () => {
  let folder: string
  let podman: Podman
  let registry: RunningRegistry
  let server: Running
  let url: string

  const serve = async (): Promise<void> => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    server = airside(['web', '--port', String(port), '--data', join(folder, 'data'), '--external-url', url], { DOCKER_HOST: podman.dockerHost })
    await until('the server answers', async () => (await fetch(`${url}/health`)).ok)
    const password = (await readFile(join(folder, 'data', 'admin-password'), 'utf8')).trim()
    expect(await ran('login', '-t', 'x', '-c', url, '-u', 'admin', '-p', password)).toMatchObject({ status: 0 })
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-checks-'))
    podman = await startPodman()
    registry = await startRegistry({ dir: join(folder, 'registry') })
    const client = new RegistryClient({})
    await pushDemoImages(client, registry.host, '')
    await client.close()
    await push('first')
    await writeFile(
      join(folder, 'pipeline.yml'),
      `resource_types:
- {name: letterbox, type: registry-image, source: {repository: ${registry.host}/letterbox-resource, insecure: true}}
resources:
- {name: app, type: registry-image, check_every: 1s, source: {repository: ${registry.host}/app, tag: "1", insecure: true}}
- {name: broken, type: letterbox, check_every: 1s, source: {}}
jobs:
- name: deploy
  plan:
  - {get: app, trigger: true}
  - task: say
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: ${registry.host}/tools, tag: 1, insecure: true}}
      run: {path: sh, args: [-c, "echo deployed"]}
- name: never
  plan:
  - {get: broken, trigger: true}
`,
    )
    await serve()
  })

  afterAll(async () => {
    server.child.kill('SIGTERM')
    await server.ended
    await registry.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const ran = (...args: string[]) => airside(args, { HOME: folder, FLY_HOME: folder, AIRSIDE_TARGET: '' }).ended
  const push = (seed: string) => pushSample({ registry: registry.host, repository: 'app', insecure: true, caCerts: [] }, '1', { seed })
  const deployed = async (): Promise<string | undefined> => {
    const jobs = JSON.parse((await ran('jobs', '-p', 'demo', '--json')).stdout) as { name: string; finished_build: { name: string; status: string } | null }[]
    const build = jobs.find(({ name }) => name === 'deploy')?.finished_build
    return build ? `${build.name} ${build.status}` : undefined
  }

  test('a new tag in a registry starts a build, before and after the server was killed', async () => {
    expect(await ran('set-pipeline', '-p', 'demo', '-c', join(folder, 'pipeline.yml'), '-n')).toMatchObject({ status: 0 })
    expect(await ran('unpause-pipeline', '-p', 'demo')).toMatchObject({ status: 0 })
    await until('the first build ends', async () => (await deployed()) === '1 succeeded')
    await push('second')
    await until('the second build ends', async () => (await deployed()) === '2 succeeded')

    server.child.kill('SIGKILL')
    await server.ended
    await push('third')
    await serve()
    await until('the third build ends', async () => (await deployed()) === '3 succeeded')
  })
})

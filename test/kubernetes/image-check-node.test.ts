import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushSupervisor } from '../../src/cli/supervisor-image.ts'
import { startCluster, type Cluster } from '../cluster/cluster.ts'
import { airside } from '../e2e/airside.ts'
import { busyboxImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { startRegistry, type Registry } from '../services/registry.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'
import { watchPods } from './watch-pods.ts'

/** A registry by a name that the node alone knows. */
describe('images of a registry that only nodes can reach', { timeout: 120_000 }, () => {
  const host = `nodes-only-${randomBytes(4).toString('hex')}.test`
  let folder: string
  let cluster: Cluster
  let namespace: TestNamespace
  let registry: Registry
  let supervisorImage: string
  let file: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-nodes-only-'))
    cluster = await startCluster()
    namespace = await makeNamespace(cluster, 'baseline')
    registry = await startRegistry()
    await cluster.trust(host, { kind: 'http', at: registry.host })
    supervisorImage = await pushSupervisor(`${cluster.registry.host}/airside-supervisor`, () => undefined)
    file = join(folder, 'pipeline.yml')
    await writeFile(
      file,
      `
jobs:
- name: job
  plan:
  - task: say
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: ${host}/tools, tag: 1.2}}
      run: {path: cat, args: [/word]}
`,
    )
  }, 900_000)

  afterAll(async () => {
    await namespace.remove()
    await cluster.stop()
    await registry.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...more: string[]) =>
    airside([
      'run', file, '--data', join(folder, 'data'), '--runtime', 'kubernetes', '--kubeconfig', namespace.kubeconfig, '--namespace', namespace.name,
      '--supervisor-image', supervisorImage, '--home-address', cluster.hostAddress, ...more,
    ]).ended
  const image = (word: string) => busyboxImage([{ path: 'word', content: `${word} ${randomBytes(8).toString('hex')}\n` }])

  test('are an error that says so, and no pod is made', async () => {
    const pods = watchPods(cluster, namespace)
    const ended = await run()
    expect(ended.status).toBe(2)
    expect(ended.stdout).toContain(`registry cannot be reached: ${host}/tools:1.2: ${host}: its name is not known`)
    expect(pods()).toEqual([])
  })

  test('are pulled by their tag with --image-check=node: each build finds what it means then', async () => {
    for (const word of ['first', 'second']) {
      const pushed = await pushImage(registry, 'tools', '1.2', await image(word))
      const pods = watchPods(cluster, namespace)
      const ended = await run('--image-check', 'node')
      expect(ended.status, ended.stdout + ended.stderr).toBe(0)
      expect(ended.stdout).toMatch(new RegExp(`^${word} `, 'm'))
      expect(ended.stdout).toContain(`the node pulls ${host}/tools:1.2 by itself`)
      expect(ended.stdout).toContain(`the node found ${host}/tools:1.2 to be ${pushed.digest}`)
      expect(pods().map(({ step, image: asked }) => `${step} ${asked}`)).toEqual([`say ${host}/tools:1.2`])
    }
    const agents = (await registry.accessLog()).map(({ userAgent }) => userAgent)
    expect(agents.some((agent) => agent.includes('containerd'))).toBe(true)
    expect(agents.filter((agent) => agent.startsWith('airside') && !agent.startsWith('airside-test'))).toEqual([])
  })
})

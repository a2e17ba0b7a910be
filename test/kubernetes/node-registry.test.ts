import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushSupervisor } from '../../src/cli/supervisor-image.ts'
import { startRegistryFront, type RegistryFront } from '../../src/runtime/conformance/registry-front.ts'
import { startCluster, type Cluster } from '../cluster/cluster.ts'
import { airside } from '../e2e/airside.ts'
import { busyboxImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { registryImageResource } from '../services/registry-image-resource.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'
import { watchPods } from './watch-pods.ts'

/** A registry that speaks plain HTTP, which server and pods are told to accept (`insecure`) and the node's containerd is not. */
describe('an image that asks for more than nodes are set up for', { timeout: 180_000 }, () => {
  const prefix = `node-registry-${randomBytes(4).toString('hex')}`
  let folder: string
  let cluster: Cluster
  let namespace: TestNamespace
  let plain: RegistryFront
  let supervisorImage: string
  let file: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-node-registry-'))
    cluster = await startCluster()
    namespace = await makeNamespace(cluster, 'privileged')
    plain = await startRegistryFront({ target: cluster.registry.url, address: cluster.hostAddress })
    await cluster.trust(plain.host, { kind: 'default' })
    supervisorImage = await pushSupervisor(`${cluster.registry.host}/airside-supervisor`, () => undefined)
    await pushImage(cluster.registry, `${prefix}/registry-image-resource`, '1', await registryImageResource())
    await pushImage(cluster.registry, `${prefix}/tools`, '1', await busyboxImage([{ path: 'word', content: `${prefix}\n` }]))
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
      image_resource: {type: registry-image, source: {repository: ${plain.host}/${prefix}/tools, tag: 1, insecure: true}}
      run: {path: cat, args: [/word]}
`,
    )
  }, 900_000)

  afterAll(async () => {
    await namespace.remove()
    await plain.stop()
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...more: string[]) =>
    airside([
      'run', file, '--data', join(folder, 'data'), '--runtime', 'kubernetes', '--kubeconfig', namespace.kubeconfig, '--namespace', namespace.name,
      '--supervisor-image', supervisorImage, '--home-address', cluster.hostAddress, '--image-registry', `${cluster.registry.host}/${prefix}`,
      '--base-resource-type', `registry-image=${cluster.registry.host}/${prefix}/registry-image-resource:1`, ...more,
    ]).ended

  test('is pulled where nothing is known of nodes, and the failure says what to set on them', async () => {
    const ended = await run()
    expect(ended.status).toBe(2)
    expect(ended.stdout).toContain("the registry speaks plain HTTP and the node insists on TLS: allow it on every node, in containerd's /etc/containerd/certs.d/")
  })

  test('is fetched by a get step where the operator says what nodes can pull, and the log says why', async () => {
    const pods = watchPods(cluster, namespace)
    const ended = await run('--node-registry', `${cluster.registry.host}=insecure`)
    expect(ended.status, ended.stdout + ended.stderr).toBe(0)
    expect(ended.stdout).toMatch(new RegExp(`^${prefix}$`, 'm'))
    expect(ended.stdout).toContain(`is fetched by a get step: its source says \`insecure\`, and nodes are not known to be set up for that with ${plain.host} (--node-registry ${plain.host}=insecure says that they are)`)
    const seen = pods().map(({ type, step, image }) => `${type} ${step} ${image.replace(/:.*/, '')}`)
    expect(pods().some(({ image }) => image.startsWith(plain.host)), seen.join('\n')).toBe(false)
    expect(pods().map(({ type, step }) => `${type} ${step}`)).toEqual(expect.arrayContaining(['get image', 'task say']))
  })
})

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRegistryFront, type RegistryFront } from '../../src/runtime/conformance/registry-front.ts'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { buildPrograms } from '../cluster/build.ts'
import { startCluster, type Cluster } from '../cluster/cluster.ts'
import { run } from '../services/command.ts'
import { nodeImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { kubernetesDocument, root, userDocuments } from './documents.ts'
import { commandsOf } from './fences.ts'
import { buildOverRestart, volumeFor } from './server-in-cluster.ts'

const [page] = userDocuments.filter(({ file }) => file === kubernetesDocument)
const commands = commandsOf(page?.text ?? '')

/** What the page on Kubernetes tells an administrator to type, in its order, with a namespace and a registry of the test's. */
describe(`commands of ${kubernetesDocument}`, () => {
  const namespace = `airside-${randomBytes(4).toString('hex')}`
  let folder: string
  let cluster: Cluster
  let programs: string
  let front: RegistryFront
  let password: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-documents-'))
    cluster = await startCluster()
    programs = (await buildPrograms(['kubernetes'], () => undefined)).kubernetes
    // Pods do not reach the host's loopback.
    front = await startRegistryFront({ target: cluster.registry.url, address: cluster.hostAddress })
    await cluster.trust(front.host, { kind: 'http' })
    const client = new RegistryClient({})
    await pushDemoImages(client, cluster.registry.host, 'library/', { repository: 'busybox', entries: [] })
    await client.close()
    await pushImage(cluster.registry, 'library/node', '24-trixie-slim', await nodeImage())
    await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(await volumeFor(namespace, folder)) })
  })
  afterAll(async () => {
    await cluster.tryKubectl(['delete', 'persistentvolume', namespace, '--ignore-not-found', '--wait=false'])
    await cluster.tryKubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])
    await front.stop()
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const env = () => ({
    ...process.env, NO_COLOR: '1', XDG_DATA_HOME: join(folder, 'data'), NAMESPACE: namespace, REGISTRY: `${front.host}/ci`,
    KUBECONFIG: cluster.kubeconfig, AIRSIDE_REGISTRY_MIRROR: `http://${cluster.registry.host}`, PATH: [programs, process.env['PATH']].join(delimiter),
  })

  test('the page runs a job on the cluster', () => {
    expect(commands.some(({ script, notRun }) => notRun === undefined && script.includes('--runtime kubernetes'))).toBe(true)
  })

  for (const { line, script, notRun } of commands) {
    if (notRun !== undefined) continue
    test(`${kubernetesDocument}:${line}: ${script.split('\n')[0]}`, async () => {
      const { code, stdout, stderr } = await run('sh', ['-euc', script], { cwd: root, env: env() })
      expect(code, `${stdout}\n${stderr}`).toBe(0)
      expect(stdout + stderr).not.toMatch(/^\s+at .*:\d+/m)
      if (script.includes('rollout status')) password = stdout.trim().split('\n').at(-1) ?? ''
    })
    if (script.includes('rollout status')) test('the server in the cluster goes on with a build when its pod is replaced', () => buildOverRestart({ cluster, namespace, folder, password, images: front.host }))
  }
})

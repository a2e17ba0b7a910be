import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDiskStore } from '../../src/artifacts/disk.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { ImageSource } from '../../src/model/image.ts'
import { artifactsOf } from '../../src/runtime/conformance/artifacts-of.ts'
import type { ConformanceHarness } from '../../src/runtime/conformance/harness.ts'
import { startRegistryFront } from '../../src/runtime/conformance/registry-front.ts'
import { createKubernetesRuntime, loadAccess, type KubernetesOptions, type KubernetesRuntime } from '../../src/runtime/kubernetes/index.ts'
import { annotationKeys } from '../../src/runtime/kubernetes/names.ts'
import { createRendezvous, type SupervisionServer } from '../../src/supervision/rendezvous.ts'
import { newPrivateKey, serverKey } from '../../src/supervision/server-key.ts'
import { startCluster, type Cluster } from '../cluster/cluster.ts'
import { busyboxImage, scratchImage } from '../services/images.ts'
import { makeImage, type Image } from '../services/oci-image.ts'
import { freePort } from '../services/ports.ts'
import { pushImage } from '../services/push-image.ts'
import { until } from '../services/wait.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
const supervisor = process.env['AIRSIDE_TEST_SUPERVISOR'] ?? join(import.meta.dirname, '../../supervisor/bin', `airside-supervisor-linux-${architecture}`)

export interface HarnessOptions {
  readonly enforce?: 'privileged' | 'baseline' | 'restricted'
  /** Where pods may dial home; default: yes. */
  readonly home?: boolean
  readonly options?: Partial<KubernetesOptions>
}

export interface KubernetesHarness extends ConformanceHarness {
  readonly runtime: KubernetesRuntime
  readonly cluster: Cluster
  readonly namespace: TestNamespace
  readonly rendezvous: SupervisionServer
  readonly supervisorImage: string
  /** The pod of a handle, as the API says it now. */
  pod(handle: string): Promise<{ readonly metadata: { readonly name: string; readonly uid: string; readonly labels?: Readonly<Record<string, string>> }; readonly spec: object; readonly status: object } | undefined>
  push(repository: string, image: Image, tag?: string): Promise<ImageSource & { kind: 'registry' }>
}

/** The Kubernetes runtime on the test cluster, under the account that deploy/rbac.yaml makes. */
export async function kubernetesHarness(harness: HarnessOptions = {}): Promise<KubernetesHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'airside-kubernetes-'))
  const cluster = await startCluster()
  const namespace = await makeNamespace(cluster, harness.enforce ?? 'privileged')
  const store = await openDiskStore(join(folder, 'artifacts'))
  const credentials = { username: 'airside', password: randomBytes(8).toString('hex') }
  const front = await startRegistryFront({ target: cluster.registry.url })
  const closedFront = await startRegistryFront({ target: cluster.registry.url, credentials })
  for (const { host } of [front, closedFront]) await cluster.trust(host, { kind: 'http' })

  const supervisorFile = await makeImage([[{ path: 'airside-supervisor', content: await readFile(supervisor), mode: 0o755 }]], { Entrypoint: ['/airside-supervisor'] })
  const supervisorImage = (await pushImage(cluster.registry, 'airside-supervisor', '1', supervisorFile)).pinned
  const pushTo = async ({ host }: { host: string }, repository: string, image: Image, tag = '1') => {
    const { digest } = await pushImage(cluster.registry, repository, tag, image)
    return { kind: 'registry' as const, reference: `${host}/${repository}:${tag}@${digest}`, host }
  }
  const unlike = (path: string) => busyboxImage([{ path, content: randomBytes(16) }])
  const privateDenied = await pushTo(closedFront, 'held/busybox', await unlike('private'))
  const images: ConformanceHarness['images'] = {
    busybox: await pushTo(cluster.registry, 'busybox', await busyboxImage()),
    scratch: await pushTo(cluster.registry, 'scratch', await scratchImage()),
    missing: { kind: 'registry', reference: `${cluster.registry.host}/missing:1@sha256:${'0'.repeat(64)}`, host: cluster.registry.host },
    private: { ...privateDenied, credentials },
    privateDenied,
    stalled: await pushTo(front, 'stalled/busybox', await unlike('stalled')),
  }

  const key = serverKey(newPrivateKey())
  const secret = randomBytes(32)
  const port = await freePort(cluster.hostAddress)
  const openServer = async () => {
    const home = harness.home === false ? {} : { home: { host: cluster.hostAddress, port } }
    const rendezvous = createRendezvous({ key, secret, store, clock: systemClock, ...home })
    await rendezvous.start()
    const runtime = createKubernetesRuntime({
      access: loadAccess({ kubeconfig: namespace.kubeconfig }),
      namespace: namespace.name,
      installation: 'conformance',
      rendezvous,
      supervisorImage,
      // A supervisor that is stopped is waited for so long: two cases of each file wait for no more than that.
      removalGraceSeconds: 5,
      ...harness.options,
    })
    await runtime.start()
    return { rendezvous, runtime }
  }
  let server = await openServer()
  const withoutServer = async (whileDown: () => Promise<void>): Promise<void> => {
    await server.rendezvous.stop()
    await server.runtime.stop()
    await whileDown()
    server = await openServer()
  }
  const pod = async (handle: string) => {
    const found = await cluster.kubectl(['get', 'pods', '-n', namespace.name, '-l', `airside.dev/container=${handle}`, '-o', 'json'])
    return (JSON.parse(found) as { items: Awaited<ReturnType<KubernetesHarness['pod']>>[] }).items[0]
  }
  const nameOf = async (handle: string): Promise<string> => {
    const found = await pod(handle)
    if (found === undefined) throw new Error(`no pod of ${handle}`)
    return found.metadata.name
  }
  const inside = async (handle: string, ...command: string[]): Promise<string> =>
    cluster.kubectl(['exec', '-n', namespace.name, await nameOf(handle), '-c', 'step', '--', ...command])

  return {
    cluster,
    namespace,
    supervisorImage,
    get runtime() {
      return server.runtime
    },
    get rendezvous() {
      return server.rendezvous
    },
    pod,
    push: (repository, image, tag) => pushTo(cluster.registry, repository, image, tag),
    artifacts: artifactsOf(store),
    images,
    releasePrivateImage: () => closedFront.release(),
    faults: {
      withoutServer,
      restartServer: () => withoutServer(() => Promise.resolve()),
      removeFromOutside: async (handle) => void (await cluster.kubectl(['delete', 'pod', '-n', namespace.name, await nameOf(handle), '--grace-period=1'])),
      killSupervisor: async (handle) => signalPidOne(cluster, namespace.name, await nameOf(handle), 'KILL'),
      stopSupervisor: async (handle) => signalPidOne(cluster, namespace.name, await nameOf(handle), 'STOP'),
      inside: (handle, script) => inside(handle, '/bin/sh', '-c', script),
    },
    async isCutOff(handle) {
      const labels = (await pod(handle))?.metadata.labels ?? {}
      const found = await cluster.kubectl(['get', 'networkpolicies', '-n', namespace.name, '-o', 'json'])
      const policies = (JSON.parse(found) as { items: { spec: { podSelector: { matchLabels?: Record<string, string> }; policyTypes: string[]; ingress?: unknown; egress?: unknown } }[] }).items
      const closed = policies.filter(({ spec }) => spec.policyTypes.toSorted().join() === 'Egress,Ingress' && spec.ingress === undefined && spec.egress === undefined)
      return closed.some(({ spec: { podSelector: { matchLabels = {} } } }) => Object.entries(matchLabels).every(([key, value]) => labels[key] === value))
    },
    exists: async (handle) => (await pod(handle)) !== undefined,
    async stop() {
      await server.runtime.stop()
      await server.rendezvous.stop()
      await namespace.remove()
      await front.stop()
      await closedFront.stop()
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** From outside: PID 1 of a namespace takes neither of these signals from inside it. */
async function signalPidOne(cluster: Cluster, namespace: string, name: string, signal: 'KILL' | 'STOP'): Promise<void> {
  // The kubelet reports the container later than the container speaks; of a warm sandbox that was taken it reports the one that waited until then.
  const id = await until(`the container of ${name} to be reported`, async () => {
    const { metadata, status } = JSON.parse(await cluster.kubectl(['get', 'pod', '-n', namespace, name, '-o', 'json'])) as PodToSignal
    const container = status.containerStatuses?.find((one) => one.name === 'step')
    return container?.state?.running !== undefined && container.containerID !== metadata.annotations?.[annotationKeys.waited] && container.containerID
  })
  await cluster.ctr(['tasks', 'kill', '--signal', `SIG${signal}`, id.replace('containerd://', '')])
}

interface PodToSignal {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
  readonly status: { readonly containerStatuses?: readonly { readonly name: string; readonly containerID?: string; readonly state?: { readonly running?: object } }[] }
}

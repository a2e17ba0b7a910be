import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pushSupervisor } from '../src/cli/push/supervisor-image.ts'
import { systemClock } from '../src/lib/clock.ts'
import { messageOf } from '../src/lib/errors.ts'
import { createRequests } from '../src/runtime/kubernetes/client/requests.ts'
import { loadAccess } from '../src/runtime/kubernetes/index.ts'
import { startCluster } from '../test/cluster/cluster.ts'
import { makeNamespace } from '../test/kubernetes/namespace.ts'
import { busyboxImage } from '../test/services/images.ts'
import { pushImage } from '../test/services/push-image.ts'
import { followedScript, readFollowed } from './followed-log.ts'
import { isOf, type Place } from './place.ts'
import { openRegistryAt, type OwnRegistry } from './place-registry.ts'
import { openTcpLine } from './tcp-line.ts'

/** A bare pod's folder on a volume. */
const work = '/work'

/** The test cluster, in a namespace of its own, with the rights that deploy/rbac.yaml gives to a server. */
export async function openKubernetesPlace(progress: (line: string) => void): Promise<Place> {
  const cluster = await startCluster({ log: progress })
  const namespace = await makeNamespace(cluster, 'baseline')
  const { registry } = cluster
  const repository = `${registry.host}/bench/busybox`
  const { pinned } = await pushImage(registry, 'bench/busybox', '1', await busyboxImage())
  const supervisorImage = await pushSupervisor(`${registry.host}/airside-supervisor`, () => undefined)
  const access = loadAccess({ kubeconfig: namespace.kubeconfig })
  const requests = createRequests(access)
  const line = await openTcpLine(cluster.hostAddress)
  const version = JSON.parse(await cluster.kubectl(['get', 'nodes', '-o', 'json'])) as { items: { status: { nodeInfo: Record<string, string> } }[] }
  const { kubeletVersion = '', containerRuntimeVersion = '' } = version.items[0]?.status.nodeInfo ?? {}
  // Reading logs is no right of the server's.
  const admin = loadAccess({ kubeconfig: cluster.kubeconfig })
  const adminRequests = createRequests(admin)
  let made = 0

  const pods = `/api/v1/namespaces/${namespace.name}/pods`
  const create = async (image: string, script: string): Promise<string> => {
    made += 1
    const name = `bare-${made}`
    const created = await requests.json({ method: 'POST', path: pods, body: bare(name, image, script) })
    if (!created.ok) throw new Error(`no bare pod: ${created.error.message}`)
    return name
  }
  const remove = async (name: string): Promise<void> => {
    // Not at once (0): the pod would be gone here while the node still has all of it, beside what is measured next.
    await requests.json({ method: 'DELETE', path: `${pods}/${name}`, body: { gracePeriodSeconds: 1 } })
    for (;;) {
      const pod = await requests.json({ method: 'GET', path: `${pods}/${name}` })
      if (!pod.ok && pod.error.status === 404) return
      await systemClock.sleep(100)
    }
  }
  /** There is nothing to follow before the kubelet knows that the container runs. */
  const logOf = async (name: string): Promise<Readable> => {
    for (;;) {
      const log = await adminRequests.stream({ method: 'GET', path: `${pods}/${name}/log?follow=true` })
      if (log.ok) return log.value
      if (log.error.status !== 400) throw new Error(log.error.message)
      await systemClock.sleep(100)
    }
  }
  /** Names of the images of a repository or registry; containerd has each by its content's name too, which keeps the content. */
  const images = async (of: string): Promise<string[]> => {
    const rows = (await cluster.ctr(['images', 'ls'])).split('\n').map((row) => row.split(/\s+/))
    const mine = new Set(rows.flatMap(([name = '', , digest = '']) => (isOf(name, of) ? [digest] : [])))
    return rows.flatMap(([name = '', , digest = '']) => (mine.has(digest) && (name.startsWith('sha256:') || isOf(name, of)) ? [name] : []))
  }
  const forgetImage = async (of: string): Promise<void> => {
    const names = await images(of)
    if (names.length > 0) await cluster.ctr(['images', 'rm', '--sync', ...names])
  }
  const registries: OwnRegistry[] = []

  return {
    kind: 'kubernetes',
    description: `Kubernetes ${kubeletVersion}, ${containerRuntimeVersion}`,
    runtime: {
      kind: 'kubernetes', kubeconfig: namespace.kubeconfig, namespace: namespace.name, supervisorImage,
      transport: 'auto', delivery: 'auto', isolation: { mode: 'baseline' }, home: { host: cluster.hostAddress, port: 0 },
    },
    registry: registry.host,
    repository,
    async warmed(installation, count) {
      const path = `${pods}?${new URLSearchParams({ labelSelector: `airside.dev/sandbox=warm,airside.dev/installation=${installation}` }).toString()}`
      for (;;) {
        const found = await requests.json<{ readonly items?: readonly { readonly status?: { readonly containerStatuses?: readonly { readonly ready?: boolean }[] } }[] }>({ method: 'GET', path })
        const ready = found.ok ? (found.value.items ?? []).filter(({ status }) => status?.containerStatuses?.[0]?.ready === true) : []
        if (ready.length >= count) return
        await systemClock.sleep(100)
      }
    },
    async floor() {
      const said = `floor-${made}`
      const first = line.heard(said)
      const from = performance.now()
      const name = await create(pinned, line.say(said))
      const { at } = await first
      return { ms: at - from, gone: remove(name) }
    },
    async followLog(script) {
      const said = `log-${made}`
      const waits = line.heard(said)
      const name = await create(pinned, followedScript(line.sayAndWait(said), script))
      const heard = await waits
      const followed = await readFollowed(await logOf(name), heard, text)
      await remove(name)
      return followed
    },
    async bare(of, script) {
      const said = `end-${made}`
      const end = line.heard(said)
      const name = await create(`${of}:1`, `cd ${work}; ${script}; ${line.say(said)}`)
      await end
      await remove(name)
    },
    toHost: { listen: { host: cluster.hostAddress }, url: (port) => `http://${cluster.hostAddress}:${port}` },
    async push(name, image) {
      await pushImage(registry, `bench/${name}`, '1', image)
      return `${registry.host}/bench/${name}`
    },
    forgetImage,
    async pull(of) {
      const from = performance.now()
      await cluster.ctr(['images', 'pull', '--plain-http', `${of}:1`])
      return performance.now() - from
    },
    async openRegistry() {
      const own = await openRegistryAt(cluster.hostAddress, progress)
      registries.push(own)
      await cluster.trust(own.host, { kind: 'http' })
      return own
    },
    async close() {
      for (const own of registries) {
        await forgetImage(own.host).catch((error: unknown) => progress(messageOf(error)))
        await own.stop()
      }
      await line.close()
      await access.close()
      await admin.close()
      await namespace.remove().catch((error: unknown) => progress(messageOf(error)))
      await rm(dirname(namespace.kubeconfig), { recursive: true, force: true })
      await cluster.stop()
    },
  }
}

/** A pod with one volume, as every step's pod has at least one. */
function bare(name: string, image: string, script: string): object {
  return {
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      volumes: [{ name: 'work', emptyDir: {} }],
      containers: [
        { name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], volumeMounts: [{ name: 'work', mountPath: work }] },
      ],
    },
  }
}

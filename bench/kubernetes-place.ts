import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pushSupervisor } from '../src/cli/supervisor-image.ts'
import { systemClock } from '../src/lib/clock.ts'
import { messageOf } from '../src/lib/errors.ts'
import { createRequests } from '../src/runtime/kubernetes/client/requests.ts'
import { loadAccess } from '../src/runtime/kubernetes/index.ts'
import { startCluster } from '../test/cluster/cluster.ts'
import { makeNamespace } from '../test/kubernetes/namespace.ts'
import { bigImage, busyboxImage } from '../test/services/images.ts'
import { pushImage } from '../test/services/push-image.ts'
import { listenForFirstBytes } from './first-bytes.ts'
import type { Place } from './place.ts'

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
  const bytes = await listenForFirstBytes(cluster.hostAddress)
  const version = JSON.parse(await cluster.kubectl(['get', 'nodes', '-o', 'json'])) as { items: { status: { nodeInfo: Record<string, string> } }[] }
  const { kubeletVersion = '', containerRuntimeVersion = '' } = version.items[0]?.status.nodeInfo ?? {}
  let floors = 0

  const pods = `/api/v1/namespaces/${namespace.name}/pods`
  const gone = async (name: string): Promise<void> => {
    await requests.json({ method: 'DELETE', path: `${pods}/${name}`, body: { gracePeriodSeconds: 0 } })
    for (;;) {
      const pod = await requests.json({ method: 'GET', path: `${pods}/${name}` })
      if (!pod.ok && pod.error.status === 404) return
      await systemClock.sleep(100)
    }
  }
  const images = async (of: string): Promise<string[]> => (await cluster.ctr(['images', 'ls', '-q'])).split('\n').filter((name) => name.startsWith(`${of}:`) || name.startsWith(`${of}@`))

  return {
    kind: 'kubernetes',
    description: `Kubernetes ${kubeletVersion}, ${containerRuntimeVersion}`,
    runtime: {
      kind: 'kubernetes', kubeconfig: namespace.kubeconfig, namespace: namespace.name, supervisorImage,
      transport: 'auto', delivery: 'auto', isolation: { mode: 'baseline' }, home: { host: cluster.hostAddress, port: 0 },
    },
    flags: [
      '--runtime', 'kubernetes', '--kubeconfig', namespace.kubeconfig, '--namespace', namespace.name,
      '--supervisor-image', supervisorImage, '--home-address', cluster.hostAddress,
    ],
    registry: registry.host,
    repository,
    async floor() {
      floors += 1
      const name = `floor-${floors}`
      const first = bytes.expect(name)
      const body = {
        metadata: { name },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          volumes: [{ name: 'work', emptyDir: {} }],
          containers: [
            {
              name: 'main', image: pinned, imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', `echo ${name} | nc ${cluster.hostAddress} ${bytes.port}`],
              volumeMounts: [{ name: 'work', mountPath: '/work' }],
            },
          ],
        },
      }
      const from = performance.now()
      const created = await requests.json({ method: 'POST', path: pods, body })
      if (!created.ok) throw new Error(`no floor pod: ${created.error.message}`)
      const ms = (await first) - from
      return { ms, gone: gone(name) }
    },
    async pushBig(name, megabytes) {
      await pushImage(registry, `bench/${name}`, '1', await bigImage(megabytes))
      return `${registry.host}/bench/${name}`
    },
    async forgetImage(of) {
      for (const name of await images(of)) await cluster.ctr(['images', 'rm', '--sync', name])
    },
    async pull(of) {
      const from = performance.now()
      await cluster.ctr(['images', 'pull', '--plain-http', `${of}:1`])
      return performance.now() - from
    },
    async close() {
      await bytes.close()
      await access.close()
      await namespace.remove().catch((error: unknown) => progress(messageOf(error)))
      await rm(dirname(namespace.kubeconfig), { recursive: true, force: true })
      await cluster.stop()
    },
  }
}

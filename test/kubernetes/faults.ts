import { afterAll, beforeAll, describe } from 'vitest'
import { pushSupervisor } from '../../src/cli/push/supervisor-image.ts'
import { startCluster, type Cluster } from '../cluster/cluster.ts'
import { describeAlone } from '../e2e/faults/alone.ts'
import type { FaultPlace } from '../e2e/faults/fatal-run.ts'
import { points, wherePathsDiffer, type Point } from '../e2e/faults/points.ts'
import { describeFaults } from '../e2e/faults/suite.ts'
import { busyboxImage } from '../services/images.ts'
import { freePort } from '../services/ports.ts'
import { pushImage } from '../services/push-image.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'

/** Servers of a cluster's builds, killed. Each transport has a file of its own, since each takes minutes. */
export function describeClusterFaults(transport: 'home' | 'tunnel', reason: string | undefined): void {
  describe.skipIf(reason !== undefined)(`faults on a cluster${reason === undefined ? '' : ` (${reason})`}`, () => {
    let cluster: Cluster
    let namespace: TestNamespace
    let supervisorImage: string
    beforeAll(async () => {
      cluster = await startCluster()
      namespace = await makeNamespace(cluster, 'baseline')
      await pushImage(cluster.registry, 'busybox', '1', await busyboxImage())
      supervisorImage = await pushSupervisor(`${cluster.registry.host}/airside-supervisor`, () => undefined)
    })
    afterAll(async () => {
      await namespace.remove()
      await cluster.stop()
    })

    const pods = async (pipeline: string, which: string) =>
      (await cluster.kubectl(['get', 'pods', '-n', namespace.name, '-l', `airside.dev/pipeline=${pipeline}`, '-o', `jsonpath={.items[?(${which})].metadata.name}`])).trim()

    const place = (): FaultPlace => ({
      repository: `${cluster.registry.host}/busybox`,
      host: cluster.hostAddress,
      env: {},
      async server() {
        const { kubeconfig, name } = namespace
        const to = { kubeconfig, namespace: name, supervisorImage, transport }
        const flags = ['--runtime', 'kubernetes', '--kubeconfig', kubeconfig, '--namespace', name, '--supervisor-image', supervisorImage, '--transport', transport]
        const other = { kind: 'kubernetes', delivery: 'auto', isolation: { mode: 'baseline' }, ...to } as const
        if (transport === 'tunnel') return { runtime: other, flags }
        // Pods know the address where they were made to dial: the next server must be there too.
        const port = await freePort(cluster.hostAddress)
        return { runtime: { ...other, home: { host: cluster.hostAddress, port } }, flags: [...flags, '--home-address', `${cluster.hostAddress}:${port}`] }
      },
      left: (pipeline) => pods(pipeline, '@.metadata.deletionTimestamp==""'),
      running: (pipeline) => pods(pipeline, '@.status.phase!="Succeeded"'),
      async inside(pipeline, step, script) {
        const pod = await cluster.kubectl(['get', 'pods', '-n', namespace.name, '-l', `airside.dev/pipeline=${pipeline},airside.dev/step=${step}`, '-o', 'name'])
        return cluster.kubectl(['exec', '-n', namespace.name, pod.trim(), '--', 'sh', '-c', script])
      },
    })
    // A pod that dials home has no server to dial after the first two: it must find the next one.
    const ofHome: readonly Point[] = ['the create call has been sent', 'the answer to the create call is known', ...wherePathsDiffer]
    describeFaults(`kubernetes by ${transport}`, place, transport === 'tunnel' ? points : ofHome)
    // A pod that has succeeded is over.
    if (transport === 'tunnel') describeAlone('kubernetes', place, 'is lost')
  })
}

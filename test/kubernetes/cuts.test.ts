import { afterAll, beforeAll, describe, test } from 'vitest'
import { clusterReason, startCluster, type Cluster } from '../cluster/cluster.ts'
import { openCutServer, survivesCuts } from '../e2e/faults/cuts.ts'
import type { ServerBehind } from '../e2e/faults/server-behind.ts'
import { kubernetesHarness, type KubernetesHarness } from './harness.ts'

const reason = await clusterReason()

// Both at once: what dials home sits out a minute of silence.
describe.skipIf(reason !== undefined).concurrent(`connections cut on a cluster${reason === undefined ? '' : ` (${reason})`}`, () => {
  const servers: ServerBehind[] = []
  const harnesses: KubernetesHarness[] = []
  const transports = ['home', 'tunnel'] as const
  let cluster: Cluster
  beforeAll(async () => {
    // The servers listen on an address of the cluster's network: it is there first.
    cluster = await startCluster()
    for (const transport of transports) {
      const server = await openCutServer(cluster.hostAddress)
      servers.push(server)
      harnesses.push(await kubernetesHarness({ options: { rendezvous: server.rendezvous, transport } }))
    }
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
    for (const harness of harnesses) await harness.stop()
    await cluster.stop()
  })

  test.each(transports)('50 000 lines by %s, cut in every way', async (transport) => {
    const at = transports.indexOf(transport)
    const [server, harness] = [servers[at], harnesses[at]]
    if (server === undefined || harness === undefined) throw new Error('not made')
    await survivesCuts(harness, harness.runtime, server)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterReason, startCluster, type Cluster } from '../cluster/cluster.ts'
import { airside } from '../e2e/airside.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'

const reason = await clusterReason()

describe.skipIf(reason !== undefined)(`the demo where pods cannot dial home${reason === undefined ? '' : ` (${reason})`}`, () => {
  let cluster: Cluster
  let namespace: TestNamespace
  beforeAll(async () => {
    cluster = await startCluster()
    namespace = await makeNamespace(cluster, 'baseline')
  })
  afterAll(async () => {
    await namespace.remove()
    await cluster.stop()
  })

  test('all of it by the tunnel: get, two tasks with an artifact between them, put', async () => {
    const { status, stdout, stderr } = await airside([
      'demo', '--runtime', 'kubernetes', '--transport', 'tunnel',
      '--kubeconfig', namespace.kubeconfig, '--namespace', namespace.name, '--registry', cluster.registry.host,
    ]).ended
    expect(status, stdout + stderr).toBe(0)
    expect(stdout).toMatch(/> Dear pipeline,/)
    expect(stdout).toMatch(/\d+ words, no mistakes/)
    expect(stdout).toMatch(/of these for fetching images: 0$/m)
    await expect.poll(async () => (await cluster.kubectl(['get', 'pods', '-n', namespace.name, '-o', 'jsonpath={.items[?(@.metadata.deletionTimestamp=="")].metadata.name}'])).trim()).toBe('')
  })
})

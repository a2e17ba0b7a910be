import { randomBytes } from 'node:crypto'
import { until } from '../services/wait.ts'
import type { TestCluster } from './test-cluster.ts'

export interface TestNamespace {
  readonly name: string
  remove(): Promise<void>
}

/** Makes a namespace of its own for a test, with the Pod Security level that it enforces; pods can be created at once. */
export async function createNamespace(
  cluster: Pick<TestCluster, 'kubectl' | 'tryKubectl'>,
  enforce: 'privileged' | 'baseline' | 'restricted' = 'baseline',
): Promise<TestNamespace> {
  const name = `test-${randomBytes(4).toString('hex')}`
  const labels = { 'pod-security.kubernetes.io/enforce': enforce }
  await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }) })
  await until('the default service account', async () => (await cluster.tryKubectl(['get', 'serviceaccount', 'default', '-n', name])).code === 0)
  return {
    name,
    remove: async () => {
      await cluster.kubectl(['delete', 'pods', '--all', '-n', name, '--grace-period=0', '--force'])
      await cluster.kubectl(['delete', 'namespace', name, '--wait=false'])
    },
  }
}

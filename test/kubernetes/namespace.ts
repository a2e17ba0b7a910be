import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Cluster } from '../cluster/cluster.ts'
import { scratchFolder } from '../services/scratch.ts'

export interface TestNamespace {
  readonly name: string
  /** Of the server's account, as deploy/rbac.yaml makes it; no admin's. */
  readonly kubeconfig: string
  remove(): Promise<void>
}

/** A namespace of its own with what deploy/rbac.yaml holds; `enforce`: the Pod Security level that admission insists on. */
export async function makeNamespace(cluster: Cluster, enforce: 'privileged' | 'baseline' | 'restricted'): Promise<TestNamespace> {
  const name = `airside-${randomBytes(4).toString('hex')}`
  const labels = { 'pod-security.kubernetes.io/enforce': enforce }
  await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }) })
  await cluster.kubectl(['apply', '-n', name, '-f', join(import.meta.dirname, '../../deploy/rbac.yaml')])
  const token = (await cluster.kubectl(['create', 'token', 'airside-server', '-n', name, '--duration=12h'])).trim()
  const admin = parse(await readFile(cluster.kubeconfig, 'utf8')) as { clusters: unknown[] }
  const [shown] = admin.clusters as { name: string }[]
  const kubeconfig = join(await scratchFolder('kubeconfig'), 'config')
  const context = { name: 'test', context: { cluster: shown?.name, user: 'airside-server', namespace: name } }
  const users = [{ name: 'airside-server', user: { token } }]
  await writeFile(kubeconfig, stringify({ apiVersion: 'v1', kind: 'Config', clusters: admin.clusters, contexts: [context], users, 'current-context': 'test' }), { mode: 0o600 })
  return {
    name,
    kubeconfig,
    remove: async () => void (await cluster.kubectl(['delete', 'namespace', name, '--wait=false'])),
  }
}

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeSecretManager } from '../../src/credentials/conformance/suite.ts'
import { kubernetesManager } from '../../src/credentials/managers/kubernetes.ts'
import { clusterSecrets } from '../../src/runtime/kubernetes/cluster-secrets.ts'
import { kubeconfigFor } from '../cluster/kubeconfig-for.ts'
import { startTestCluster, type TestCluster } from '../cluster/test-cluster.ts'

/** As docs/credentials.md has it. */
const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: airside-vars, namespace: concourse-main}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
`
const prefix = `vars-${randomBytes(3).toString('hex')}-`

let cluster: TestCluster
let folder: string
let kubeconfig: string
beforeAll(async () => {
  cluster = await startTestCluster()
  folder = await mkdtemp(join(tmpdir(), 'airside-vars-'))
  for (const team of ['main', 'other']) await cluster.kubectl(['create', 'namespace', prefix + team])
  await writeFile(join(folder, 'role.yml'), role)
  kubeconfig = await kubeconfigFor(cluster, { namespace: `${prefix}main`, roleFile: join(folder, 'role.yml'), file: join(folder, 'kubeconfig') })
})
afterAll(async () => {
  for (const team of ['main', 'other']) await cluster.kubectl(['delete', 'namespace', prefix + team, '--wait=false'])
  await rm(folder, { recursive: true, force: true })
  await cluster.stop()
})

const put = async (namespace: string, name: string, values: Readonly<Record<string, string>>) => {
  const data = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: prefix + namespace }, data }) })
}

describeSecretManager('kubernetes, on a cluster', {
  without: ['secrets of all', 'folders'],
  longest: 500_000,
  open: () =>
    Promise.resolve({
      manager: kubernetesManager(clusterSecrets({ kubeconfig }), prefix),
      put: (place, name, value) => put(place === 'all' ? '' : place.team, place === 'all' || place.pipeline === undefined ? name : `${place.pipeline}.${name}`, typeof value === 'string' ? { value } : value),
    }),
})

test('a namespace that the account may not read is an error that another try would not change, with the reason', async () => {
  const cluster = clusterSecrets({ kubeconfig })
  const answer = await kubernetesManager(cluster, prefix).get(`${prefix}other/token`, { team: 'other' })
  expect(answer).toMatchObject({ ok: false, error: { retryable: false, message: expect.stringMatching(new RegExp(`^secret ${prefix}other/token of Kubernetes: secrets "token" is forbidden`)) as string } })
  await cluster.close()
})

test('a cluster that does not answer may be tried again', async () => {
  const file = join(folder, 'nowhere')
  await writeFile(file, 'apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]\nusers: [{name: u, user: {}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n')
  const nowhere = clusterSecrets({ kubeconfig: file })
  expect(await nowhere.read('a', 'b')).toMatchObject({ ok: false, error: { retryable: true } })
  await nowhere.close()
})

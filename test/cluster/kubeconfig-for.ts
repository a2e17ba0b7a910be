import { readFile, writeFile } from 'node:fs/promises'
import { parse, parseAllDocuments } from 'yaml'
import { kubeconfigText } from './control-plane.ts'
import type { TestCluster } from './test-cluster.ts'

export interface AccountOptions {
  readonly namespace: string
  /** Manifests with at least one Role or ClusterRole, and the ServiceAccount and bindings if they stand there too. */
  readonly roleFile: string
  /** Where to write the kubeconfig. */
  readonly file: string
  /** Name of the service account; default: the file's first ServiceAccount, else "airside". */
  readonly account?: string
  /** How long its token is good, default "4h". */
  readonly duration?: string
}

/**
 * Makes a service account with exactly the rights that a file of manifests holds, all of
 * it put into the namespace, and a kubeconfig for it: tests run with it, never as administrator.
 */
export async function kubeconfigFor(cluster: Pick<TestCluster, 'kubeconfig' | 'kubectl'>, options: AccountOptions): Promise<string> {
  const { namespace, roleFile, file, duration = '4h' } = options
  const manifests = parseAllDocuments(await readFile(roleFile, 'utf8')).map((document) => document.toJS() as Manifest | null)
  const objects = manifests.filter((manifest) => manifest !== null).filter(({ kind }) => kind !== 'Namespace')
  const account = options.account ?? objects.find(({ kind }) => kind === 'ServiceAccount')?.metadata.name ?? 'airside'
  const moved = [...objects.map((object) => inNamespace(object, namespace)), ...bindings(objects, namespace, account)]
  const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } }
  const list = { apiVersion: 'v1', kind: 'List', items: [serviceAccount, ...moved.filter(({ kind, metadata }) => kind !== 'ServiceAccount' || metadata.name !== account)] }
  await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) })
  const token = (await cluster.kubectl(['create', 'token', account, '-n', namespace, '--duration', duration])).trim()
  const { server, ca } = await endpoint(cluster.kubeconfig)
  await writeFile(file, kubeconfigText({ server, ca, token, namespace }), { mode: 0o600 })
  return file
}

interface Manifest {
  readonly kind: string
  readonly apiVersion: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
}

function inNamespace(object: Manifest, namespace: string): Manifest {
  const subjects = object.subjects?.map((subject) => (subject.kind === 'ServiceAccount' ? { ...subject, namespace } : subject))
  const clusterWide = object.kind.startsWith('Cluster')
  return { ...object, metadata: clusterWide ? object.metadata : { ...object.metadata, namespace }, ...(subjects && { subjects }) }
}

/** A binding for each role that the file itself binds to nobody. */
function bindings(objects: readonly Manifest[], namespace: string, account: string): Manifest[] {
  const bound = new Set(objects.flatMap(({ roleRef }) => (roleRef ? [`${roleRef.kind}/${roleRef.name}`] : [])))
  const roles = objects.filter(({ kind, metadata }) => (kind === 'Role' || kind === 'ClusterRole') && !bound.has(`${kind}/${metadata.name}`))
  return roles.map(({ kind, metadata }) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: kind === 'Role' ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata: kind === 'Role' ? { name: `${metadata.name}-${account}`, namespace } : { name: `${metadata.name}-${namespace}-${account}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  }))
}

interface Kubeconfig {
  readonly 'current-context': string
  readonly contexts: readonly { readonly name: string; readonly context: { readonly cluster: string } }[]
  readonly clusters: readonly { readonly name: string; readonly cluster: ClusterEntry }[]
}

interface ClusterEntry {
  readonly server: string
  readonly 'certificate-authority-data'?: string
  readonly 'certificate-authority'?: string
}

async function endpoint(file: string): Promise<{ server: string; ca: Buffer }> {
  const config = parse(await readFile(file, 'utf8')) as Kubeconfig
  const context = config.contexts.find(({ name }) => name === config['current-context'])
  const cluster = config.clusters.find(({ name }) => name === context?.context.cluster)?.cluster
  if (cluster === undefined) throw new Error(`${file} has no current context`)
  const inline = cluster['certificate-authority-data']
  const path = cluster['certificate-authority']
  if (inline !== undefined) return { server: cluster.server, ca: Buffer.from(inline, 'base64') }
  if (path !== undefined) return { server: cluster.server, ca: await readFile(path) }
  throw new Error(`${file} names no certificate authority`)
}

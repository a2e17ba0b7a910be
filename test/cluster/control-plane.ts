import { generateKeyPair, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { API_PORT, ETCD_ADDRESS, HOST_ADDRESS, SERVICE_RANGE } from './settings.ts'

export const API_URL = `https://${HOST_ADDRESS}:${API_PORT}`

/** Keys and the administrator's token; made once per cluster. */
export interface Credentials {
  readonly token: string
  readonly tokenFile: string
  readonly keyFile: string
}

export async function makeCredentials(dir: string): Promise<Credentials> {
  const folder = join(dir, 'pki')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const [tokenFile, keyFile] = [join(folder, 'tokens.csv'), join(folder, 'service-account.key')]
  const token = randomBytes(24).toString('base64url')
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  await writeFile(tokenFile, `${token},admin,admin,"system:masters"\n`, { mode: 0o600 })
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return { token, tokenFile, keyFile }
}

export function etcdArguments(dir: string): string[] {
  const [client, peer] = [`http://${ETCD_ADDRESS}:2379`, `http://${ETCD_ADDRESS}:2380`]
  return [
    `--data-dir=${join(dir, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
}

export function apiserverArguments(dir: string, { tokenFile, keyFile }: Credentials): string[] {
  return [
    `--etcd-servers=http://${ETCD_ADDRESS}:2379`,
    `--bind-address=${HOST_ADDRESS}`,
    `--advertise-address=${HOST_ADDRESS}`,
    `--secure-port=${API_PORT}`,
    `--cert-dir=${join(dir, 'pki')}`,
    `--token-auth-file=${tokenFile}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${keyFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--kubelet-preferred-address-types=InternalIP',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    '--v=1',
  ]
}

export function controllerManagerArguments(kubeconfig: string, { keyFile }: Credentials): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${keyFile}`,
    '--use-service-account-credentials=false',
    '--controllers=*,-node-ipam-controller,-service-lb-controller,-node-route-controller',
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
  ]
}

export function schedulerArguments(kubeconfig: string): string[] {
  return [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0', '--profiling=false']
}

/** The administrator's kubeconfig; the API server must have made its certificate by now. */
export async function writeAdminKubeconfig(dir: string, file: string, token: string): Promise<void> {
  const ca = await readFile(join(dir, 'pki', 'apiserver.crt'))
  await writeFile(file, kubeconfigText({ server: API_URL, ca, token }), { mode: 0o600 })
}

export function kubeconfigText({ server, ca, token, namespace = 'default' }: { readonly server: string; readonly ca: Buffer; readonly token: string; readonly namespace?: string }): string {
  const context = 'airside-test'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: context, cluster: { server, 'certificate-authority-data': ca.toString('base64') } }],
    users: [{ name: context, user: { token } }],
    contexts: [{ name: context, context: { cluster: context, user: context, namespace } }],
    'current-context': context,
  })
}

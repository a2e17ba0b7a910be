import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { CONTAINERD_SOCKET } from './containerd.ts'
import { CGROUP, HOST_ADDRESS, NODE_NAME } from './settings.ts'

/** Writes the kubelet's configuration; returns its arguments. */
export async function configureKubelet(dir: string, kubeconfig: string): Promise<string[]> {
  const home = join(dir, 'kubelet')
  await mkdir(home, { recursive: true })
  const { file: resolvConf, servers } = await resolver(home)
  const config = join(home, 'config.yaml')
  await writeFile(config, stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: HOST_ADDRESS,
    readOnlyPort: 0,
    healthzPort: 0,
    // Open to pods: good enough for tests, and the API server needs no client certificate.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${CGROUP}`,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'nodefs.inodesFree': '1%', 'imagefs.available': '1%', 'imagefs.inodesFree': '1%' },
    imageGCHighThresholdPercent: 100,
    oomScoreAdj: 0,
    maxOpenFiles: 20_000,
    maxPods: 250,
    registryPullQPS: 0,
    // 0 would mean the client's default, 5 a second: with several test files at a time, events came minutes late or not at all.
    eventRecordQPS: 1000,
    eventBurst: 10_000,
    serializeImagePulls: false,
    makeIPTablesUtilChains: false,
    resolvConf,
    // No DNS of the cluster's own: the host's, and no MissingClusterDNS event for each pod.
    clusterDNS: servers,
    clusterDomain: 'cluster.local',
    podLogsDir: join(dir, 'pod-logs'),
    volumePluginDir: join(home, 'plugins'),
    logging: { verbosity: 1 },
  }))
  return [
    `--config=${config}`,
    `--kubeconfig=${kubeconfig}`,
    '--root-dir=/var/lib/kubelet',
    `--cert-dir=${join(home, 'pki')}`,
    `--hostname-override=${NODE_NAME}`,
    `--node-ip=${HOST_ADDRESS}`,
  ]
}

/** The host's name servers, unless they listen on its loopback, where no pod reaches them. */
async function resolver(home: string): Promise<{ file: string; servers: string[] }> {
  const texts = await Promise.all(['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'].map((path) => readFile(path, 'utf8').catch(() => '')))
  const servers = texts
    .flatMap((text) => [...text.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map((match) => match[1] ?? ''))
    .filter((server) => !server.startsWith('127.'))
  const chosen = servers.length > 0 ? [...new Set(servers)].slice(0, 3) : [HOST_ADDRESS]
  const file = join(home, 'resolv.conf')
  await writeFile(file, chosen.map((server) => `nameserver ${server}\n`).join(''))
  return { file, servers: chosen }
}

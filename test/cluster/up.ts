import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startDaemon, untilUp, type Daemon } from '../services/daemon.ts'
import { pauseImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { startRegistry } from '../services/registry.ts'
import { until } from '../services/wait.ts'
import { openApi, type Api } from './api.ts'
import type { Programs } from './build.ts'
import { createCgroups } from './cgroups.ts'
import { configureContainerd, CONTAINERD_SOCKET } from './containerd.ts'
import { apiserverArguments, controllerManagerArguments, etcdArguments, makeCredentials, schedulerArguments, writeAdminKubeconfig } from './control-plane.ts'
import { configureKubelet } from './kubelet.ts'
import { createNetwork } from './network.ts'
import { backing, inCgroup, inNamespaceOf, inNewNamespace, type Command } from './node-namespace.ts'
import { NODE_NAME } from './settings.ts'
import type { Running } from './state.ts'

type Log = (line: string) => void

/** Brings up a cluster in an empty folder; resolves when a pod can be created. */
export async function bringUp(dir: string, programs: Programs, log: Log): Promise<Running> {
  const daemons: Daemon[] = []
  const logs = join(dir, 'logs')
  await mkdir(logs, { recursive: true })
  await createCgroups()
  await createNetwork()
  const start = async (name: string, command: Command) => {
    const [program, ...args] = await inCgroup(command)
    const env = { PATH: `${programs.containerd}:${programs.runc}:${process.env['PATH']}`, HOME: dir }
    const daemon = await startDaemon({ name, program, args, env, cwd: dir, logFile: join(logs, `${name}.log`), tied: false })
    daemons.push(daemon)
    return daemon
  }
  const kube = (name: string) => join(programs.kubernetes, name)

  log('starting registry, containerd, etcd and API server')
  const credentials = await makeCredentials(dir)
  const registry = await startRegistry({ dir: join(dir, 'registry'), port: 5000, tied: false, wrap: inCgroup })
  daemons.push(registry.daemon)
  const containerdConfig = await configureContainerd(dir, programs, registry.host)
  const containerd = await start('containerd', await inNewNamespace(dir, [join(programs.containerd, 'containerd'), '--config', containerdConfig]))
  await start('etcd', [kube('etcd'), ...etcdArguments(dir)])
  const apiserver = await start('kube-apiserver', [kube('kube-apiserver'), ...apiserverArguments(dir, credentials)])
  await pushImage(registry, 'pause', '1', await pauseImage(programs.images))
  await untilUp(containerd, () => exists(backing(dir, CONTAINERD_SOCKET)))

  const certificate = join(dir, 'pki', 'apiserver.crt')
  await untilUp(apiserver, () => exists(certificate))
  const kubeconfig = join(dir, 'kubeconfig')
  await writeAdminKubeconfig(dir, kubeconfig, credentials.token)
  const api = await openApi(dir, credentials.token)
  try {
    await untilUp(apiserver, () => api.isReady())
    log('starting kubelet, scheduler and controller manager')
    const kubelet = await start('kubelet', inNamespaceOf(containerd.pid, [kube('kubelet'), ...(await configureKubelet(dir, kubeconfig))]))
    await start('kube-controller-manager', [kube('kube-controller-manager'), ...controllerManagerArguments(kubeconfig, credentials)])
    await start('kube-scheduler', [kube('kube-scheduler'), ...schedulerArguments(kubeconfig)])
    await untilUp(kubelet, () => nodeReady(api))
    await until('the default service account', () => api.get('/api/v1/namespaces/default/serviceaccounts/default'))
  } finally {
    await api.close()
  }
  return {
    kubeconfig,
    registryHost: registry.host,
    accessLog: registry.accessFile,
    programs,
    daemons: Object.fromEntries(daemons.map(({ name, pid, started }) => [name, { pid, started }])),
  }
}

async function nodeReady(api: Api): Promise<boolean> {
  const node = (await api.get(`/api/v1/nodes/${NODE_NAME}`)) as NodeObject | undefined
  const ready = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  return (ready ?? false) && !(node?.spec?.taints?.length ?? 0)
}

interface NodeObject {
  readonly spec?: { readonly taints?: readonly unknown[] }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false)
}

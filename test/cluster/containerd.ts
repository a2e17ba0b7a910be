import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BRIDGE, FIRST_POD_ADDRESS, POD_RANGE } from './settings.ts'
import type { Programs } from './build.ts'

/** Writes containerd's and CNI's configuration; returns the file for --config. */
export async function configureContainerd(dir: string, programs: Programs, registryHost: string): Promise<string> {
  const home = join(dir, 'containerd')
  const cni = join(home, 'net.d')
  await mkdir(cni, { recursive: true })
  await trustRegistry(dir, registryHost, { kind: 'http' })
  await writeFile(join(cni, '10-airside.conflist'), JSON.stringify(network(), null, 2))
  const file = join(home, 'config.toml')
  await writeFile(file, configuration(dir, programs, registryHost))
  return file
}

/** In the node's mount namespace, where these places are the cluster's own. */
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'

/** `at`: where it really is, for a name that only the node knows. `default`: TLS only, also where an earlier file has had a registry on this port. */
export type RegistryTrust = { readonly kind: 'default' } | { readonly kind: 'http'; readonly at?: string } | { readonly kind: 'https'; readonly caFile?: string }

/** How the node's containerd reaches a registry; read anew at each pull, so it can be called while the cluster runs. */
export async function trustRegistry(dir: string, host: string, trust: RegistryTrust): Promise<void> {
  const folder = join(dir, 'containerd', 'certs.d', host)
  if (trust.kind === 'default') return rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const url = `${trust.kind}://${(trust.kind === 'http' ? trust.at : undefined) ?? host}`
  const ca = trust.kind === 'https' && trust.caFile !== undefined ? `ca = ${JSON.stringify(trust.caFile)}\n` : ''
  await writeFile(join(folder, 'hosts.toml'), `server = "${url}"\n\n[host."${url}"]\ncapabilities = ["pull", "resolve"]\n${ca}`)
}

/** No portmap and no masquerading plugin: nothing to undo per pod when the cluster ends at once. */
function network(): unknown {
  return {
    cniVersion: '1.0.0',
    name: 'airside',
    plugins: [
      {
        type: 'bridge',
        bridge: BRIDGE,
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: POD_RANGE, rangeStart: FIRST_POD_ADDRESS }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: '/var/lib/cni/addresses',
        },
      },
    ],
  }
}

function configuration(dir: string, programs: Programs, registryHost: string): string {
  const home = join(dir, 'containerd')
  const text = JSON.stringify
  return `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
oom_score = 0
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs", "io.containerd.differ.v1.erofs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]

[grpc]
address = ${text(CONTAINERD_SOCKET)}

[ttrpc]
address = ${text(`${CONTAINERD_SOCKET}.ttrpc`)}

[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = ${text(`${registryHost}/pause:1`)}

[plugins."io.containerd.cri.v1.images".registry]
config_path = ${text(join(home, 'certs.d'))}

[plugins."io.containerd.cri.v1.runtime"]
# Without CAP_SYS_RESOURCE no process may lower its OOM score.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
disable_apparmor = true

[plugins."io.containerd.cri.v1.runtime".containerd]
default_runtime_name = "runc"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = ${text(join(programs.runc, 'runc'))}
SystemdCgroup = false

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = [${text(programs.cni)}]
conf_dir = ${text(join(home, 'net.d'))}
`
}

import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { must } from './command.ts'

export interface PodmanConfig {
  /** Global flags of every podman call. */
  readonly flags: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly bridge: string
}

/**
 * Writes a configuration of Podman's own, so that neither the machine's Podman nor
 * a second one of ours is touched. `insecure` names registries for plain HTTP; a
 * host without a port means all of its ports. `taken`: bridges of other Podmans of
 * ours, which exist only while these run a container.
 */
export async function configurePodman(dir: string, insecure: readonly string[], taken: readonly string[]): Promise<PodmanConfig> {
  const at = (name: string) => join(dir, name)
  await mkdir(at('networks'), { recursive: true })
  const text = JSON.stringify
  const limits = await ownLimits()
  const { bridge, network } = await freeNetwork(taken)
  await writeFile(at('containers.conf'), `[engine]
# crun refuses hybrid cgroups.
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
default_network = ${text(bridge)}
[containers]
# Without CAP_SYS_RESOURCE nobody may raise a limit above the machine's own.
default_ulimits = ["nofile=${limits.files}:${limits.files}", "nproc=${limits.processes}:${limits.processes}"]
log_driver = "k8s-file"
`)
  await writeFile(at('storage.conf'), `[storage]
driver = ${text(await storageDriver(dir))}
graphroot = ${text(at('root'))}
runroot = ${text(at('run'))}
`)
  await writeFile(at('registries.conf'), insecure.map((host) => `[[registry]]\nprefix = ${text(host)}\nlocation = ${text(host)}\ninsecure = true\n`).join('\n'))
  await writeFile(at('auth.json'), '{}')
  await writeFile(join(at('networks'), `${bridge}.json`), text(network))
  return {
    bridge,
    flags: [
      '--root', at('root'), '--runroot', at('run'), '--tmpdir', at('tmp'),
      '--network-config-dir', at('networks'), '--cgroup-manager', 'cgroupfs', '--runtime', 'runc',
    ],
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      XDG_RUNTIME_DIR: dir,
      CONTAINERS_CONF: at('containers.conf'),
      CONTAINERS_STORAGE_CONF: at('storage.conf'),
      CONTAINERS_REGISTRIES_CONF: at('registries.conf'),
      REGISTRY_AUTH_FILE: at('auth.json'),
    },
  }
}

async function ownLimits(): Promise<{ files: number; processes: number }> {
  const text = await readFile('/proc/self/limits', 'utf8')
  const hard = (name: string, most: number) => Math.min(Number(new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(text)?.[1] ?? most), most)
  return { files: hard('Max open files', 65_536), processes: hard('Max processes', 32_768) }
}

/** overlayfs does not stack on overlayfs. */
async function storageDriver(dir: string): Promise<string> {
  return (await must('stat', ['--file-system', '--format=%T', dir])).trim() === 'overlayfs' ? 'vfs' : 'overlay'
}

/**
 * A bridge and a range that nobody on this machine has. The network's name and id are its own too: netavark keeps addresses and
 * firewall chains of all of root's Podmans in one place, by these, and the first one that ended took away the other's.
 */
async function freeNetwork(taken: readonly string[]): Promise<{ bridge: string; network: unknown }> {
  const addresses = await must('ip', ['-brief', 'address'])
  for (let number = 160; number < 250; number++) {
    const bridge = `airpod${number}`
    if (taken.includes(bridge) || addresses.includes(` 10.${number}.`) || addresses.includes(`${bridge} `)) continue
    return {
      bridge,
      network: {
        name: bridge,
        id: createHash('sha256').update(bridge).digest('hex'),
        driver: 'bridge',
        network_interface: bridge,
        created: '2026-01-01T00:00:00Z',
        subnets: [{ subnet: `10.${number}.0.0/16`, gateway: `10.${number}.0.1` }],
        ipv6_enabled: false,
        internal: false,
        dns_enabled: false,
        ipam_options: { driver: 'host-local' },
      },
    }
  }
  throw new Error('no private network is free for Podman')
}

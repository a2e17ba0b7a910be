import { access, constants } from 'node:fs/promises'
import { findGo } from '../../scripts/lib/go.mjs'
import { isInstalled } from '../services/command.ts'
import { packagesReason, type Need } from '../services/packages.ts'

/** What a running cluster calls; what building it needs stands with the recipes. */
export const clusterNeeds: readonly Need[] = [
  { package: 'iptables', proof: 'iptables' },
  { package: 'iproute2', proof: 'ip' },
  { package: 'util-linux', proof: 'nsenter' },
  { package: 'mount', proof: 'mount' },
  { package: 'openssl', proof: 'openssl' },
]

/** Why the test cluster cannot run on this machine, in one line; undefined when it can. */
export async function clusterReason(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `it runs on Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'it makes namespaces, mounts and a network bridge: run it as root'
  const cgroups = await access('/sys/fs/cgroup', constants.W_OK).then(() => true, () => false)
  if (!cgroups) return '/sys/fs/cgroup cannot be written here (an unprivileged container?)'
  const packages = await packagesReason(clusterNeeds)
  if (packages !== undefined) return packages
  const go = await findGo({ install: false }).then(() => true, () => false)
  if (!go && !(await isInstalled('python3'))) return 'neither Go nor python3 (to install Go from PyPI) is there; install Go from https://go.dev/dl'
  return undefined
}

import { readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, run } from './command.ts'
import { isAlive, type Identity } from './identity.ts'
import { until } from './wait.ts'

export const podmanFolderPrefix = 'airside-podman-'

/** Who started a Podman, and what must be undone; on disk before it is started. */
export interface PodmanRecord {
  readonly owner: Identity
  readonly bridge: string
  readonly forwarding: string
}

export async function recordPodman(dir: string, record: PodmanRecord): Promise<void> {
  await writeFile(join(dir, 'owner.json'), JSON.stringify(record))
}

/** Held while a Podman takes a network and while one is removed: what they share is looked at and changed then. */
export const podmanLock = '/run/airside-podman.lock'

/** Every Podman of ours on this machine that has a record. Without one it was hardly begun. */
export async function recordedPodmans(): Promise<{ readonly dir: string; readonly record: PodmanRecord; readonly alive: boolean }[]> {
  const dirs = (await readdir(tmpdir())).filter((name) => name.startsWith(podmanFolderPrefix)).map((name) => join(tmpdir(), name))
  const found = await Promise.all(
    dirs.map(async (dir) => {
      const text = await readFile(join(dir, 'owner.json'), 'utf8').catch(() => undefined)
      if (text === undefined) return undefined
      const record = JSON.parse(text) as PodmanRecord
      return { dir, record, alive: await isAlive(record.owner) }
    }),
  )
  return found.filter((podman) => podman !== undefined)
}

/** Removes every Podman of ours whose owner is gone. Under the lock. */
export async function sweepPodmans(): Promise<void> {
  for (const { dir, record, alive } of await recordedPodmans()) if (!alive) await removePodman(dir, record)
}

/**
 * Ends what is left of a Podman and removes its folder. Its mounts are in a
 * namespace of its own and go with its last process. Under the lock.
 */
export async function removePodman(dir: string, record: PodmanRecord): Promise<void> {
  await until(`the processes of ${dir} to end`, async () => {
    const pids = await processesOf(dir)
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended since.
      }
    }
    return pids.length === 0
  })
  await run('ip', ['link', 'delete', record.bridge])
  await rm(dir, { recursive: true, force: true })
  await removeSharedTraces(record)
}

/** Those with the folder in their command line (service, conmon, runc), and their descendants (the containers). */
async function processesOf(dir: string): Promise<number[]> {
  const parents = new Map<number, number>()
  const found = new Set<number>()
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const [status, command] = await Promise.all(['status', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')))
    if (status === undefined || /^State:\s+[ZX]/m.test(status)) continue
    parents.set(pid, Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0))
    if (command?.includes(`${dir}/`)) found.add(pid)
  }
  const descends = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (found.has(at)) return true
    return false
  }
  return [...parents.keys()].filter(descends)
}

/** What all Podmans of the machine have in common goes with the last of them. */
async function removeSharedTraces({ forwarding }: PodmanRecord): Promise<void> {
  if ((await recordedPodmans()).some(({ alive }) => alive)) return
  for (const table of ['nat', 'filter']) await removeBaseChains(table)
  const bridges = (await run('ip', ['-brief', 'link', 'show', 'type', 'bridge'])).stdout.trim()
  if (bridges === '') await writeFile('/proc/sys/net/ipv4/ip_forward', forwarding)
  // Version 1 has one in each hierarchy. Those in use refuse to go.
  const hierarchies = await readdir('/sys/fs/cgroup').catch(() => [])
  for (const hierarchy of [...hierarchies, '.']) await rmdir(join('/sys/fs/cgroup', hierarchy, 'libpod_parent')).catch(() => undefined)
}

/** netavark never removes the chains that all networks share; a network in use has a chain of its own. */
async function removeBaseChains(table: string): Promise<void> {
  const rules = (await run('iptables', ['-w', '-t', table, '-S'])).stdout.split('\n')
  const chains = rules.filter((rule) => rule.startsWith('-N NETAVARK')).map((rule) => rule.slice(3))
  if (chains.some((chain) => !base.includes(chain))) return
  for (const rule of rules.filter((line) => line.startsWith('-A') && line.includes('NETAVARK'))) {
    await run('sh', ['-c', `iptables -w -t ${table} ${rule.replace('-A', '-D')}`])
  }
  for (const chain of chains) await run('iptables', ['-w', '-t', table, '-X', chain])
}

/**
 * Makes the chains that the networks of all Podmans share. netavark looks for a chain and then makes it: of two Podmans that start
 * their first container at once, one fails with "Chain already exists". Called under the lock.
 */
export async function makeBaseChains(): Promise<void> {
  for (const { table, chain } of firstUsed) {
    const there = await run('iptables', ['-w', '-t', table, '-n', '-L', chain])
    if (there.code !== 0) await must('iptables', ['-w', '-t', table, '-N', chain])
  }
}

const firstUsed = [
  { table: 'filter', chain: 'NETAVARK_FORWARD' },
  { table: 'nat', chain: 'NETAVARK-HOSTPORT-DNAT' },
  { table: 'nat', chain: 'NETAVARK-HOSTPORT-MASQ' },
  { table: 'nat', chain: 'NETAVARK-HOSTPORT-SETMARK' },
] as const

const base = [...firstUsed.map(({ chain }): string => chain), 'NETAVARK_INPUT', 'NETAVARK_ISOLATION_2', 'NETAVARK_ISOLATION_3']

import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../services/wait.ts'
import { CGROUP } from './settings.ts'

const root = '/sys/fs/cgroup'
/** Those that the kubelet insists on for its cgroupRoot, where the machine has them. */
const controllers = ['cpu', 'cpuset', 'memory', 'pids', 'hugetlb', 'io']

export type CgroupVersion = 1 | 2

async function cgroupVersion(): Promise<CgroupVersion> {
  return access(join(root, 'cgroup.controllers')).then(() => 2, () => 1)
}

/** Mount points of all hierarchies: one with version 2, one per controller with version 1. */
async function hierarchies(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' '))
  const found = mounts.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2').map(([, path]) => path ?? '')
  return [...new Set(found)].filter((path) => path.startsWith(root))
}

/** The folder whose cgroup.procs takes the cluster's own daemons. */
export async function daemonCgroup(): Promise<string> {
  return (await cgroupVersion()) === 2 ? join(root, CGROUP, 'daemons') : join(root, 'pids', CGROUP, 'daemons')
}

/** Makes the cluster's cgroup in every hierarchy, ready to be the kubelet's cgroupRoot. */
export async function createCgroups(): Promise<void> {
  if ((await cgroupVersion()) === 2) {
    const available = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(' ')
    const enable = controllers.filter((name) => available.includes(name)).map((name) => `+${name}`).join(' ')
    await writeFile(join(root, 'cgroup.subtree_control'), enable)
    await mkdir(join(root, CGROUP), { recursive: true })
    await writeFile(join(root, CGROUP, 'cgroup.subtree_control'), enable)
  } else {
    for (const hierarchy of await hierarchies()) {
      const folder = join(hierarchy, CGROUP)
      await mkdir(folder, { recursive: true })
      // A new cpuset is empty, and nothing runs in an empty one.
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        const value = await readFile(join(hierarchy, file), 'utf8').catch(() => undefined)
        if (value !== undefined) await writeFile(join(folder, file), value)
      }
    }
  }
  await mkdir(await daemonCgroup(), { recursive: true })
}

/** Ends every process of the cluster, containers included, and waits until none is left. */
export async function killCgroups(): Promise<void> {
  await until('the cluster\'s processes to end', async () => {
    const pids = await processes()
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended since.
      }
    }
    return pids.length === 0
  })
}

/** Numbers of all processes in the cluster's cgroups; zombies that wait for a slow parent are not counted. */
export async function processes(): Promise<number[]> {
  const pids = new Set<number>()
  for (const hierarchy of await hierarchies()) {
    for (const folder of await tree(join(hierarchy, CGROUP))) {
      const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')
      for (const line of text.split('\n')) if (line !== '' && line !== '0') pids.add(Number(line))
    }
  }
  const alive = await Promise.all([...pids].map(async (pid) => ((await isZombie(pid)) ? undefined : pid)))
  return alive.filter((pid) => pid !== undefined)
}

async function isZombie(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tX')
  return /^State:\s+[ZX]/m.test(status)
}

export async function removeCgroups(): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, CGROUP)
    await until(`${folder} to be removable`, async () => {
      for (const path of (await tree(folder)).reverse()) await rmdir(path)
      return true
    })
  }
}

/** A cgroup and all below it, parents first; empty when it is not there. */
async function tree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return []
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => tree(join(folder, entry.name))))
  return [folder, ...below.flat()]
}

import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { must } from '../services/command.ts'
import { daemonCgroup } from './cgroups.ts'

/**
 * Places that kubelet, containerd and CNI use, some of them whatever they are
 * told. The node's daemons run in a mount namespace of their own in which these
 * lead into the state folder. So every mount of theirs vanishes with the last
 * process, a real kubelet's folders stay untouched, and containers in user
 * namespaces reach their files though the state folder is below somebody's home.
 */
const redirected = ['/var/lib/containerd', '/run/containerd', '/var/lib/kubelet', '/var/lib/cni', '/var/log/containers']

/** Where a redirected path is for everybody else. */
export function backing(dir: string, path: string): string {
  return join(dir, 'node', path)
}

/** A command line: program first. */
export type Command = readonly [string, ...string[]]

/** Makes the mount points; returns those that did not exist, deepest first. */
export async function makeMountPoints(): Promise<string[]> {
  const made: string[] = []
  for (const path of redirected) {
    // Its parents too, where they are new.
    const first = await mkdir(path, { recursive: true })
    for (let folder = path; first !== undefined && folder.startsWith(first); folder = join(folder, '..')) made.push(folder)
  }
  return made
}

export async function removeFolders(folders: readonly string[]): Promise<void> {
  // Somebody else may use them by now.
  for (const folder of folders) await rmdir(folder).catch(() => undefined)
}

/** Wraps a command so that it runs in the cluster's cgroup. */
export async function inCgroup(command: Command): Promise<Command> {
  const procs = join(await daemonCgroup(), 'cgroup.procs')
  return ['sh', '-c', `echo $$ > ${procs} && exec "$@"`, 'sh', ...command]
}

/** Wraps a command so that it begins the node's mount namespace. */
export async function inNewNamespace(dir: string, command: Command): Promise<Command> {
  const steps = ['mount --make-rshared /']
  for (const path of redirected) {
    const target = backing(dir, path)
    await mkdir(target, { recursive: true })
    steps.push(`mount --bind ${quote(target)} ${path}`)
  }
  if (await isOverlay(dir)) {
    // overlayfs does not stack on overlayfs, as where the state folder is in a container.
    steps.push('mount -t tmpfs tmpfs /var/lib/containerd')
  }
  return ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', `${steps.join(' && ')} && exec "$@"`, 'sh', ...command]
}

export function inNamespaceOf(pid: number, command: Command): Command {
  return ['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--', ...command]
}

async function isOverlay(dir: string): Promise<boolean> {
  return (await must('stat', ['--file-system', '--format=%T', dir])).trim() === 'overlayfs'
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}

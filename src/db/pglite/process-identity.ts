import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A process, told apart from a later one of the same number, from one before the last boot, and from another machine's. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, as the system writes it; empty where the system does not tell. */
  readonly started: string
  readonly boot: string
  /** Machine and PID namespace, since process numbers are unique only within one. */
  readonly space: string
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, started: (await startOf(process.pid)) ?? '', boot: await bootId(), space: await pidSpace() }
}

/** False only when the process is certainly gone. */
export async function isAlive(other: ProcessIdentity): Promise<boolean> {
  if (other.space !== (await pidSpace())) return true
  if (other.boot !== (await bootId())) return false
  try {
    process.kill(other.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const started = await startOf(other.pid)
  return started === undefined || other.started === '' || started === other.started
}

async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat !== undefined) {
    // The name in parentheses may itself hold spaces and parentheses. A zombie holds nothing any more.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : fields[19]
  }
  if (process.platform === 'linux') return undefined
  return said('ps', ['-o', 'lstart=', '-p', String(pid)])
}

async function bootId(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined)
  return (id ?? (await said('sysctl', ['-n', 'kern.boottime'])) ?? '').trim()
}

async function pidSpace(): Promise<string> {
  return `${hostname()} ${await readlink('/proc/self/ns/pid').catch(() => '')}`
}

const said = (program: string, args: string[]): Promise<string | undefined> =>
  promisify(execFile)(program, args).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )

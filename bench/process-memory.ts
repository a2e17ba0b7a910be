import { readdir, readFile, writeFile } from 'node:fs/promises'
import { systemClock } from '../src/lib/clock.ts'

/** Resident memory of processes as Linux tells it, MB (10^6 bytes). */
export async function residentMb(pid: number): Promise<number> {
  return kilobytes(await statusOf(pid), 'VmRSS') * 1.024e-3
}

/** The most since the process began, or since `forgetPeak`. */
export async function peakMb(pid: number): Promise<number> {
  return kilobytes(await statusOf(pid), 'VmHWM') * 1.024e-3
}

/** The peak is from now on what it is now. */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5')
}

const statusOf = (pid: number): Promise<string> => readFile(`/proc/${pid}/status`, 'utf8')

/** A figure of /proc/PID/status. */
export function kilobytes(status: string, name: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)
  if (found === null) throw new Error(`the process has ended, or this system does not tell ${name}`)
  return Number(found[1])
}

export interface Growth {
  readonly first: number
  readonly peak: number
}

/** Memory of supervisors on this machine, by container. Empty where they cannot be seen (not root, containers elsewhere). */
export interface SupervisorWatch {
  /** Ends the watch. MB, when it was first seen and at most. */
  stop(): Promise<ReadonlyMap<string, Growth>>
}

/** Looks every 50 ms at what has come since: who has ended says nothing any more, but a peak only grows. */
export async function watchSupervisors(): Promise<SupervisorWatch> {
  const old = new Set(await processes())
  const handles = new Map<number, string>()
  const seen = new Map<string, Growth>()
  let over = false
  const look = async (): Promise<void> => {
    for (const pid of await processes()) {
      if (old.has(pid)) continue
      const handle = handles.get(pid) ?? (await supervisedBy(pid))
      const status = handle === undefined ? '' : await statusOf(pid).catch(() => '')
      if (handle === undefined || !status.includes('VmHWM')) continue
      handles.set(pid, handle)
      seen.set(handle, { first: seen.get(handle)?.first ?? kilobytes(status, 'VmRSS') * 1.024e-3, peak: kilobytes(status, 'VmHWM') * 1.024e-3 })
    }
  }
  const watching = (async () => {
    while (!over) {
      await look()
      await systemClock.sleep(50)
    }
  })()
  return {
    async stop() {
      over = true
      await watching
      await look()
      return seen
    },
  }
}

const processes = async (): Promise<number[]> => (await readdir('/proc')).map(Number).filter((pid) => pid > 0)

/** The handle of the container whose supervisor a process is. */
async function supervisedBy(pid: number): Promise<string | undefined> {
  try {
    const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    if (!program.endsWith('/airside-supervisor')) return undefined
    return /(?:^|\0)AIRSIDE_CONTAINER=([^\0]+)/.exec(await readFile(`/proc/${pid}/environ`, 'utf8'))?.[1]
  } catch {
    return undefined // it has ended, or is somebody else's
  }
}

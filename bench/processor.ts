import { readFile } from 'node:fs/promises'
import { systemClock } from '../src/lib/clock.ts'

/** /proc/stat counts in these, ms, on every architecture. */
const tickMs = 10
const idleMs = 5_000

/** Says how much processor time something took, ms, on all processors and in all processes of this machine: the node's, the cluster's, the server's, the bench's. */
export interface ProcessorMeter {
  /** Begins; the function gives what was spent since, less what the machine spends in the same time when nothing runs. */
  begin(): Promise<() => Promise<number>>
}

export async function openProcessorMeter(): Promise<ProcessorMeter> {
  const idle = await measure()
  await systemClock.sleep(idleMs)
  const { busy, ms } = await idle()
  return {
    async begin() {
      const spent = await measure()
      return async () => {
        const found = await spent()
        return found.busy - (busy / ms) * found.ms
      }
    },
  }
}

async function measure(): Promise<() => Promise<{ readonly busy: number; readonly ms: number }>> {
  const [before, from] = [await busyNow(), performance.now()]
  return async () => ({ busy: (await busyNow()) - before, ms: performance.now() - from })
}

const busyNow = async (): Promise<number> => busyMs(await readFile('/proc/stat', 'utf8'))

/** Of the text of /proc/stat, all processors together: user, nice, system, interrupts. Not what waits, and not what other machines took. */
export function busyMs(stat: string): number {
  const [user = Number.NaN, nice = Number.NaN, system = Number.NaN, , , irq = 0, softirq = 0] = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number) ?? []
  return (user + nice + system + irq + softirq) * tickMs
}

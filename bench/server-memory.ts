import { systemClock } from '../src/lib/clock.ts'
import { atOnce, runAtOnce } from './many-builds.ts'
import type { Place } from './place.ts'
import { forgetPeak, peakMb, residentMb } from './process-memory.ts'
import type { Finding } from './report.ts'
import { startServerProcess } from './server-process.ts'

const settleMs = 2000

/** (f) Resident memory of a server's own process, its embedded database in it: idle after its start, and at most while it runs (c). */
export async function serverMemory(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const series = { idle_mb: [] as number[], under_c_mb: [] as number[], idle_after_mb: [] as number[] }
  const server = await startServerProcess(place)
  try {
    // Nothing is waited for but quiet: what its start has taken is given back.
    await systemClock.sleep(settleMs)
    series.idle_mb.push(await residentMb(server.pid))
    for (let run = 0; run < runs; run += 1) {
      await forgetPeak(server.pid)
      await runAtOnce(server, place.repository)
      await server.quiet()
      series.under_c_mb.push(await peakMb(server.pid))
      progress(`(f) ${run + 1} of ${runs}: at most ${series.under_c_mb.at(-1)?.toFixed(0)} MB`)
    }
    await systemClock.sleep(settleMs)
    series.idle_after_mb.push(await residentMb(server.pid))
  } finally {
    await server.close()
  }
  return [{ bench: 'f', title: `resident memory of the server, idle and with ${atOnce} builds at once`, series, goal: '< 400 MB' }]
}

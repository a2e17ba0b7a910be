import { carrierImage } from './carrier.ts'
import type { Place } from './place.ts'
import { openPlainHttp, type PlainHttp } from './plain-http.ts'
import { forgetPeak, peakMb, residentMb, watchSupervisors } from './process-memory.ts'
import type { Finding } from './report.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { medianOf, summarize } from './statistics.ts'
import { planOf } from './tasks.ts'

const bytes = 100_000_000

/** (e) 100 MB from one task's output to the next one's input, against the same bytes put to and got from a plain HTTP server. */
export async function bigArtifact(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const { repository } = place
  const carrier = await place.push('carrier', await carrierImage(progress))
  await place.pull(carrier)
  const handing = (size: number) =>
    planOf([
      { name: 'make', repository, script: `head -c ${size} /dev/urandom > made/big; echo made`, outputs: ['made'] },
      { name: 'take', repository, script: 'echo taken; wc -c < made/big', inputs: ['made'] },
    ])
  const series = { ours: [] as number[], floor: [] as number[], server_growth_mb: [] as number[], supervisor_growth_mb: [] as number[] }
  const http = await openPlainHttp(place.toHost.listen)
  const server = await startServerProcess(place)
  try {
    // What a server takes for any build is no growth by an artifact.
    for (let turn = 0; turn < 5; turn += 1) await handOver(server, handing(1000), 0)
    const before = await residentMb(server.pid)
    // The first of each warms what stays warm.
    for (let run = -1; run < runs; run += 1) {
      const ours = await handOver(server, handing(bytes), before)
      const floor = await carry(place, carrier, http)
      series.server_growth_mb.push(ours.serverMb)
      series.supervisor_growth_mb.push(...ours.supervisorMb)
      if (run < 0) continue
      series.ours.push(ours.ms)
      series.floor.push(floor)
      progress(`(e) ${run + 1} of ${runs}: ${ours.ms.toFixed(0)} ms, plain HTTP ${floor.toFixed(0)} ms`)
    }
  } finally {
    await server.close()
    await http.close()
  }
  const perSecond = (ms: number) => bytes / 1e6 / (ms / 1000)
  const { ours, floor, ...memory } = series
  return [
    {
      bench: 'e',
      title: 'a 100 MB artifact, from one task’s last output to the next one’s first; the ratio is of throughput (growth of memory: under 64 MB each)',
      series: { ours, floor, ours_mb_per_s: ours.map(perSecond), floor_mb_per_s: floor.map(perSecond), ...memory },
      ratio: medianOf(floor) / medianOf(ours),
      goal: '>= 0.5',
      more: { supervisors_seen: memory.supervisor_growth_mb.length, most_growth_mb: summarize([...memory.server_growth_mb, ...memory.supervisor_growth_mb]).max },
    },
  ]
}

/** The time between two processes, and how much memory was taken meanwhile: by the server over what it had `before`. */
async function handOver(server: ServerProcess, plan: ReturnType<typeof planOf>, before: number) {
  const id = await server.create(plan)
  await forgetPeak(server.pid)
  const supervisors = await watchSupervisors()
  const { steps } = await server.run(id)
  const serverMb = (await peakMb(server.pid)) - before
  await server.quiet()
  const seen = await supervisors.stop()
  const [make, take] = steps
  return {
    ms: (take?.firstOutput ?? Number.NaN) - (make?.lastOutput ?? Number.NaN),
    serverMb,
    supervisorMb: steps.flatMap(({ handle }) => {
      const growth = seen.get(handle)
      return growth === undefined ? [] : [growth.peak - growth.first]
    }),
  }
}

async function carry(place: Place, repository: string, http: PlainHttp): Promise<number> {
  const carried = http.carried()
  const script = `head -c ${bytes} /dev/urandom > big; carrier ${place.toHost.url(http.port)} big copy`
  const ended = place.bare(repository, script)
  // Its last word is said before it ends.
  const failed = ended.then(() => {
    throw new Error('(e) the bare container brought nothing back')
  })
  const [{ ms, bytes: arrived }] = await Promise.all([Promise.race([carried, failed]), ended])
  if (arrived !== bytes) throw new Error(`(e) ${arrived} bytes were carried over plain HTTP`)
  return ms
}

import type { Place } from './place.ts'
import type { Finding } from './report.ts'
import { openServer, type BenchServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'

export const atOnce = 20

/** (c) One-task builds, all claimed at once, against as many floors asked for at once: how many are done per second. */
export async function manyBuilds(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const server = await openServer(place)
  const ours: number[] = []
  const floor: number[] = []
  const parts = { 'claim to asked for': [] as number[], 'to reported in': [] as number[], 'to first output': [] as number[], 'to end': [] as number[] }
  try {
    for (let round = -1; round < runs; round += 1) {
      const { ms, builds } = await runAtOnce(server, place.repository)
      await server.quiet()
      const floorMs = await floorsAtOnce(place)
      if (round < 0) continue
      ours.push(ms)
      floor.push(floorMs)
      for (const { claimed, ended, steps } of builds) {
        const { asked = Number.NaN, ready = Number.NaN, firstOutput = Number.NaN } = steps[0] ?? {}
        parts['claim to asked for'].push(asked - claimed)
        parts['to reported in'].push(ready - asked)
        parts['to first output'].push(firstOutput - ready)
        parts['to end'].push(ended - firstOutput)
      }
      progress(`(c) ${round + 1} of ${runs}: ${atOnce} builds in ${ms.toFixed(0)} ms, ${atOnce} floors in ${floorMs.toFixed(0)} ms`)
    }
  } finally {
    await server.close()
  }
  const perSecond = (ms: number) => (atOnce / ms) * 1000
  const series = { ours, floor, ours_per_s: ours.map(perSecond), floor_per_s: floor.map(perSecond), ...parts }
  return [{ bench: 'c', title: `${atOnce} one-task builds at once: all of them, and builds per second (the ratio is of these); parts of one of them`, series, ratio: medianOf(floor) / medianOf(ours), goal: '>= 0.7' }]
}

export async function runAtOnce(server: BenchServer, repository: string) {
  const plan = planOf([{ name: 'hello', repository, script: 'echo hello' }])
  const ids = await Promise.all(Array.from({ length: atOnce }, () => server.create(plan)))
  const from = performance.now()
  const builds = await Promise.all(ids.map((id) => server.run(id)))
  return { ms: performance.now() - from, builds }
}

async function floorsAtOnce(place: Place): Promise<number> {
  const from = performance.now()
  const floors = await Promise.all(Array.from({ length: atOnce }, () => place.floor()))
  const ms = performance.now() - from
  await Promise.all(floors.map(({ gone }) => gone))
  return ms
}

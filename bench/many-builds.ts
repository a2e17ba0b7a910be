import type { Place } from './place.ts'
import { openProcessorMeter, type ProcessorMeter } from './processor.ts'
import type { Finding } from './report.ts'
import { openServer, openWarmServer, type BenchServer, type LocalServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'

export const atOnce = 20

/** (c) One-task builds, all claimed at once, against as many floors asked for at once: how many are done per second; each second time in warm sandboxes too, one a build, where there are such. */
export async function manyBuilds(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const meter = await openProcessorMeter()
  const plain = measured(await openServer(place))
  const warm = place.warmed === undefined ? undefined : measured(await openWarmServer(place, atOnce))
  const floor: number[] = []
  const floorProcessor: number[] = []
  try {
    for (let round = -1; round < runs; round += 1) {
      const about = { place, meter, counts: round >= 0 }
      await runOf(about, plain)
      // Making so many sandboxes anew takes long.
      const isWarm = warm !== undefined && round % 2 !== 0
      if (isWarm) await runOf(about, warm, atOnce)
      const spent = await meter.begin()
      const floorMs = await floorsAtOnce(place)
      const processor = await spent()
      if (round < 0) continue
      floor.push(floorMs)
      floorProcessor.push(processor / atOnce)
      progress(`(c) ${round + 1} of ${runs}: ${atOnce} builds in ${plain.ours.at(-1)?.toFixed(0)} ms, ${isWarm ? `in warm sandboxes ${warm.ours.at(-1)?.toFixed(0)} ms, ` : ''}${atOnce} floors in ${floorMs.toFixed(0)} ms`)
    }
  } finally {
    await plain.server.close()
    await warm?.server.close()
  }
  const perSecond = (ms: number) => (atOnce / ms) * 1000
  const finding = ({ ours, parts, processor }: Measured, how: string, goal: string): Finding => ({
    bench: 'c',
    title: `${atOnce} one-task builds at once${how}: all of them, and builds per second (the ratio is of these); parts of one of them`,
    series: { ours, floor, ours_per_s: ours.map(perSecond), floor_per_s: floor.map(perSecond), ...parts, 'processor a build': processor, 'processor of a floor': floorProcessor },
    ratio: medianOf(floor) / medianOf(ours),
    goal,
  })
  return [
    finding(plain, '', '>= 0.7'),
    ...(warm === undefined || warm.ours.length === 0 ? [] : [finding(warm, `, with ${atOnce} warm sandboxes`, '>= 2')]),
  ]
}

interface Measured {
  readonly server: LocalServer
  readonly ours: number[]
  /** Of one build, until nothing is left of it, and the sandboxes wait again where there are such. */
  readonly processor: number[]
  readonly parts: Readonly<Record<'claim to asked for' | 'to reported in' | 'to first output' | 'to end', number[]>>
}

const measured = (server: LocalServer): Measured => ({
  server, ours: [], processor: [], parts: { 'claim to asked for': [], 'to reported in': [], 'to first output': [], 'to end': [] },
})

interface Round {
  readonly place: Place
  readonly meter: ProcessorMeter
  readonly counts: boolean
}

async function runOf({ place, meter, counts }: Round, { server, ours, parts, processor }: Measured, sandboxes = 0): Promise<void> {
  const spent = await meter.begin()
  const { ms, builds } = await runAtOnce(server, place.repository)
  await server.quiet()
  if (sandboxes > 0) await place.warmed?.(server.app.stores.installation, sandboxes)
  const cost = await spent()
  if (!counts) return
  ours.push(ms)
  processor.push(cost / atOnce)
  for (const { claimed, ended, steps } of builds) {
    const { asked = Number.NaN, ready = Number.NaN, firstOutput = Number.NaN } = steps[0] ?? {}
    parts['claim to asked for'].push(asked - claimed)
    parts['to reported in'].push(ready - asked)
    parts['to first output'].push(firstOutput - ready)
    parts['to end'].push(ended - firstOutput)
  }
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

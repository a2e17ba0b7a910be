import { floorsInARow } from './floors.ts'
import type { Place } from './place.ts'
import { openProcessorMeter } from './processor.ts'
import type { Finding } from './report.ts'
import { openServer, openWarmServer, type LocalServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'

/** (a) One trivial task, pending in the store: from the claim to the build's end, and where that time goes; then with a warm sandbox, where there are such. */
export async function oneTask(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const plan = planOf([{ name: 'hello', repository: place.repository, script: 'echo hello' }])
  const meter = await openProcessorMeter()
  const plain = measured(await openServer(place))
  const warm = place.warmed === undefined ? undefined : measured(await openWarmServer(place, 1))
  const floor: number[] = []
  const floorProcessor: number[] = []
  const run = async (kind: Measured, counts: boolean): Promise<void> => {
    const spent = await meter.begin()
    const { claimed, ended, steps } = await kind.server.run(await kind.server.create(plan))
    await kind.server.quiet()
    // So that making the next sandbox is in nobody's time, and its cost in this run's.
    if (kind === warm) await place.warmed?.(kind.server.app.stores.installation, 1)
    const processor = await spent()
    if (!counts) return
    kind.ours.push(ended - claimed)
    kind.processor.push(processor)
    const [step] = steps
    if (step === undefined) throw new Error('the task had no container')
    const times = [claimed, step.asked, step.ready, step.assigned, step.firstOutput, step.result, ended]
    Object.values(kind.parts).forEach((part, index) => part.push((times[index + 1] ?? Number.NaN) - (times[index] ?? Number.NaN)))
  }
  try {
    // The first of each warms what stays warm: connections, the image, compiled code.
    for (let n = -1; n < runs; n += 1) {
      await run(plain, n >= 0)
      if (warm !== undefined) await run(warm, n >= 0)
      const bare = await floorsInARow(place, meter, 1)
      if (n < 0) continue
      floor.push(bare.ms)
      floorProcessor.push(bare.processor)
      progress(`(a) ${n + 1} of ${runs}: ${plain.ours.at(-1)?.toFixed(0)} ms${warm === undefined ? '' : `, in a warm sandbox ${warm.ours.at(-1)?.toFixed(0)} ms`}, floor ${bare.ms.toFixed(0)} ms`)
    }
  } finally {
    await plain.server.close()
    await warm?.server.close()
  }
  const finding = ({ ours, parts, processor }: Measured, title: string, goal: string): Finding => ({
    bench: 'a', title, series: { ours, floor, ...parts, processor, 'processor of the floor': floorProcessor }, ratio: medianOf(ours) / medianOf(floor), goal,
  })
  return [
    finding(plain, 'one trivial task, from start to end', place.kind === 'kubernetes' ? '<= 1.3' : '<= 1.5'),
    ...(warm === undefined ? [] : [finding(warm, 'one trivial task, in a warm sandbox', '<= 0.6')]),
  ]
}

interface Measured {
  readonly server: LocalServer
  readonly ours: number[]
  /** From the claim until nothing is left of the build, and the next sandbox waits where there are such. */
  readonly processor: number[]
  readonly parts: Readonly<Record<string, number[]>>
}

const measured = (server: LocalServer): Measured => ({
  server,
  ours: [],
  processor: [],
  parts: { 'claim to asked for': [], 'to reported in': [], 'to assigned': [], 'to first output': [], 'to result': [], 'to end': [] },
})

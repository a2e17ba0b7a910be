import type { Place } from './place.ts'
import type { Finding } from './report.ts'
import { openServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'

/** (a) One trivial task, pending in the store: from the claim to the build's end, and where that time goes. */
export async function oneTask(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const server = await openServer(place)
  const plan = planOf([{ name: 'hello', repository: place.repository, script: 'echo hello' }])
  const ours: number[] = []
  const floor: number[] = []
  const parts: Record<string, number[]> = { 'claim to asked for': [], 'to reported in': [], 'to assigned': [], 'to first output': [], 'to result': [], 'to end': [] }
  try {
    // The first of each warms what stays warm: connections, the image, compiled code.
    for (let run = -1; run < runs; run += 1) {
      const { claimed, ended, steps } = await server.run(await server.create(plan))
      await server.quiet()
      const bare = await place.floor()
      await bare.gone
      if (run < 0) continue
      ours.push(ended - claimed)
      floor.push(bare.ms)
      const [step] = steps
      if (step === undefined) throw new Error('the task had no container')
      const times = [claimed, step.asked, step.ready, step.assigned, step.firstOutput, step.result, ended]
      Object.values(parts).forEach((part, index) => part.push((times[index + 1] ?? Number.NaN) - (times[index] ?? Number.NaN)))
      progress(`(a) ${run + 1} of ${runs}: ${(ended - claimed).toFixed(0)} ms, floor ${bare.ms.toFixed(0)} ms`)
    }
  } finally {
    await server.close()
  }
  const goal = place.kind === 'kubernetes' ? '<= 1.3' : '<= 1.5'
  return [{ bench: 'a', title: 'one trivial task, from start to end', series: { ours, floor, ...parts }, ratio: medianOf(ours) / medianOf(floor), goal }]
}

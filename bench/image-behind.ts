import { bigImage } from '../test/services/images.ts'
import type { Place } from './place.ts'
import type { Finding } from './report.ts'
import { openServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'

const megabytes = 200

/** (g) A step in an image that is not on the node, behind one that runs longer than its pull; against the same with the image there. */
export async function imageBehind(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const repository = await place.push('big', await bigImage(megabytes))
  const pulls = [await place.pull(repository)]
  // Beside a build a pull is slower than alone.
  const seconds = Math.max(3, Math.ceil((2 * pulls[0]!) / 1000))
  const plan = planOf([
    { name: 'long', repository: place.repository, script: `sleep ${seconds}; echo done` },
    { name: 'big', repository, script: 'echo hello' },
  ])
  const server = await openServer(place)
  const absent: number[] = []
  const present: number[] = []
  const waits: number[] = []
  try {
    for (let run = -1; run < runs; run += 1) {
      await place.forgetImage(repository)
      const first = await server.run(await server.create(plan))
      await server.quiet()
      const second = await server.run(await server.create(plan))
      await server.quiet()
      if (run < 0) continue
      absent.push(first.ended - first.claimed)
      present.push(second.ended - second.claimed)
      const [long, big] = first.steps
      waits.push((big?.ready ?? Number.NaN) - (long?.lastOutput ?? Number.NaN))
      progress(`(g) ${run + 1} of ${runs}: ${absent.at(-1)?.toFixed(0)} ms, with the image there ${present.at(-1)?.toFixed(0)} ms`)
    }
    for (let turn = 0; turn < Math.min(runs, 3); turn += 1) {
      await place.forgetImage(repository)
      pulls.push(await place.pull(repository))
    }
  } finally {
    await server.close()
    await place.forgetImage(repository)
  }
  const added = absent.map((ms, run) => ms - (present[run] ?? Number.NaN))
  return [
    {
      bench: 'g',
      title: `a ${megabytes} MB image that is not there, behind a step of ${seconds} s; floor: the same with the image there`,
      series: { ours: absent, floor: present, added, 'ready after the long step': waits, 'its pull alone': pulls },
      ratio: medianOf(absent) / medianOf(present),
      goal: 'added: < 500 ms',
      more: { added_ms: Math.round(medianOf(added)) },
    },
  ]
}

import { floorsInARow } from './floors.ts'
import type { Place } from './place.ts'
import { openProcessorMeter } from './processor.ts'
import type { Finding } from './report.ts'
import { openServer, openWarmServer, type LocalServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'
import type { StepMarks } from './timed-runtime.ts'

const names = ['one', 'two', 'three'] as const

/** (b) Three tasks that hand on a small artifact, prepared one and two steps ahead and not, in warm sandboxes and not, against three floors one after the other. */
export async function threeTasks(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const { repository } = place
  const plan = planOf([
    { name: 'one', repository, script: 'echo begin; echo 1 > made/n; echo end', outputs: ['made'] },
    { name: 'two', repository, script: 'echo begin; cat made/n; cp made/n more/n; echo end', inputs: ['made'], outputs: ['more'] },
    { name: 'three', repository, script: 'echo begin; cat more/n; echo end', inputs: ['more'] },
  ])
  const meter = await openProcessorMeter()
  const ways = waysOf(place)
  const kinds: Measured[] = []
  const floor: number[] = []
  const floorProcessor: number[] = []
  try {
    for (const way of ways) kinds.push(await measured(place, way))
    for (let run = -1; run < runs; run += 1) {
      for (const kind of kinds) {
        const { server, way } = kind
        const spent = await meter.begin()
        const { claimed, ended, steps } = await server.run(await server.create(plan))
        await server.quiet()
        // So that making sandboxes is in nobody's time, and its cost in this run's.
        if (way.sandboxes > 0) await place.warmed?.(server.app.stores.installation, way.sandboxes)
        const processor = await spent()
        if (run < 0) continue
        kind.ours.push(ended - claimed)
        kind.processor.push(processor / names.length)
        const [one, two, three] = names.map((name) => steps.find(({ stepName }) => stepName === name))
        if (one === undefined || two === undefined || three === undefined) throw new Error('a task had no container')
        kind.first.push((one.firstOutput ?? Number.NaN) - claimed)
        addGap(kind, 0, one, two)
        addGap(kind, 1, two, three)
      }
      const three = await floorsInARow(place, meter, 3)
      if (run < 0) continue
      floor.push(three.ms)
      floorProcessor.push(three.processor)
      progress(`(b) ${run + 1} of ${runs}: ${kinds.map(({ way, ours }) => `${way.name} ${ours.at(-1)?.toFixed(0)} ms, `).join('')}three floors ${three.ms.toFixed(0)} ms`)
    }
  } finally {
    for (const { server } of kinds) await server.close()
  }
  return kinds.map(({ way, ours, first, gaps, parts, processor }): Finding => ({
    bench: 'b',
    title: `three tasks in a row, ${way.name}`,
    series: {
      ours, floor, 'claim to first output': first, 'gap between one and two': gaps[0], 'gap between two and three': gaps[1], ...parts,
      'processor a step': processor, 'processor of a floor': floorProcessor,
    },
    ratio: medianOf(ours) / medianOf(floor),
    ...(way.goal !== undefined && { goal: way.goal }),
    more: { prepared_ahead: way.prepareAhead, sandboxes: way.sandboxes, gap_ms: Math.round(medianOf(gaps.flat()) * 10) / 10 },
  }))
}

/** By what settings the builds run. */
interface Way {
  readonly name: string
  readonly prepareAhead: number
  readonly sandboxes: number
  readonly goal?: string
}

function waysOf({ kind, warmed }: Place): readonly Way[] {
  const goal = (text: string) => (kind === 'kubernetes' ? { goal: text } : {})
  const plain: readonly Way[] = [
    { name: 'prepared one step ahead', prepareAhead: 1, sandboxes: 0, ...goal('<= 0.7') },
    { name: 'prepared two steps ahead', prepareAhead: 2, sandboxes: 0, ...goal('<= 0.7') },
    { name: 'not prepared ahead', prepareAhead: 0, sandboxes: 0, ...goal('<= 1.3') },
  ]
  if (warmed === undefined) return plain
  return [
    ...plain,
    { name: 'prepared one step ahead, with two warm sandboxes', prepareAhead: 1, sandboxes: 2, ...goal('<= 0.4') },
    { name: 'prepared one step ahead, with three warm sandboxes', prepareAhead: 1, sandboxes: 3, ...goal('<= 0.4') },
    { name: 'not prepared ahead, with two warm sandboxes', prepareAhead: 0, sandboxes: 2 },
  ]
}

interface Measured {
  readonly way: Way
  readonly server: LocalServer
  readonly ours: number[]
  readonly first: number[]
  readonly gaps: readonly [number[], number[]]
  readonly parts: ReturnType<typeof newParts>
  readonly processor: number[]
}

const newParts = () => ({ 'last output to result': [] as number[], 'to assigned': [] as number[], 'to first output': [] as number[] })

async function measured(place: Place, way: Way): Promise<Measured> {
  const { prepareAhead, sandboxes } = way
  const server = await (sandboxes > 0 ? openWarmServer(place, sandboxes, { prepareAhead }) : openServer(place, { prepareAhead }))
  return { way, server, ours: [], first: [], gaps: [[], []], parts: newParts(), processor: [] }
}

/** From a step's last output to the next one's first, as they arrive here; the artifact's way is in it. */
function addGap({ gaps, parts }: Measured, index: number, before: StepMarks, step: StepMarks): void {
  const { lastOutput = Number.NaN, result = Number.NaN } = before
  const { assigned = Number.NaN, firstOutput = Number.NaN } = step
  gaps[index]?.push(firstOutput - lastOutput)
  parts['last output to result'].push(result - lastOutput)
  parts['to assigned'].push(assigned - result)
  parts['to first output'].push(firstOutput - assigned)
}

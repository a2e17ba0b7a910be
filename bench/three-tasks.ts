import type { Place } from './place.ts'
import type { Finding } from './report.ts'
import { openServer, openWarmServer, type LocalServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planOf } from './tasks.ts'
import type { StepMarks } from './timed-runtime.ts'

const names = ['one', 'two', 'three'] as const

/** (b) Three tasks that hand on a small artifact, prepared one and two steps ahead and not, against three floors one after the other. */
export async function threeTasks(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const { repository } = place
  const plan = planOf([
    { name: 'one', repository, script: 'echo begin; echo 1 > made/n; echo end', outputs: ['made'] },
    { name: 'two', repository, script: 'echo begin; cat made/n; cp made/n more/n; echo end', inputs: ['made'], outputs: ['more'] },
    { name: 'three', repository, script: 'echo begin; cat more/n; echo end', inputs: ['more'] },
  ])
  const measured = async (prepareAhead: number, open: (place: Place, changed: { prepareAhead: number }) => Promise<LocalServer> = openServer): Promise<Measured> => ({ server: await open(place, { prepareAhead }), ours: [], gaps: [[], []], parts: newParts() })
  const [ahead, further, plain] = [await measured(1), await measured(2), await measured(0)]
  const warm = place.warmed === undefined ? [] : [await measured(1, openWarmServer), await measured(0, openWarmServer)]
  const floor: number[] = []
  try {
    for (let run = -1; run < runs; run += 1) {
      for (const kind of [ahead, further, plain, ...warm]) {
        const { claimed, ended, steps } = await kind.server.run(await kind.server.create(plan))
        await kind.server.quiet()
        // So that making sandboxes is in nobody's time. Of those prepared ahead only the first step takes one.
        if (warm.includes(kind)) await place.warmed?.(kind.server.app.stores.installation, kind === warm[0] ? 1 : 2)
        if (run < 0) continue
        kind.ours.push(ended - claimed)
        const [one, two, three] = names.map((name) => steps.find(({ stepName }) => stepName === name))
        if (one === undefined || two === undefined || three === undefined) throw new Error('a task had no container')
        addGap(kind, 0, one, two)
        addGap(kind, 1, two, three)
      }
      let three = 0
      for (let turn = 0; turn < 3; turn += 1) {
        const bare = await place.floor()
        await bare.gone
        three += bare.ms
      }
      if (run < 0) continue
      floor.push(three)
      progress(`(b) ${run + 1} of ${runs}: ${ahead.ours.at(-1)?.toFixed(0)} ms, further ahead ${further.ours.at(-1)?.toFixed(0)} ms, not ahead ${plain.ours.at(-1)?.toFixed(0)} ms, ${warm.map(({ ours }) => `warm ${ours.at(-1)?.toFixed(0)} ms, `).join('')}three floors ${three.toFixed(0)} ms`)
    }
  } finally {
    for (const { server } of [ahead, further, plain, ...warm]) await server.close()
  }
  const goals = place.kind === 'kubernetes' ? { ahead: { goal: '<= 0.7' }, plain: { goal: '<= 1.3' } } : {}
  const finding = (kind: Measured, ahead: number, name: string, goal: { goal: string } | undefined): Finding => ({
    bench: 'b',
    title: `three tasks in a row, ${name}`,
    series: { ours: kind.ours, floor, 'gap between one and two': kind.gaps[0], 'gap between two and three': kind.gaps[1], ...kind.parts },
    ratio: medianOf(kind.ours) / medianOf(floor),
    ...goal,
    more: { prepared_ahead: ahead, gap_ms: Math.round(medianOf(kind.gaps.flat()) * 10) / 10 },
  })
  return [
    finding(ahead, 1, 'prepared one step ahead (gap: at most 100 ms)', goals.ahead),
    finding(further, 2, 'prepared two steps ahead (gap: at most 100 ms)', goals.ahead),
    finding(plain, 0, 'not prepared ahead', goals.plain),
    ...warm.map((kind, index) => finding(kind, 1 - index, index === 0 ? 'prepared one step ahead, with warm sandboxes' : 'not prepared ahead, with warm sandboxes', index === 0 ? { goal: '<= 0.4' } : undefined)),
  ]
}

interface Measured {
  readonly server: LocalServer
  readonly ours: number[]
  readonly gaps: readonly [number[], number[]]
  readonly parts: ReturnType<typeof newParts>
}

const newParts = () => ({ 'last output to result': [] as number[], 'to assigned': [] as number[], 'to first output': [] as number[] })

/** From a step's last output to the next one's first, as they arrive here; the artifact's way is in it. */
function addGap({ gaps, parts }: Measured, index: number, before: StepMarks, step: StepMarks): void {
  const { lastOutput = Number.NaN, result = Number.NaN } = before
  const { assigned = Number.NaN, firstOutput = Number.NaN } = step
  gaps[index]?.push(firstOutput - lastOutput)
  parts['last output to result'].push(result - lastOutput)
  parts['to assigned'].push(assigned - result)
  parts['to first output'].push(firstOutput - assigned)
}

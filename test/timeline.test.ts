import fc from 'fast-check'
import { expect, test } from 'vitest'
import { presentSteps } from '../src/api/present/steps.ts'
import { runSummary } from '../src/cli/run/summary.ts'
import type { Step } from '../src/client/web-shapes.ts'
import { finishedRecord } from '../src/engine/step-record.ts'
import { planOf } from '../src/engine/testing/kit.ts'
import type { JsonObject } from '../src/model/json.ts'
import type { StepReport, StepTimes } from '../src/model/step-report.ts'
import { eachPlan } from '../src/planner/children.ts'
import { laneOf, ordered, savedAhead, scaleOf, tookOf } from '../web/src/timeline/scale.ts'

/** What the build page says of recorded steps, beside what `airside run` prints of the same ones. */
const task = (name: string) => ({ task: name, config: { platform: 'linux', rootfs_uri: 'x', run: { path: 'sh' } } })
const { plan } = planOf(JSON.stringify({
  resources: ['repo', 'chat'].map((name) => ({ name, type: 'git', source: {} })),
  jobs: [{
    name: 'j',
    plan: [{ get: 'repo' }, { in_parallel: [task('lint'), { do: [task('vet'), task('race')] }] }, { ...task('unit'), attempts: 2 }, { ...task('ship'), ensure: { put: 'chat' } }],
  }],
}))
const leaves = (() => {
  const ids: string[] = []
  eachPlan(plan, (one) => void (['get', 'put', 'task'].includes(one.kind) && ids.push(one.id)))
  return ids
})()

function toldOf(times: ReadonlyMap<string, StepTimes>): { readonly steps: readonly Step[]; readonly printed: readonly string[] } {
  const reports = new Map([...times].map(([id, one]): [string, StepReport] => [id, { times: one, waits: [], outputs: [] }]))
  const records = new Map([...reports].map(([id, report]): [string, JsonObject] => [id, finishedRecord({ outcome: { kind: 'succeeded' }, artifacts: {} }, report)]))
  const recorded = { plan, made: () => [], steps: new Map([...reports].map(([id, report]) => [id, { report, ...(report.times.turn !== undefined && { outcome: 'succeeded' as const }) }])) }
  return { steps: presentSteps({ recorded, events: [], end: 'succeeded', member: true, runtime: 'docker', containers: new Map() }).steps as unknown as readonly Step[], printed: runSummary(plan, records) }
}

const now = 9_000_000
/** `12.34 s`, or `12.3 s` from ten on. */
const seconds = (ms: number): string => `${(Math.max(0, ms) / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
const savedIn = (printed: readonly string[]): string | undefined => /^Preparing ahead saved about (.*)\.$/.exec(printed.at(-1) ?? '')?.[1]

function agree(times: ReadonlyMap<string, StepTimes>): void {
  const { steps, printed } = toldOf(times)
  const saved = savedAhead(steps, now)
  expect(savedIn(printed)).toBe(saved > 0 ? seconds(saved) : undefined)
  const scale = scaleOf(steps, { now })
  for (const step of steps) {
    const { prepare, ready, turn, start } = ordered(step.t, now)
    const known = [prepare, ready, turn, start].filter((at) => at !== undefined)
    expect(known).toEqual(known.toSorted((a, b) => a - b))
    const drawn = laneOf(step, scale, now)
    if (drawn.prepare !== undefined && drawn.ran !== undefined) expect(drawn.prepare.to).toBeLessThanOrEqual(drawn.ran.from)
  }
}

const time = fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined })
const stepTimes = fc.record({ prepare: time, ready: time, turn: time, start: time, end: time }).map((recorded): StepTimes => Object.fromEntries(Object.entries(recorded).filter(([, at]) => at !== undefined)))

test('W20: the build page and airside run say the same of any recorded times, and draw them in order', () => {
  fc.assert(fc.property(fc.array(stepTimes, { minLength: leaves.length, maxLength: leaves.length }), (all) => agree(new Map(all.map((times, at) => [leaves[at] ?? '', times])))))
})

const [repo = '', lint = '', vet = '', race = '', unit = '', again = '', ship = ''] = leaves

test.each<[string, Readonly<Record<string, StepTimes>>, string | undefined]>([
  ['nothing was made ready ahead', { [repo]: { prepare: 0, turn: 0, ready: 900, start: 1_000, end: 2_000 } }, undefined],
  ['of two that ran side by side the longer one counts', { [lint]: { prepare: 1_000, ready: 4_000, turn: 5_000, start: 5_000, end: 9_000 }, [vet]: { prepare: 1_000, ready: 3_000, turn: 5_000, start: 5_000, end: 8_000 }, [race]: { prepare: 5_000, turn: 8_000, ready: 8_500, start: 8_500, end: 20_000 } }, '5.00 s'],
  ['the clock of the server that made it ready was an hour ahead', { [unit]: { prepare: 3_600_000, ready: 3_604_000, turn: 10_000, start: 10_100, end: 20_000 } }, undefined],
  ['the clock of the server that made it ready was an hour behind', { [unit]: { prepare: -3_600_000, ready: -3_596_000, turn: 10_000, start: 10_100, end: 20_000 } }, '4.00 s'],
  ['the server started again between ready and turn, and took the container over', { [ship]: { prepare: 1_000, ready: 3_000, turn: 60_000, start: 60_010, end: 70_000 } }, '2.00 s'],
  ['the server started again while the process ran, and found its end late', { [ship]: { prepare: 1_000, ready: 3_000, turn: 4_000, start: 4_100, end: 900_000 } }, '2.00 s'],
  ['a guess was dropped: its step never had its turn', { [repo]: { turn: 0, end: 500 }, [again]: { prepare: 1_000, ready: 9_000 } }, undefined],
])('W20: what preparing ahead saved, where %s', (_case, times, saved) => {
  const all = new Map(Object.entries(times))
  agree(all)
  expect(savedIn(toldOf(all).printed)).toBe(saved)
})

test('W20: each step took as long on the build page as airside run prints', () => {
  const { steps, printed } = toldOf(new Map(leaves.map((id, at) => [id, { prepare: at, ready: at + 10, turn: 1_000 * at, start: 1_000 * at + 120, end: 3_000 * at + 4_560 }])))
  const took = leaves.map((id) => seconds(tookOf(steps.find((step) => step.id === id) as Step, now) ?? -1))
  // The last column but one that has a time, in the plan's order; the attempt that follows is a step of its own.
  const ran = printed.slice(1).flatMap((line) => /([\d.]+ s)\s*$/.exec(line)?.[1] ?? [])
  expect(ran).toEqual(took)
})

import { expect, test } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import type { Plan } from '../../model/plan.ts'
import type { StepReport } from '../../model/step-report.ts'
import { stepSchema } from '../web-schemas.ts'
import { presentSteps, type StepsToPresent } from './steps.ts'

const task = (id: string): Plan => ({ id, kind: 'task', task: { name: `t${id}`, privileged: false } }) as Plan
const get: Plan = { id: 'g', kind: 'get', get: { name: 'repo', type: 'git', source: {}, image: {}, resource: 'code' } } as Plan
const report = (times: StepReport['times'] = {}): StepReport => ({ times, waits: [], outputs: [] })
const began = (id: string) => ({ type: 'initialize-task', data: { origin: { id } } })

function present(plan: Plan, steps: StepsToPresent['recorded']['steps'] = new Map(), given: Partial<StepsToPresent> = {}) {
  const { steps: made } = presentSteps({ recorded: { plan, made: () => [], steps }, events: [], member: true, runtime: 'docker', containers: new Map(), ...given })
  for (const step of made) stepSchema.parse(step)
  return made
}
const statesOf = (...given: Parameters<typeof present>) => Object.fromEntries(present(...given).map(({ id, state }) => [id, state]))
type Ended = readonly (readonly [string, 'succeeded' | 'failed' | 'errored' | 'aborted'])[]
const ended = (...outcomes: Ended) => new Map(outcomes.map(([id, outcome]) => [id, { outcome, report: report() }]))

test('steps stand in the plan’s order, with their parents, hooks and attempts', () => {
  const plan: Plan = { id: 'r', kind: 'do', do: [get, { id: 'h', kind: 'on_failure', on_failure: { step: { id: 'y', kind: 'retry', retry: [task('1'), task('2')] }, on_failure: task('f') } }] }
  expect(present(plan).map(({ id, parent, role, hook, attempt, name, resource }) => [id, parent, role, hook ?? attempt, name, resource])).toEqual([
    ['r', undefined, 'step', undefined, undefined, undefined],
    ['g', 'r', 'step', undefined, 'repo', 'code'],
    ['h', 'r', 'step', undefined, undefined, undefined],
    ['y', 'h', 'step', undefined, undefined, undefined],
    ['1', 'y', 'attempt', 1, 't1', undefined],
    ['2', 'y', 'attempt', 2, 't2', undefined],
    ['f', 'h', 'hook', 'on_failure', 'tf', undefined],
  ])
})

test('a step is pending, waits, runs and ends as its events and record say', () => {
  expect(statesOf(task('1'))).toEqual({ 1: 'pending' })
  expect(statesOf(task('1'), new Map(), { events: [began('1')] })).toEqual({ 1: 'waiting' })
  expect(statesOf(task('1'), new Map(), { events: [began('1'), { type: 'start-task', data: { origin: { id: '1' } } }] })).toEqual({ 1: 'running' })
  expect(statesOf(task('1'), new Map([['1', { report: report() }]]))).toEqual({ 1: 'running' })
  for (const outcome of ['succeeded', 'failed', 'errored', 'aborted'] as const) expect(statesOf(task('1'), ended(['1', outcome]))).toEqual({ 1: outcome })
  expect(statesOf(task('1'), new Map(), { end: 'failed' })).toEqual({ 1: 'skipped' })
  expect(statesOf(task('1'), new Map(), { end: 'aborted', events: [began('1')] })).toEqual({ 1: 'aborted' })
  expect(statesOf(task('1'), new Map(), { end: 'errored', events: [began('1')] })).toEqual({ 1: 'errored' })
})

test('a step that waits for its container says why as its log said last, until it starts', () => {
  const said = (payload: string, time: number) => ({ type: 'log', data: { origin: { id: '1', source: 'stderr' }, payload, time } })
  const waits = (...events: StepsToPresent['events']) => present(task('1'), new Map(), { events }).map((step) => step.waits)
  const pulls = [began('1'), said('no node has 2 CPUs free\n', 4), said('pulling image tools:1 on node-1\n', 5)]
  expect(waits(...pulls)).toEqual([[{ kind: 'waiting', message: 'pulling image tools:1 on node-1', from: 5_000 }]])
  expect(waits(...pulls, { type: 'start-task', data: { origin: { id: '1' } } })).toEqual([[]])
})

/** As an image's get that nodes pull, and an across whose values cannot be had: their events are all that there is. */
test.each<[string, readonly { type: string; more?: JsonObject }[], string]>([
  ['fetched', [{ type: 'initialize-get' }, { type: 'start-get' }, { type: 'finish-get', more: { exit_status: 0 } }], 'succeeded'],
  ['not fetched', [{ type: 'finish-get', more: { exit_status: 1 } }], 'failed'],
  ['not to be fetched', [{ type: 'error', more: { message: '401 from the registry' } }], 'errored'],
  ['found after a restart', [{ type: 'error', more: { message: 'no answer' } }, { type: 'initialize-get' }, { type: 'finish-get', more: { exit_status: 0 } }], 'succeeded'],
  ['an across without values', [{ type: 'initialize' }, { type: 'start' }, { type: 'finish', more: { succeeded: true } }], 'succeeded'],
  ['an across whose values failed', [{ type: 'initialize' }, { type: 'error', more: { message: 'undefined vars: x' } }], 'errored'],
])('a step without a record ends as its events say: %s', (_how, told, state) => {
  const events = told.map(({ type, more }) => ({ type, data: { origin: { id: 'g' }, ...more } }))
  for (const end of [{}, { end: 'errored' }, { end: 'aborted' }] as const) expect(statesOf(get, new Map(), { events, ...end })).toEqual({ g: state })
})

test.each<[string, Plan, Ended, boolean, string]>([
  ['do, between two steps', { id: 'x', kind: 'do', do: [task('1'), task('2')] }, [['1', 'succeeded']], false, 'running'],
  ['do, whose step failed', { id: 'x', kind: 'do', do: [task('1'), task('2')] }, [['1', 'failed']], true, 'failed'],
  ['do, before its turn', { id: 'x', kind: 'do', do: [task('1'), task('2')] }, [], false, 'pending'],
  ['do, that was not reached', { id: 'x', kind: 'do', do: [task('1'), task('2')] }, [], true, 'skipped'],
  ['retry, whose second attempt succeeded', { id: 'x', kind: 'retry', retry: [task('1'), task('2'), task('3')] }, [['1', 'failed'], ['2', 'succeeded']], true, 'succeeded'],
  ['retry, before its second attempt', { id: 'x', kind: 'retry', retry: [task('1'), task('2')] }, [['1', 'failed']], false, 'running'],
  ['retry, whose attempts all failed', { id: 'x', kind: 'retry', retry: [task('1'), task('2')] }, [['1', 'failed'], ['2', 'failed']], true, 'failed'],
  ['try, whose step failed', { id: 'x', kind: 'try', try: { step: task('1') } }, [['1', 'failed']], true, 'succeeded'],
  ['on_success, whose hook failed', { id: 'x', kind: 'on_success', on_success: { step: task('1'), on_success: task('2') } }, [['1', 'succeeded'], ['2', 'failed']], true, 'failed'],
  ['on_failure, whose hook was not needed', { id: 'x', kind: 'on_failure', on_failure: { step: task('1'), on_failure: task('2') } }, [['1', 'succeeded']], true, 'succeeded'],
  ['in_parallel, of which one was aborted', { id: 'x', kind: 'in_parallel', in_parallel: { steps: [task('1'), task('2')] } }, [['1', 'aborted'], ['2', 'failed']], true, 'aborted'],
])('a step of kind %s is as its steps make it', (...[, plan, outcomes, over, state]) => {
  expect(statesOf(plan, ended(...outcomes), over ? { end: 'failed' } : {})['x']).toBe(state)
})

test('a step shows its end, image and container, the latter to members alone', () => {
  const events = [
    { type: 'finish-get', data: { origin: { id: 'g' }, exit_status: 0, version: { ref: 'a1' }, metadata: [{ name: 'author', value: 'jo' }] } },
    { type: 'error', data: { origin: { id: 'g' }, message: 'no such ref' } },
  ]
  const image = { reference: 'reg.example:5000/team/git:1.2@sha256:ab', digest: 'sha256:ab', by: 'check', host: 'reg.example:5000', requests: 2, layerBytes: 0, node: 'n1', ms: 61, platform: 'linux/arm64', policy: { reasons: ['old'] }, pull: { kind: 'pulled', ms: 900 } } as const
  const steps = new Map([['g', { outcome: 'succeeded' as const, report: { ...report({ prepare: 1, ready: 5, turn: 4, end: 9 }), image, container: 'prepared-ahead' as const, keptUntil: 99, outputs: [{ name: 'repo', bytes: 7 }] } }]])
  const containers = new Map([['g', { handle: 'h1', state: 'kept' as const }]])
  const [shown] = present(get, steps, { events, containers })
  expect(shown).toMatchObject({
    exit: 0, error: 'no such ref', version: { ref: 'a1' }, metadata: [{ name: 'author', value: 'jo' }], cache: 'miss', t: { prepare: 1, ready: 5, turn: 4, end: 9 },
    image: { repository: 'reg.example:5000/team/git', tag: '1.2', native: true, ms: 61, platform: 'linux/arm64', policy: { allowed: true, reasons: ['old'] }, pull: { node: 'n1', ms: 900, cached: false } },
    container: { handle: 'h1', node: 'n1', runtime: 'docker', state: 'kept', endsAt: 99, origin: 'prepared-ahead' }, outputs: [{ plan: 'g', name: 'repo', bytes: 7 }],
  })
  const [stranger] = present(get, steps, { events, containers, member: false })
  for (const key of ['metadata', 'container']) expect(stranger).not.toHaveProperty(key)
  expect(JSON.stringify(stranger)).not.toMatch(/n1|old/)
})

test('of a build with very many steps the first ten thousand are shown, and how many are not', () => {
  const plan: Plan = { id: 'x', kind: 'do', do: Array.from({ length: 10_001 }, (_, index) => task(String(index))) }
  const { steps, more } = presentSteps({ recorded: { plan, made: () => [], steps: new Map() }, events: [], member: true, runtime: 'docker', containers: new Map() })
  expect([steps.length, more]).toEqual([10_000, 2])
})

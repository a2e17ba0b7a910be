import { expect, test } from 'vitest'
import type { Json } from '../../model/json.ts'
import type { AcrossVar, Plan, PlanNode } from '../../model/plan.ts'
import { ok } from '../../model/result.ts'
import { until } from '../../engine/testing/world.ts'
import { failed, succeeded } from '../outcome.ts'
import type { Step, StepOutcome, StepPorts } from '../ports.ts'
import { createRunState } from '../run-state.ts'
import { acrossStep } from './across.ts'

/** Runs an across whose steps are named by their values and end when a test says so. */
class Crossing {
  readonly running = new Set<string>()
  readonly began: string[] = []
  readonly build = new AbortController()
  readonly ended: Promise<StepOutcome>
  private readonly endings = new Map<string, (succeeds: boolean) => void>()

  constructor(values: readonly (readonly Json[])[], vars: readonly Partial<AcrossVar>[], failFast = false) {
    const combinations = values.reduce<Json[][]>((all, own) => all.flatMap((before) => own.map((value) => [...before, value])), [[]])
    const plan: PlanNode<'across'> = { id: '1', kind: 'across', across: { vars: vars.map((own, index) => ({ name: `v${index}`, ...own })), substep_template: { id: '0', kind: 'do', do: [] }, fail_fast: failFast } }
    const child = (own: Json[], index: number): Plan => ({ id: `1/${index}`, kind: 'task', task: { name: own.join(''), privileged: false } })
    const plans = ok({ children: combinations.map((own, index) => ({ plan: child(own, index), values: own })), counts: values.map((own) => own.length) })
    const step = (): Step => ({
      run: async (state) => {
        const name = vars.map((_, index) => String(state.localVar(`v${index}`)?.value)).join('')
        this.began.push(name)
        this.running.add(name)
        const succeeds = await new Promise<boolean>((resolve) => this.endings.set(name, resolve))
        this.running.delete(name)
        return succeeds ? succeeded : failed
      },
    })
    const ports = { time: () => 0, emit: () => undefined, note: () => undefined } as unknown as StepPorts
    this.ended = acrossStep(plan, { ports, step, plans: () => Promise.resolve(plans) }).run(createRunState(), this.build.signal)
  }

  async end(name: string, succeeds = true): Promise<void> {
    await until(() => this.running.has(name))
    this.endings.get(name)?.(succeeds)
    await until(() => !this.running.has(name))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('one combination after the other, unless a var says otherwise', async () => {
  const crossing = new Crossing([['a', 'b'], ['1', '2']], [{}, {}])
  for (const name of ['a1', 'a2', 'b1', 'b2']) {
    await until(() => crossing.running.has(name))
    expect([...crossing.running]).toEqual([name])
    await crossing.end(name)
  }
  expect(await crossing.ended).toEqual({ kind: 'succeeded' })
})

test('max_in_flight counts the values of its own var', async () => {
  const crossing = new Crossing([['a', 'b', 'c'], ['1', '2']], [{ max_in_flight: 2 }, {}])
  await until(() => crossing.running.size === 2)
  expect([...crossing.running]).toEqual(['a1', 'b1'])
  await crossing.end('a1')
  expect([...crossing.running]).toEqual(['b1', 'a2'])
  await crossing.end('a2')
  await until(() => crossing.running.has('c1'))
  for (const name of ['b1', 'b2', 'c1', 'c2']) await crossing.end(name)
  expect(await crossing.ended).toEqual({ kind: 'succeeded' })
})

test('all at once where each var says all', async () => {
  const crossing = new Crossing([['a', 'b'], ['1', '2']], [{ max_in_flight: 'all' }, { max_in_flight: 'all' }])
  await until(() => crossing.running.size === 4)
  for (const name of ['b2', 'a1', 'b1', 'a2']) await crossing.end(name)
  expect(await crossing.ended).toEqual({ kind: 'succeeded' })
})

test('a failure lets the others run, and fails the step', async () => {
  const crossing = new Crossing([['a', 'b']], [{}])
  await crossing.end('a', false)
  await crossing.end('b')
  expect(await crossing.ended).toEqual({ kind: 'failed' })
})

test('with fail_fast nothing begins after a failure, in no var', async () => {
  const crossing = new Crossing([['a', 'b'], ['1', '2']], [{}, {}], true)
  await crossing.end('a1')
  await crossing.end('a2', false)
  expect(await crossing.ended).toEqual({ kind: 'failed' })
  expect(crossing.began).toEqual(['a1', 'a2'])
})

test('an abort begins no further combination', async () => {
  const crossing = new Crossing([['a', 'b']], [{}])
  await until(() => crossing.running.has('a'))
  crossing.build.abort('abort')
  await crossing.end('a')
  expect(await crossing.ended).toEqual({ kind: 'aborted' })
  expect(crossing.began).toEqual(['a'])
})

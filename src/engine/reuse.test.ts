import { expect, test } from 'vitest'
import type { JsonObject } from '../model/json.ts'
import { eachPlan } from '../planner/children.ts'
import { reusableSteps, reusedWrite, titleOf } from './reuse.ts'
import { readMadePlans } from './made-plans.ts'
import { decodeStoredBuild } from './stored-build.ts'
import { eventLine } from './testing/event-lines.ts'
import { taskYaml } from './testing/kit.ts'
import { memoryScope } from './testing/memory-store.ts'
import { World } from './testing/world.ts'

const failing = { FAKE_EXIT: '1' }
const withOutput = (name: string): string => taskYaml(name).replace('run: {', 'outputs: [{name: built}], run: {')
const withInput = (name: string, params = {}): string => taskYaml(name, params).replace('run: {', 'inputs: [{name: built}], run: {')

/** A build that ran to its end, and its plan. */
async function ended(plan: string) {
  const world = new World(`${plan.includes('get: repo') ? 'resources: [{name: repo, type: git, source: {}}]' : ''}\njobs: [{name: j, plan: [${plan}]}]`)
  const status = await world.run()
  const stored = decodeStoredBuild(world.row.context ?? {})
  if (!stored.ok) throw new Error(stored.error)
  const records = await world.store.steps(world.buildId)
  const read = readMadePlans(stored.value.plan, records)
  if (!read.ok) throw new Error(read.error)
  const idOf = (title: string, place = 0): string => {
    const found: string[] = []
    eachPlan(stored.value.plan, (one) => titleOf(one) === title && found.push(one.id), read.value.made.of)
    return found[place] ?? title
  }
  const before = (title: string, place?: number) => {
    const steps = reusableSteps(stored.value.plan, records, idOf(title, place))
    return steps.ok ? steps.value.map((step) => titleOf(step.plan)) : steps.error
  }
  return { world, status, plan: stored.value.plan, records, idOf, before }
}

test('steps before one are taken as they ended, whatever their end, wherever steps follow each other', async () => {
  const { before, status } = await ended(`{get: repo}, {try: ${taskYaml('maybe', failing)}}, {do: [${taskYaml('build')}, ${taskYaml('unit', failing)}]}, ${taskYaml('ship')}`)
  expect(status).toBe('failed')
  expect(before('task unit')).toEqual(['get repo', 'task maybe', 'task build'])
  expect(before('task build')).toEqual(['get repo', 'task maybe'])
  expect(before('get repo')).toEqual([])
})

test('steps beside one are taken only where all of them succeeded', async () => {
  const { before } = await ended(`{in_parallel: [${taskYaml('lint')}, {do: [${taskYaml('vet')}, ${taskYaml('race', failing)}]}, ${taskYaml('unit', failing)}]}`)
  expect(before('task unit')).toEqual(['task lint'])
  expect(before('task race')).toEqual(['task lint', 'task vet'])
})

test('what is tried again, made of values or hung behind a step begins with the step that it belongs to', async () => {
  const retried = taskYaml('flaky', failing).replace('{task', '{attempts: 2, task')
  expect((await ended(`${taskYaml('first')}, ${retried}`)).before('task flaky', 1)).toEqual(['task first'])
  const hooked = taskYaml('unit', failing).replace('{task', `{on_failure: ${taskYaml('alert')}, task`)
  expect((await ended(`${taskYaml('first')}, ${hooked}`)).before('task alert')).toEqual(['task first'])
  const across = taskYaml('try', failing).replace('{task', '{across: [{var: os, values: [a, b]}], task')
  expect((await ended(`${taskYaml('first')}, ${across}`)).before('task try', 1)).toEqual(['task first'])
})

test('a build cannot begin at a step that did not run, or that it does not have', async () => {
  const { before } = await ended(`${taskYaml('unit', failing)}, ${taskYaml('ship')}`)
  expect(before('task ship')).toBe('task ship did not run in it')
  expect(before('nowhere')).toBe('its plan has no step nowhere')
})

test('a build that takes steps of another runs the rest, with what those stored, and says which it did not run', async () => {
  const across = taskYaml('each').replace('{task', '{across: [{var: os, values: [a, b]}], task')
  const { world, plan, records, idOf } = await ended(`{get: repo}, ${across}, ${withOutput('build')}, ${withInput('unit', failing)}`)
  const steps = reusableSteps(plan, records, idOf('task unit'))
  if (!steps.ok) throw new Error(steps.error)
  const id = world.store.insertStarted({ kind: 'job', scope: memoryScope, name: '1.1' }, world.row.context as JsonObject)
  world.store.reuse(id, steps.value.map((step) => reusedWrite(step, '1')))
  const began = world.services.runtime.started.length
  const engine = world.engine('other')
  expect((await (await engine.claim(id))?.end)?.status).toBe('failed')
  await engine.stop()
  const again = world.services.runtime.started.slice(began)
  expect(again.map(({ spec }) => spec.metadata.stepName)).toEqual(['unit'])
  const inputs = world.services.runtime.started.filter(({ spec }) => spec.metadata.stepName === 'unit').map(({ assignment }) => JSON.stringify(assignment.inputs))
  expect(inputs[1]).toBe(inputs[0])
  const told = world.store.row(id).events.map((event) => eventLine(event, world.names)).filter((line) => line.includes('not run again'))
  expect(told).toHaveLength(4)
  expect(told[0]).toBe('log get:repo stderr {"payload":"not run again: it is taken as it ended in build #1\\n"}')
})

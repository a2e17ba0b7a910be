import { expect, test } from 'vitest'
import type { Plan } from '../model/plan.ts'
import { stepKeys } from './step-keys.ts'

const task = (id: string, name: string): Plan => ({ id, kind: 'task', task: { name, privileged: false } })
const keyed = (plan: Plan, made?: Parameters<typeof stepKeys>[1]) => Object.fromEntries([...stepKeys(plan, made)].map(([id, key]) => [key, id]))

test('a step has the same key though steps stand before it that were not there, and its id is another', () => {
  const hooked = (id: string, step: Plan): Plan => ({ id, kind: 'on_failure', on_failure: { step, on_failure: task(`${id}h`, 'alert') } })
  const before = keyed({ id: '0', kind: 'do', do: [hooked('1', task('2', 'unit')), task('3', 'alert')] })
  const after = keyed({ id: '0', kind: 'do', do: [task('1', 'lint'), { id: '2', kind: 'in_parallel', in_parallel: { steps: [hooked('3', task('4', 'unit')), task('5', 'alert')] } }] })
  const pairs = Object.entries(before).map(([key, id]) => [id, after[key]])
  expect(pairs).toEqual([['2', '4'], ['1h', '3h'], ['3', '5']])
})

test('attempts, values of an across, steps of one name and the steps of an image have keys of their own', () => {
  const get: Plan = { id: 'g', kind: 'get', get: { name: 'repo', type: 'own', source: {}, image: { check_plan: { id: 'g/c', kind: 'check', check: { name: 'repo', type: 'git', source: {}, image: {} } } } } } as Plan
  const plan: Plan = { id: '0', kind: 'do', do: [get, { id: 'r', kind: 'retry', retry: [task('r1', 't'), task('r2', 't')] }, task('1', 't'), task('2', 't'), { id: 'a', kind: 'across', across: { vars: [{ name: 'v' }], substep_template: task('x', 't') } }] }
  const made = (id: string) => (id === 'a' ? [{ values: ['linux'], plan: task('a/0', 't') }, { values: ['mac'], plan: task('a/1', 't') }] : [])
  const keys = stepKeys(plan, made)
  expect([...keys.keys()]).toEqual(['g', 'g/c', 'r1', 'r2', '1', '2', 'a/0', 'a/1'])
  expect(new Set(keys.values()).size).toBe(8)
  const swapped = (id: string) => made(id).toReversed()
  expect(stepKeys(plan, swapped).get('a/1')).toBe(keys.get('a/1'))
})

import { expect, test } from 'vitest'
import type { Step } from '../../../src/client/web-shapes.ts'
import { aheadOf } from './ahead.ts'

const step = (id: string, t: Step['t'], more: Partial<Step> = {}): Step => ({ id, kind: 'task', role: 'step', state: 'succeeded', name: id, t, waits: [], outputs: [], ...more })
const told = (unit: Step, others: readonly Step[], until: 'pulled' | 'ready' = 'ready') => {
  const ahead = aheadOf(unit, [...others, unit], { until, now: 100 })
  return ahead && { ...ahead, behind: ahead.behind.map(({ id }) => id) }
}

test('what was done before the turn is hidden behind the steps that ran meanwhile, the longest first', () => {
  const unit = step('unit', { prepare: 10, pulled: 40, ready: 50, turn: 60, start: 61, end: 90 })
  const others = [step('get', { turn: 5, end: 15 }, { kind: 'get' }), step('lint', { turn: 15, start: 16, end: 60 }), step('late', { turn: 50, end: 60 }), step('p', { turn: 0, end: 60 }, { kind: 'in_parallel' }), step('check', { turn: 10, end: 50 }, { kind: 'check', role: 'image' }), step('unit/get', { turn: 10, end: 50 }, { kind: 'get', parent: 'unit' })]
  expect(told(unit, others)).toEqual({ ms: 40, hiddenMs: 40, behind: ['lint', 'get'] })
  expect(told(unit, others, 'pulled')).toEqual({ ms: 30, hiddenMs: 30, behind: ['lint', 'get'] })
})

test('what was done after the turn is not hidden', () => {
  const lint = step('lint', { start: 0, end: 60 })
  expect(told(step('unit', { prepare: 10, pulled: 70, ready: 80, turn: 60, start: 80, end: 90 }), [lint])).toEqual({ ms: 70, hiddenMs: 50, behind: ['lint'] })
  expect(told(step('unit', { prepare: 60, pulled: 70, ready: 80, turn: 60 }), [lint])).toEqual({ ms: 20, hiddenMs: 0, behind: [] })
})

test('while the turn has not come, all is hidden behind what runs now', () => {
  expect(told(step('unit', { prepare: 10, ready: 20 }, { state: 'pending' }), [step('lint', { start: 5 }, { state: 'running' })])).toEqual({ ms: 10, hiddenMs: 10, behind: ['lint'] })
})

test('without the times nothing is said, and clocks that disagree give no negative times', () => {
  expect(told(step('unit', { turn: 10, end: 20 }), [])).toBeUndefined()
  expect(told(step('unit', { prepare: 10, ready: 20 }), [], 'pulled')).toBeUndefined()
  expect(told(step('unit', { prepare: 30, pulled: 5, ready: 20, turn: 15 }), [])).toEqual({ ms: 0, hiddenMs: 0, behind: [] })
})

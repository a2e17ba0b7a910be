import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Step } from '../../../src/client/web-shapes.ts'
import { duration, laneOf, ordered, savedAhead, scaleOf, tookOf } from './scale.ts'
import { rowsOf, stepToShow } from './tree.ts'

function step(id: string, more: Partial<Step> = {}): Step {
  return { id, kind: 'task', role: 'step', state: 'succeeded', name: id, t: {}, waits: [], outputs: [], ...more }
}

const now = 2_000_000
const time = fc.option(fc.integer({ min: 0, max: now * 2 }), { nil: undefined })

test('W20: times are in order, whatever the clocks of servers said', () => {
  fc.assert(
    fc.property(fc.record({ prepare: time, ready: time, turn: time, start: time, end: time }), (recorded) => {
      const given = Object.fromEntries(Object.entries(recorded).filter(([, value]) => value !== undefined))
      const { prepare, ready, turn, start, end } = ordered(given, now)
      const known = [prepare, ready, turn, start, end].filter((value) => value !== undefined)
      expect(known).toEqual(known.toSorted((a, b) => a - b))
      expect(Object.keys(ordered(given, now)).toSorted()).toEqual(Object.keys(given).toSorted())
      if (start !== undefined) expect(start).toBe(recorded.start)
    }),
  )
})

test('times that were in order stay as they are', () => {
  const t = { prepare: 10, ready: 20, turn: 30, start: 31, end: 40 }
  expect(ordered(t, 100)).toEqual(t)
})

test('a step that waited for its container has its turn, in the picture, when that was ready', () => {
  expect(ordered({ prepare: 10, turn: 15, ready: 20, start: 22, end: 30 }, 100)).toEqual({ prepare: 10, ready: 20, turn: 20, start: 22, end: 30 })
})

test('every stretch of every lane lies in the picture and has its ends in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ prepare: time, ready: time, turn: time, start: time, end: time }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom<Step['state']>('pending', 'waiting', 'running', 'succeeded', 'failed'),
      fc.option(fc.nat(now), { nil: undefined }),
      (all, state, began) => {
        const steps = all.map((recorded, at) => step(String(at), { state, t: Object.fromEntries(Object.entries(recorded).filter(([, value]) => value !== undefined)), waits: [{ kind: 'quota', message: 'x', from: recorded.turn ?? 5, ...(recorded.end !== undefined && { to: recorded.end }) }] }))
        const scale = scaleOf(steps, { began, now })
        expect(scale.ticks.length).toBeLessThanOrEqual(5)
        expect(scale.ticks.length).toBeGreaterThan(0)
        for (const one of steps) {
          const { prepare, ready, ran, waits } = laneOf(one, scale, now)
          for (const stretch of [prepare, ready, ran, ...waits]) {
            if (stretch === undefined) continue
            expect(stretch.from).toBeLessThanOrEqual(stretch.to)
            expect(stretch.from).toBeGreaterThanOrEqual(0)
            expect(stretch.to).toBeLessThanOrEqual(1)
          }
          if (prepare !== undefined && ready !== undefined) expect(prepare.to).toBe(ready.from)
          if (ready !== undefined && ran !== undefined && one.t.turn !== undefined) expect(ready.to).toBeLessThanOrEqual(ran.from)
        }
      },
    ),
  )
})

test('a lane shows what was made ready ahead, what was ready before its turn, and what ran', () => {
  const unit = step('unit', { t: { prepare: 0, ready: 100_000, turn: 200_000, start: 200_000, end: 1_000_000 } })
  const scale = scaleOf([unit], { began: 0, ended: 1_000_000, now })
  expect(laneOf(unit, scale, now)).toEqual({ prepare: { from: 0, to: 0.1 }, ready: { from: 0.1, to: 0.2 }, ran: { from: 0.2, to: 1 }, waits: [] })
  expect(tookOf(unit, now)).toBe(800_000)
})

test('a running step grows to now, and a step without a container ran from its turn', () => {
  const running = step('a', { state: 'running', t: { turn: 0, start: 0 } })
  const scale = scaleOf([running], { began: 0, now: 50_000 })
  expect(laneOf(running, scale, 50_000).ran).toEqual({ from: 0, to: 1 })
  expect(laneOf(step('b', { kind: 'set_pipeline', t: { turn: 10_000, end: 20_000 } }), scale, 50_000).ran).toEqual({ from: 0.2, to: 0.4 })
})

test('a step that runs has a solid bar from its turn while its start is not known, behind what was made ready', () => {
  const running = step('a', { state: 'running', t: { prepare: 0, ready: 10_000, turn: 20_000 } })
  const scale = scaleOf([running], { began: 0, now: 40_000 })
  expect(laneOf(running, scale, 40_000)).toEqual({ prepare: { from: 0, to: 0.25 }, ready: { from: 0.25, to: 0.5 }, ran: { from: 0.5, to: 1 }, waits: [] })
  expect(laneOf({ ...running, t: { prepare: 0, turn: 20_000 } }, scale, 40_000)).toEqual({ prepare: { from: 0, to: 0.5 }, ran: { from: 0.5, to: 1 }, waits: [] })
  expect(tookOf(running, 40_000)).toBe(20_000)
})

test('W20: a guess that was dropped has only what was made ready', () => {
  const dropped = step('package', { state: 'pending', t: { prepare: 10_000, ready: 15_000 } })
  const scale = scaleOf([dropped], { began: 0, ended: 20_000, now })
  expect(laneOf(dropped, scale, now)).toEqual({ prepare: { from: 0.5, to: 0.75 }, ready: { from: 0.75, to: 1 }, waits: [] })
})

test('W20: what preparing ahead saved counts on the longest path alone', () => {
  const steps = [
    step('p', { kind: 'in_parallel', name: '' }),
    step('long', { parent: 'p', t: { prepare: 0, ready: 3_000, turn: 5_000, start: 5_000, end: 20_000 } }),
    step('short', { parent: 'p', t: { prepare: 0, ready: 4_000, turn: 5_000, start: 5_000, end: 10_000 } }),
    step('after', { t: { prepare: 8_000, turn: 20_000, ready: 25_000, start: 25_000, end: 30_000 } }),
  ]
  expect(savedAhead(steps, now)).toBe(3_000 + 12_000)
  expect(savedAhead([step('late', { t: { turn: 5_000, prepare: 5_000, ready: 9_000, start: 9_000, end: 10_000 } })], now)).toBe(0)
})

test.each([[0, '0 s'], [61, '61 ms'], [900, '0.9 s'], [45_500, '45.5 s'], [10_960, '11 s'], [4_020, '4 s'], [59_960, '1 min'], [68_000, '1 min 8 s'], [7_500_000, '2 h 5 min'], [90_000_000, '1 d 1 h'], [-5, '0 s']])('%d ms are %s', (ms, expected) => {
  expect(duration(ms)).toBe(expected)
})

const shown = (steps: readonly Step[], over: boolean): string | undefined => stepToShow(rowsOf(steps, over), steps)

test('rows leave wrappers out, put hooks under their step, and count what stands side by side', () => {
  const steps = [
    step('1', { kind: 'do', name: '' }),
    step('2', { parent: '1', kind: 'get', name: 'repo', cache: 'hit' }),
    step('3', { parent: '1', kind: 'ensure' }),
    step('4', { parent: '3', kind: 'on_failure' }),
    step('5', { parent: '4', kind: 'task', name: 'unit', state: 'failed', exit: 1 }),
    step('5/image-check', { parent: '5', kind: 'check', role: 'image', name: 'golang', t: { start: 1, end: 2 } }),
    step('5/image-get', { parent: '5', kind: 'get', role: 'image', name: 'golang', state: 'pending' }),
    step('6', { parent: '4', kind: 'put', role: 'hook', hook: 'on_failure', name: 'chat' }),
    step('7', { parent: '3', kind: 'put', role: 'hook', hook: 'ensure', name: 'pool' }),
    step('8', { parent: '1', kind: 'in_parallel', state: 'pending' }),
    step('9', { parent: '8', kind: 'task', name: 'a', state: 'pending' }),
  ]
  expect(rowsOf(steps, true).map(({ level, kind, name, note }) => [level, kind, name, note].join('|'))).toEqual([
    '1|get|repo|from cache',
    '1|task|unit|exit 1',
    '2|image check|golang|',
    '2|on_failure put|chat|',
    '2|ensure put|pool|',
    '1|in_parallel|8|0 of 1 · not reached',
    '2|task|a|not reached',
  ])
  expect(shown(steps, true)).toBe('5')
})

test('steps whose parents form a circle or are missing are listed once', () => {
  expect(rowsOf([step('a', { parent: 'gone' }), step('b', { parent: 'c', kind: 'retry' }), step('c', { parent: 'b', kind: 'retry' })], true).map(({ step: { id } }) => id)).toEqual(['a'])
})

test('the step that is shown at first failed, or runs, or is the last task', () => {
  const get = step('g', { kind: 'get' })
  expect(shown([get, step('t'), step('u')], true)).toBe('u')
  expect(shown([get, step('t', { state: 'running' }), step('u', { state: 'pending' })], false)).toBe('t')
  expect(shown([step('g', { kind: 'get', state: 'errored' }), step('t', { state: 'pending' })], true)).toBe('g')
  // A second attempt runs, and what was only tried has failed.
  const attempt = (id: string, more: Partial<Step>): Step => step(id, { role: 'attempt', parent: 'r', ...more })
  expect(shown([step('r', { kind: 'retry', state: 'running' }), attempt('a1', { state: 'failed' }), attempt('a2', { state: 'running' })], false)).toBe('a2')
  expect(shown([step('try', { kind: 'try' }), step('x', { state: 'failed', parent: 'try' }), step('u')], true)).toBe('u')
  expect(stepToShow([], [])).toBeUndefined()
})

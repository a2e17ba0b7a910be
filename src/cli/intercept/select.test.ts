import { expect, test } from 'vitest'
import type { Target } from '../../intercept/gateway.ts'
import { describeTarget, inOrder, matches, parseBuild, type Wanted } from './select.ts'

const target: Target = { handle: 'p-j-b7-task-1a2b3c4d', instance: 0, buildId: 7, pipeline: 'p', job: 'j', step: 'unit', type: 'task', attempt: '2', state: 'kept' }

test.each<[Wanted, boolean]>([
  [{}, true],
  [{ build: { id: 7, instance: 0 } }, true],
  [{ build: { id: 7, instance: 1 } }, false],
  [{ build: { id: 8, instance: 0 } }, false],
  [{ job: 'j' }, true],
  [{ job: 'p/j' }, true],
  [{ job: 'q/j' }, false],
  [{ step: 'unit', stepType: 'task', attempt: '2', handle: 'p-j-b7-task-1a2b3c4d' }, true],
  [{ step: 'uni' }, false],
  [{ stepType: 'get' }, false],
  [{ attempt: '1' }, false],
  [{ handle: 'other' }, false],
])('%j fits: %j', (wanted, fits) => {
  expect(matches(target, wanted)).toBe(fits)
})

test('a line says all that tells it from others', () => {
  expect(describeTarget(target)).toBe('build 7, p/j, step unit (task, attempt 2), kept   p-j-b7-task-1a2b3c4d')
  expect(describeTarget({ handle: 'h', instance: 1, buildId: 2, step: 's', type: 'get', state: 'running' })).toBe('build 1/2, step s (get), running   h')
})

test('builds are written as run --list shows them', () => {
  expect(parseBuild('7')).toEqual({ id: 7, instance: 0 })
  expect(parseBuild('1/7')).toEqual({ id: 7, instance: 1 })
  expect(parseBuild('ls')).toBeUndefined()
})

test('choices are numbered by build, then by step, whatever order they come in', () => {
  const earlier = { ...target, buildId: 3, step: 'zip' }
  const other = { ...target, step: 'lint' }
  const again = { ...target, attempt: '1' }
  expect([target, other, again, earlier].toSorted(inOrder)).toEqual([earlier, other, again, target])
})

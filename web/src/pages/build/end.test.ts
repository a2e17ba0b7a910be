import { expect, test } from 'vitest'
import type { Build, Step } from '../../api/types.ts'
import { endOf, keptText } from './end.ts'

const build = (status: Build['status']): Build => ({ id: 1, team_name: 'main', name: '1', status, api_url: '/api/v1/builds/1' })
const step = (id: string, more: Partial<Step>): Step => ({ id, kind: 'task', role: 'step', state: 'succeeded', name: id, t: { start: 1_000, end: 46_500 }, waits: [], outputs: [], ...more })

test('the step that ended a build is the one with its state, not a wrapper and not a hook', () => {
  const steps = [step('do', { kind: 'do', state: 'failed' }), step('unit', { state: 'failed', exit: 1 }), step('alert', { kind: 'put', role: 'hook', state: 'failed' })]
  expect(endOf(build('failed'), steps, 0)).toMatchObject({ subject: 'task unit', text: 'exited 1 after 45.5 s' })
  expect(endOf(build('succeeded'), steps, 0)).toBeUndefined()
  expect(endOf(build('started'), steps, 0)).toBeUndefined()
})

test('an error is quoted with its first line, an aborted step says so', () => {
  expect(endOf(build('errored'), [step('a', { state: 'errored', error: 'no such image\nmore' })], 0)?.text).toBe('errored after 45.5 s: no such image')
  expect(endOf(build('aborted'), [step('a', { state: 'aborted' })], 0)?.text).toBe('was aborted after 45.5 s')
  expect(endOf(build('errored'), [], 0)).toBeUndefined()
})

test.each([
  [undefined, 'its container is kept'],
  [10 * 60_000, 'its container is kept for 10 min'],
  [118 * 3_600_000, 'its container is kept for 4 d'],
  [-1, 'its container is kept for 0 s'],
])('a container that goes in %s ms: %s', (left, text) => expect(keptText(left === undefined ? undefined : 5 + left, 5)).toBe(text))

test('what was tried, and attempts that another followed, did not end the build', () => {
  const failed = { state: 'failed', exit: 1 } as const
  const steps = [
    step('try', { kind: 'try' }), step('optional', { ...failed, parent: 'try' }),
    step('retry', { kind: 'retry', state: 'failed' }), step('a1', { ...failed, role: 'attempt', parent: 'retry' }), step('a2', { ...failed, role: 'attempt', parent: 'retry' }), step('a3', { state: 'skipped', role: 'attempt', parent: 'retry' }),
  ]
  expect(endOf(build('failed'), steps, 0)?.step.id).toBe('a2')
})

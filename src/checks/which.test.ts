import { expect, test } from 'vitest'
import { aResource } from './testing/a-resource.ts'
import type { CheckedResource, CheckTimes } from './ports.ts'
import { intervalOf, isPeriodic } from './which.ts'

const good: CheckTimes = { startedAt: 1, endedAt: 2, failures: 0 }
const cases: readonly { name: string; resource?: Partial<CheckedResource>; times?: CheckTimes; periodic: boolean }[] = [
  { name: 'an input that triggers', resource: { triggers: true }, periodic: true },
  { name: 'an input that does not trigger, has versions and was checked', periodic: false },
  { name: 'an input that does not trigger and was never checked', times: { failures: 0 }, periodic: true },
  { name: 'one whose last check failed', times: { ...good, failures: 1 }, periodic: true },
  { name: 'an input without versions', resource: { hasVersions: false }, periodic: true },
  { name: 'a put without versions that was checked', resource: { isInput: false, hasVersions: false }, periodic: false },
  { name: 'a put that was never checked', resource: { isInput: false, hasVersions: false }, times: { failures: 0 }, periodic: true },
  { name: 'a pin that is not found', resource: { pinFound: false }, periodic: true },
  { name: 'B8: anything of a paused pipeline', resource: { paused: true, triggers: true }, times: { failures: 3 }, periodic: false },
]

test.each(cases)('C1: $name: $periodic', ({ resource = {}, times = good, periodic }) => {
  expect(isPeriodic(aResource({ triggers: false, ...resource }), times)).toBe(periodic)
})

test('an interval is read as it is written in check_every', () => {
  expect(intervalOf({ checkEvery: '1m30s' })).toBe(90_000)
  expect(intervalOf({ checkEvery: 'never' })).toBe('never')
  expect(intervalOf({})).toBeUndefined()
})

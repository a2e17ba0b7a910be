import { expect, test } from 'vitest'
import { intervalAfter } from './backoff.ts'

const minute = 60_000

test.each([
  { failures: 0, every: minute, expected: 1 * minute },
  { failures: 1, every: minute, expected: 2 * minute },
  { failures: 2, every: minute, expected: 4 * minute },
  { failures: 4, every: minute, expected: 16 * minute },
  { failures: 5, every: minute, expected: 30 * minute },
  { failures: 1_000_000, every: minute, expected: 30 * minute },
  { failures: 3, every: 60 * minute, expected: 60 * minute },
  { failures: 3, every: 0, expected: 0 },
])('C2: after $failures failures $every ms become $expected ms', ({ failures, every, expected }) => {
  expect(intervalAfter(every, failures, 0.5)).toBe(expected)
})

test('C2: failures are spread by a tenth in both directions, and success is not', () => {
  expect(intervalAfter(minute, 1, 0)).toBe(108_000)
  expect(intervalAfter(minute, 1, 1)).toBe(132_000)
  expect(intervalAfter(minute, 0, 0)).toBe(minute)
  expect(intervalAfter(minute, 0, 1)).toBe(minute)
})

import { expect, test } from 'vitest'
import { buildTook } from './took.ts'

test('a build took whole seconds, counts up while it runs, and never less than none', () => {
  expect(buildTook({ start_time: 100, end_time: 110 }, 999_000)).toBe(10_000)
  expect(buildTook({ start_time: 100 }, 104_600)).toBe(5_000)
  expect(buildTook({ start_time: 100 }, 90_000)).toBe(0)
  expect(buildTook({}, 5)).toBeUndefined()
})

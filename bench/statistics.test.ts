import { expect, it } from 'vitest'
import { medianOf, summarize } from './statistics.ts'

it('sums up runs in whatever order they came', () => {
  expect(summarize([5, 1, 4, 2, 3])).toEqual({ runs: 5, min: 1, median: 3, p90: 5, max: 5 })
  expect(summarize([7])).toEqual({ runs: 1, min: 7, median: 7, p90: 7, max: 7 })
})

it('takes the middle of the two in the middle', () => {
  expect(medianOf([10, 1, 2, 3])).toBe(2.5)
})

it('takes as p90 the least value that nine of ten runs do not exceed', () => {
  expect(summarize(Array.from({ length: 20 }, (_, index) => 20 - index)).p90).toBe(18)
})

it('leaves the runs as they were', () => {
  const runs = [3, 1, 2]
  summarize(runs)
  expect(runs).toEqual([3, 1, 2])
})

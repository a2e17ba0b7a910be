import { expect, it } from 'vitest'
import { runsOf } from './image-fetch.ts'

it('fetches large images fewer times, but once at least', () => {
  expect([10, 100, 500].map((megabytes) => runsOf(megabytes, 20))).toEqual([10, 5, 3])
  expect([10, 100, 500].map((megabytes) => runsOf(megabytes, 1))).toEqual([1, 1, 1])
})

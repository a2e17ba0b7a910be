import { expect, it } from 'vitest'
import { busyMs } from './processor.ts'

it('counts what all processors spent, and neither idle time nor what other machines took', () => {
  const stat = 'cpu  100 20 3000 400000 50000 6 700 8000000 90 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n'
  expect(busyMs(stat)).toBe((100 + 20 + 3000 + 6 + 700) * 10)
})

it('says that it is no number where there is no such line', () => {
  expect(busyMs('nothing')).toBeNaN()
})

import { expect, test } from 'vitest'
import { pushNewest } from './newest.ts'

test('the oldest go when there are too many', () => {
  const list: number[] = []
  for (const item of [1, 2, 3, 4, 5]) pushNewest(list, item, 3)
  expect(list).toEqual([3, 4, 5])
})

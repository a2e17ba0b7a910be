import { expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

test('teams take turns, and each has its own in order', () => {
  const queue = new FairQueue()
  for (const key of [1, 2, 3, 4]) queue.add(7, key, key)
  queue.add(8, 10, 9)
  queue.add(8, 10, 20)
  expect([queue.size, queue.oldest]).toEqual([5, 1])
  expect([queue.take(), queue.take(), queue.take()]).toEqual([1, 10, 2])
  queue.add(8, 11, 30)
  expect([queue.oldest, queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([3, 3, 11, 4, undefined])
  expect([queue.size, queue.oldest]).toEqual([0, undefined])
})

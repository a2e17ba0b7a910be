import { expect, test } from 'vitest'
import { DueHeap } from './due-heap.ts'

function taken(heap: DueHeap, now: number): number[] {
  const keys: number[] = []
  for (let key = heap.take(now); key !== undefined; key = heap.take(now)) keys.push(key)
  return keys
}

test('keys come in the order in which they are due, and not before', () => {
  const heap = new DueHeap()
  for (const [key, at] of [[1, 30], [2, 10], [3, 20], [4, 40]] as const) heap.set(key, at)
  expect(heap.next).toBe(10)
  expect(taken(heap, 30)).toEqual([2, 3, 1])
  expect(heap.next).toBe(40)
})

test('a key that is set again is due at the last time alone; one that is unset is not', () => {
  const heap = new DueHeap()
  heap.set(1, 10)
  heap.set(1, 50)
  heap.set(2, 20)
  heap.set(2, undefined)
  heap.set(3, 30)
  heap.set(3, 30)
  expect(taken(heap, 49)).toEqual([3])
  expect(taken(heap, 50)).toEqual([1])
  expect(heap.next).toBeUndefined()
})

test('any order of many comes out sorted', () => {
  const heap = new DueHeap()
  const times = Array.from({ length: 500 }, (_, index) => (index * 7919) % 1009)
  for (const [key, at] of times.entries()) heap.set(key, at + 5000)
  for (const [key, at] of times.entries()) heap.set(key, at)
  expect(heap.size).toBe(500)
  expect(taken(heap, 2000).map((key) => times[key])).toEqual(times.toSorted((a, b) => a - b))
})

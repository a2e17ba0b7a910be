import { expect, test } from 'vitest'
import { SizedCache } from './sized-cache.ts'

test('a cache at its limit drops what was used longest ago', () => {
  const cache = new SizedCache<string, number>(10)
  cache.set('a', 1, 4)
  cache.set('b', 2, 4)
  expect(cache.get('a')).toBe(1)
  cache.set('c', 3, 4)
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.bytes]).toEqual([1, undefined, 3, 8])
})

test('a value that replaces another counts by its own bytes', () => {
  const cache = new SizedCache<string, number>(10)
  cache.set('a', 1, 8)
  cache.set('a', 2, 3)
  cache.set('b', 3, 7)
  expect([cache.get('a'), cache.get('b'), cache.bytes]).toEqual([2, 3, 10])
})

test('a value larger than the whole cache is not kept, nor is what it replaces', () => {
  const cache = new SizedCache<string, number>(10)
  cache.set('a', 1, 8)
  cache.set('b', 2, 2)
  cache.set('a', 3, 11)
  expect([cache.get('a'), cache.get('b'), cache.bytes]).toEqual([undefined, 2, 2])
})

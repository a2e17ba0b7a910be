import { expect, test } from 'vitest'
import { merge } from './merge.ts'

const cases: readonly { name: string; order: string; found: string; from?: string; top: string }[] = [
  { name: 'C4: all are new', order: '', found: 'abc', top: 'abc' },
  { name: 'C4: one is new, and all that were printed go on top in their order', order: 'abc', found: 'bad', top: 'bad' },
  { name: 'C4: none is new, and nothing moves', order: 'abc', found: 'cba', from: 'c', top: '' },
  { name: 'C4: nothing was printed', order: 'abc', found: '', from: 'c', top: '' },
  { name: 'C4: one that is printed twice is at its last place', order: '', found: 'aba', top: 'ba' },
  { name: 'C10: the latest was checked from and is gone', order: 'abc', found: 'ab', from: 'c', top: 'ab' },
  { name: 'C10: the latest is there still', order: 'abc', found: 'ac', from: 'c', top: '' },
  { name: 'C10: another one was checked from', order: 'abc', found: 'ab', from: 'b', top: '' },
  { name: 'C10: the check began without a version', order: 'abc', found: 'ab', top: '' },
]

test.each(cases)('$name', ({ order, found, from, top }) => {
  expect(merge({ found: [...found], known: new Set([...order].filter((one) => found.includes(one))), latest: order.at(-1), from }).join('')).toBe(top)
})

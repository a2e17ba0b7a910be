import { expect, it } from 'vitest'
import { KeptMap } from './kept-map.ts'

it('keeps as many entries as its limit says, those that were set last', () => {
  const map = new KeptMap<string, number>(2)
  map.set('a', 1).set('b', 2).set('a', 3).set('c', 4)
  expect([...map]).toEqual([['a', 3], ['c', 4]])
})

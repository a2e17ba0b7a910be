import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentHeight, offsetOf, scrollTopOf, tallest, topRow } from './scroll.ts'

test('a row that is scrolled to is at the top, in logs of any length', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 20_000_000 }), fc.integer({ min: 100, max: 1_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (rows, viewHeight, share) => {
      const scroll = { rows, rowHeight: 19, viewHeight }
      const last = rows - viewHeight / 19
      const row = Math.floor(share * last)
      const top = scrollTopOf(scroll, row)
      expect(topRow(scroll, top)).toBeCloseTo(row, 3)
      expect(offsetOf(scroll, row, top)).toBeCloseTo(top, 1)
      expect(top).toBeLessThanOrEqual(contentHeight(scroll) - viewHeight + 1)
    }),
  )
})

test('no content is taller than browsers show, and its end is the last row', () => {
  const scroll = { rows: 10_000_000, rowHeight: 19, viewHeight: 190 }
  expect(contentHeight(scroll)).toBe(tallest)
  expect(topRow(scroll, tallest - 190)).toBe(10_000_000 - 10)
})

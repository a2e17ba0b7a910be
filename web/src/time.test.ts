import { expect, test } from 'vitest'
import { roughly, untilRoughlyChanges } from './time.ts'

test.each([
  [-5, '0 s'], [999, '0 s'], [1_000, '1 s'], [59_999, '59 s'], [60_000, '1 min'], [3_599_999, '59 min'], [3_600_000, '1 h'], [86_399_999, '23 h'], [172_800_000, '2 d'],
])('%d ms are about %s', (ms, text) => {
  expect(roughly(ms)).toBe(text)
})

test.each([[0, 1_000], [1_500, 500], [61_000, 59_000], [3_600_000, 3_600_000]])('%d ms ago is said otherwise after %d ms', (ago, wait) => {
  expect(untilRoughlyChanges(1_000_000_000, 1_000_000_000 + ago)).toBe(wait)
})

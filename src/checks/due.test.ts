import { expect, test } from 'vitest'
import { dueAt, isWanted, type CheckInterval } from './due.ts'
import type { CheckTimes } from './ports.ts'

const minute = 60_000
const at = 1_000_000
const cases: readonly { name: string; times: CheckTimes; interval?: CheckInterval; periodic?: boolean; due: number | undefined }[] = [
  { name: 'one that was never checked is due at once', times: { failures: 0 }, due: 0 },
  { name: 'C2: the default is a minute from the end of the last', times: { startedAt: at - 5000, endedAt: at, failures: 0 }, due: at + minute },
  { name: 'C2: an interval of its own counts', times: { startedAt: at, endedAt: at, failures: 0 }, interval: 10 * minute, due: at + 10 * minute },
  { name: 'C2: failures double it', times: { startedAt: at, endedAt: at, failures: 2 }, due: at + 4 * minute },
  { name: 'C1: never is not due by itself', times: { failures: 0 }, interval: 'never', due: undefined },
  { name: 'C1: never is due when it is wanted', times: { wantedAt: at + 1, startedAt: at, endedAt: at, failures: 0 }, interval: 'never', due: at + 1 },
  { name: 'C1: what triggers nothing is not due by itself', times: { startedAt: at, endedAt: at, failures: 0 }, periodic: false, due: undefined },
  { name: 'C2: a wish ends the back-off', times: { wantedAt: at + 7, startedAt: at, endedAt: at, failures: 9 }, due: at + 7 },
  { name: 'C7: a check that began after the wish has answered it', times: { wantedAt: at, startedAt: at, endedAt: at + 5, failures: 0 }, due: at + 5 + minute },
]

test.each(cases)('$name', ({ times, interval, periodic = true, due }) => {
  expect(dueAt(times, { interval, periodic }, 0.5)).toBe(due)
})

test('a wish for what was never checked is a wish', () => {
  expect(isWanted({ wantedAt: at, failures: 0 })).toBe(true)
  expect(isWanted({ failures: 0 })).toBe(false)
})

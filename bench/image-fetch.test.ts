import { expect, it } from 'vitest'
import { partsOf, runsOf } from './image-fetch.ts'
import type { StepMarks } from './timed-runtime.ts'

it('fetches large images fewer times, but once at least', () => {
  expect([10, 100, 500].map((megabytes) => runsOf(megabytes, 20))).toEqual([10, 5, 3])
  expect([10, 100, 500].map((megabytes) => runsOf(megabytes, 1))).toEqual([1, 1, 1])
})

it('says where the time of each container went', () => {
  const marks = (stepName: string, asked: number, more: Partial<StepMarks>): StepMarks => ({ handle: stepName, buildId: 1, stepName, asked, ...more })
  const [check, get] = [marks('image', 2, { result: 10 }), marks('image', 11, { result: 30 })]
  const own = marks('hello', 31, { ready: 45, firstOutput: 50 })
  const rest = { 'to asked for': 1, 'to reported in': 14, 'to first output': 5 }
  expect(partsOf(1, [check, get, own], own)).toEqual({ check: 9, get: 20, ...rest })
  expect(partsOf(1, [check, own], own)).toEqual({ check: 9, ...rest, 'to asked for': 21 })
  expect(partsOf(1, [own], own)).toEqual({ ...rest, 'to asked for': 30 })
})

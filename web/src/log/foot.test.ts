import { expect, test } from 'vitest'
import { foot } from './foot.ts'
import type { State } from './protocol.ts'

const state = (more: Partial<State> = {}): State => ({ step: '1', lines: 2, first: 0, characters: 10, rows: 2, ended: false, full: false, removed: false, part: false, ...more })

test.each<[string, State | undefined, { running: boolean; live: boolean }]>([
  ['live', state(), { running: true, live: true }],
  ['not live', state(), { running: true, live: false }],
  ['loading', undefined, { running: true, live: true }],
  ['loading', state(), { running: false, live: false }],
  ['complete', state({ ended: true }), { running: true, live: false }],
  ['the first 1,200 lines are in the download alone', state({ ended: true, first: 1_200 }), { running: false, live: true }],
  ['the rest is no longer kept', state({ ended: true, removed: true }), { running: false, live: true }],
  ['too large to be held here: the download has all of it', state({ full: true }), { running: true, live: true }],
])('the foot of a log says: %s', (said, of, way) => {
  expect(foot(of, way).said).toBe(said)
})

test.each([[0, 0, '0 lines · 0 B'], [1, 999, '1 line · 999 B'], [5_001, 1_540, '5,001 lines · 1.5 kB'], [2, 2_500_000, '2 lines · 2.5 MB']])('%d lines of %d characters are told as such', (lines, characters, size) => {
  expect(foot(state({ lines, characters }), { running: false, live: true }).size).toBe(size)
})

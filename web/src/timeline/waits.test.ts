import { expect, test } from 'vitest'
import type { Step } from '../../../src/client/web-shapes.ts'
import { shortWait, waitTexts } from './waits.ts'

const waited = (waits: readonly (readonly [message: string, from: number, to?: number])[], more: Partial<Step> = {}) =>
  waitTexts({ id: '1', kind: 'task', role: 'step', state: 'succeeded', t: { end: 20_000 }, outputs: [], waits: waits.map(([message, from, to]) => ({ kind: 'quota', message, from, ...(to !== undefined && { to }) })), ...more }, 30_000)

test('waits are told with how long they took, the longest first, those for one thing added up', () => {
  expect(waited([['image', 0, 1_000], ['no CPU', 1_000, 3_000], ['image', 3_000, 7_000]])).toEqual(['waited 5 s: image', 'waited 2 s: no CPU'])
  expect(waited([])).toEqual([])
})

test('a wait that goes on is told as one, and one whose end was not recorded ends with the step', () => {
  expect(waited([['no CPU', 10_000]], { state: 'waiting', t: {} })).toEqual(['has waited 20 s: no CPU'])
  expect(waited([['no CPU', 10_000]])).toEqual(['waited 10 s: no CPU'])
})

test('of many waits the longest are told, and how many are left out', () => {
  expect(waited(['a', 'b', 'c', 'd'].map((message, index) => [message, 0, (index + 1) * 1_000]), { moreWaits: 2 })).toEqual(['waited 4 s: d', 'waited 3 s: c', 'waited 2 s: b', 'and waited 3 more times'])
})

test('a digest in a reason is told in short, with the tag that it was found for', () => {
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
  const image = { repository: 'registry.example:5000/tools', tag: '1', digest }
  expect(shortWait(`pulling image registry.example:5000/tools@${digest} on node-1`, image)).toBe('pulling image registry.example:5000/tools:1@sha256:01234567… on node-1')
  expect(shortWait(`pulling image registry.example:5000/tools:1@${digest}`, image)).toBe('pulling image registry.example:5000/tools:1@sha256:01234567…')
  expect(shortWait(`pulling image other/tools@${digest}, ${digest}`, image)).toBe('pulling image other/tools@sha256:01234567…, sha256:01234567…')
  expect(shortWait('pulling image tools:1', undefined)).toBe('pulling image tools:1')
})

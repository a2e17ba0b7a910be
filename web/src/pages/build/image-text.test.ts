import { expect, test } from 'vitest'
import type { Step } from '../../api/types.ts'
import { askedText, hiddenText, readyText } from './image-text.ts'

const image = (pull: NonNullable<Step['image']>['pull']): NonNullable<Step['image']> => ({ reference: 'r', repository: 'r', by: 'check', requests: 1, native: true, layerBytes: 0, ...(pull && { pull }) })
const step = (name: string, t: Step['t'], more: Partial<Step> = {}): Step => ({ id: name, kind: 'task', role: 'step', state: 'succeeded', name, t, waits: [], outputs: [], image: image({ cached: false, ms: 9_800, node: 'node-3' }), ...more })
const steps = ['lint', 'vet', 'fmt'].map((name, index) => step(name, { start: 0, end: 20_000 - index }))
const told = (unit: Step, others: readonly Step[]) => [hiddenText, askedText].map((text) => text(unit, { steps: [...others, unit], now: 0 })).concat(readyText(unit))

test.each<[string, Step, readonly Step[], readonly (string | undefined)[]]>([
  ['wholly ahead', step('unit', { prepare: 1_000, pulled: 11_000, ready: 12_000, turn: 20_000 }), steps.slice(0, 1), ['hidden behind task lint', '19 s before its turn, while task lint ran', 'after 11 s, 8 s before its turn']],
  ['behind three', step('unit', { prepare: 1_000, pulled: 11_000, ready: 12_000, turn: 20_000 }), steps, ['hidden behind task lint, task vet and 1 more', '19 s before its turn, while task lint, task vet and 1 more ran', 'after 11 s, 8 s before its turn']],
  ['in part', step('unit', { prepare: 15_000, pulled: 23_000, ready: 24_500, turn: 20_000 }), steps.slice(0, 2), ['hidden behind task lint and task vet, but for 3 s', '5 s before its turn, while task lint and task vet ran', 'after 9.5 s: the step waited 4.5 s for it']],
  ['not at all', step('unit', { prepare: 20_000, pulled: 23_000, ready: 24_500, turn: 20_000 }), steps, ['when its turn had come', 'when its turn had come', 'after 4.5 s: the step waited 4.5 s for it']],
  ['with nothing beside it', step('unit', { prepare: 10_000, pulled: 11_000, ready: 12_000, turn: 12_000 }), [], ['before its turn', '2 s before its turn', 'after 2 s, 0 s before its turn']],
  ['in no time', step('unit', { prepare: 10_000, pulled: 10_000, ready: 10_000, turn: 12_000 }), steps.slice(0, 1), ['before its turn', '2 s before its turn', 'after 0 s, 2 s before its turn']],
  ['before its turn', step('unit', { prepare: 10_000, pulled: 11_000, ready: 12_000 }), steps, ['hidden behind task lint, task vet and 1 more', undefined, 'after 2 s; its turn has not come']],
  ['on the node before', step('unit', { prepare: 1_000, pulled: 1_000, ready: 12_000, turn: 20_000 }, { image: image({ cached: true }) }), steps.slice(0, 1), [undefined, '19 s before its turn, while task lint ran', 'after 11 s, 8 s before its turn']],
  ['without times', step('unit', { turn: 1 }), steps, [undefined, undefined, undefined]],
])('a pull %s is told so', (_how, unit, others, texts) => {
  expect(told(unit, others)).toEqual(texts)
})

import type { Step } from '../../../src/client/web-shapes.ts'
import { duration } from './scale.ts'

const most = 3
const longest = 300

/** What a step waited for, the longest first: `waited 12 s: no node had 2 CPUs free`. Waits for one thing are added up. */
export function waitTexts({ waits, t: { end }, moreWaits = 0 }: Step, now: number): readonly string[] {
  const sums = new Map<string, { readonly ms: number; readonly open: boolean }>()
  for (const { message, from, to } of waits) {
    const before = sums.get(message) ?? { ms: 0, open: false }
    sums.set(message, { ms: before.ms + Math.max(0, (to ?? end ?? now) - from), open: before.open || (to === undefined && end === undefined) })
  }
  const all = [...sums].toSorted(([, a], [, b]) => b.ms - a.ms)
  const more = all.slice(most).length + moreWaits
  return [
    ...all.slice(0, most).map(([message, { ms, open }]) => `${open ? 'has waited' : 'waited'} ${duration(ms)}: ${message.slice(0, longest)}`),
    ...(more > 0 ? [`and waited ${more} more ${more === 1 ? 'time' : 'times'}`] : []),
  ]
}

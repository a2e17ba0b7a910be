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

/** A reason with digests in short, and the tag of the step's image where the reason leaves it out. */
export function shortWait(text: string, image: Pick<NonNullable<Step['image']>, 'repository' | 'tag' | 'digest'> | undefined): string {
  const known = image?.digest === undefined || image.tag === undefined ? undefined : { from: `${image.repository}@${image.digest}`, to: `${image.repository}:${image.tag}@${image.digest}` }
  return (known === undefined ? text : text.replaceAll(known.from, known.to)).replaceAll(/sha256:([0-9a-f]{8})[0-9a-f]{56}/g, 'sha256:$1…')
}

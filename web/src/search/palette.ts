import { textMatches } from './match.ts'

/** What the palette lists. */
export type Entry = Place | Deed

/** Something that it leads to. */
export interface Place {
  readonly kind: 'place'
  readonly title: string
  /** Where it is: `pipeline of team main`. */
  readonly where: string
  readonly url: string
  readonly state?: string
}

/** Something that the page can do. */
export interface Deed {
  readonly kind: 'deed'
  readonly title: string
  /** Why it cannot be done. */
  readonly refusal: string | undefined
  /** The key that does it. */
  readonly typed: string | undefined
  readonly run: () => void
}

const most = 12
/** With what the server has found. */
const mostOfAll = 30
/** Of those that the page can do, while nothing is typed. */
const mostUnasked = 6

/** Which of two entries are the same. */
export const idOf = (entry: Entry): string => (entry.kind === 'place' ? entry.url : `do ${entry.title}`)

export interface Group {
  readonly kind: Entry['kind']
  readonly entries: readonly Entry[]
}

/**
 * Entries that a text means, each once: what it leads to apart from what the page can do, so that neither stands among the other. Of the two the
 * one is first that has the text at the better place (as it stands, then as a part, then its letters alone), and a name before a deed that has
 * it as well: pause-demo before Pause. While nothing is typed the deeds are first.
 * @param found by the server; undefined: not known (yet)
 */
export function groupsOf(text: string, entries: readonly Entry[], found: readonly Place[] | undefined): Group[] {
  const wanted = text.trim().toLowerCase()
  const own = rankedEntries(wanted, entries)
  const close = own.filter(({ rank }) => rank < 3)
  // The server knows whether there is a build of this id.
  const kept = found === undefined ? close : close.filter(({ rank }) => rank >= 0)
  const answered = (found ?? []).map((entry) => ({ entry, rank: rankOf(wanted, entry.title.toLowerCase()) }))
  const all = [...kept, ...answered, ...own.filter(({ rank }) => rank === 3)]
  const exactFirst = [...all.filter(({ rank }) => rank === 0), ...all.filter(({ rank }) => rank !== 0)]
  const seen = new Set<string>()
  const shown = exactFirst.filter(({ entry }) => !seen.has(idOf(entry)) && seen.add(idOf(entry))).slice(0, mostOfAll)
  const [places, deeds] = [shown.filter(({ entry }) => entry.kind === 'place'), shown.filter(({ entry }) => entry.kind === 'deed')]
  const order = wanted !== '' && bestOf(places) <= bestOf(deeds) ? ([['place', places], ['deed', deeds]] as const) : ([['deed', deeds], ['place', places]] as const)
  return order.filter(([, group]) => group.length > 0).map(([kind, group]) => ({ kind, entries: group.map(({ entry }) => entry) }))
}

/** A whole name is as good as its beginning: `pause` is the one of a deed, and the other of a pipeline that somebody looks for. */
const bestOf = (ranked: readonly { readonly rank: number }[]): number => Math.max(1, Math.min(...ranked.map(({ rank }) => rank)))

function rankedEntries(wanted: string, entries: readonly Entry[]): { readonly entry: Entry; readonly rank: number }[] {
  const build = /^#?(\d{1,15})$/.exec(wanted)
  const direct = build === null ? [] : [{ entry: { kind: 'place' as const, title: `build ${build[1]}`, where: 'by its id', url: `/builds/${build[1]}` }, rank: -1 }]
  if (wanted === '') {
    const deeds = entries.filter(({ kind }) => kind === 'deed').slice(0, mostUnasked)
    return [...deeds, ...entries.filter(({ kind }) => kind === 'place')].slice(0, most).map((entry) => ({ entry, rank: 0 }))
  }
  const ranked = entries.map((entry) => ({ entry, rank: rankOf(wanted, entry.title.toLowerCase()) })).filter(({ rank }) => rank < 4)
  return [...direct, ...ranked.toSorted((a, b) => a.rank - b.rank || a.entry.title.length - b.entry.title.length)].slice(0, most)
}

function rankOf(wanted: string, title: string): number {
  if (title === wanted) return 0
  if (title.startsWith(wanted)) return 1
  if (title.includes(wanted)) return 2
  return textMatches({ kind: 'fuzzy', value: wanted }, title) ? 3 : 4
}

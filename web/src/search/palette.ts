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

/**
 * Entries that a text means: first those of the page that have the text as it stands (whole words before beginnings), then what the server has
 * found, then those of the page that have its letters in this order. Each is there once.
 * @param found undefined: not known (yet)
 */
export function allEntries(text: string, entries: readonly Entry[], found: readonly Entry[] | undefined): Entry[] {
  const own = rankedEntries(text, entries)
  const close = own.filter(({ rank }) => rank < 3)
  // The server knows whether there is a build of this id.
  const kept = found === undefined ? close : close.filter(({ rank }) => rank >= 0)
  const all = [...kept.map(({ entry }) => entry), ...(found ?? []), ...own.filter(({ rank }) => rank === 3).map(({ entry }) => entry)]
  const seen = new Set<string>()
  return all.filter((entry) => !seen.has(idOf(entry)) && seen.add(idOf(entry))).slice(0, mostOfAll)
}

function rankedEntries(text: string, entries: readonly Entry[]): { readonly entry: Entry; readonly rank: number }[] {
  const wanted = text.trim().toLowerCase()
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

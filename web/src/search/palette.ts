import { textMatches } from './match.ts'

/** Something that the palette leads to. */
export interface Entry {
  readonly title: string
  /** Where it is: `pipeline of team main`. */
  readonly where: string
  readonly url: string
  readonly state?: string
}

const most = 12
/** With what the server has found. */
const mostOfAll = 30

/**
 * Entries that a text means: first those of the page that have the text as it stands (whole words before beginnings), then what the server has
 * found, then those of the page that have its letters in this order. Each URL is there once.
 * @param found undefined: not known (yet)
 */
export function allEntries(text: string, entries: readonly Entry[], found: readonly Entry[] | undefined): Entry[] {
  const own = rankedEntries(text, entries)
  const close = own.filter(({ rank }) => rank < 3)
  // The server knows whether there is a build of this id.
  const kept = found === undefined ? close : close.filter(({ rank }) => rank >= 0)
  const all = [...kept.map(({ entry }) => entry), ...(found ?? []), ...own.filter(({ rank }) => rank === 3).map(({ entry }) => entry)]
  const seen = new Set<string>()
  return all.filter(({ url }) => !seen.has(url) && seen.add(url)).slice(0, mostOfAll)
}

function rankedEntries(text: string, entries: readonly Entry[]): { readonly entry: Entry; readonly rank: number }[] {
  const wanted = text.trim().toLowerCase()
  const build = /^#?(\d{1,15})$/.exec(wanted)
  const direct = build === null ? [] : [{ entry: { title: `build ${build[1]}`, where: 'by its id', url: `/builds/${build[1]}` }, rank: -1 }]
  if (wanted === '') return entries.slice(0, most).map((entry) => ({ entry, rank: 0 }))
  const ranked = entries.map((entry) => ({ entry, rank: rankOf(wanted, entry.title.toLowerCase()) })).filter(({ rank }) => rank < 4)
  return [...direct, ...ranked.toSorted((a, b) => a.rank - b.rank || a.entry.title.length - b.entry.title.length)].slice(0, most)
}

function rankOf(wanted: string, title: string): number {
  if (title === wanted) return 0
  if (title.startsWith(wanted)) return 1
  if (title.includes(wanted)) return 2
  return textMatches({ kind: 'fuzzy', value: wanted }, title) ? 3 : 4
}

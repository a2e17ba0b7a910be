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

/** Entries that a text means, the best first: whole words before beginnings before letters in this order. */
export function findEntries(text: string, entries: readonly Entry[]): Entry[] {
  const wanted = text.trim().toLowerCase()
  const build = /^#?(\d{1,15})$/.exec(wanted)
  const direct: Entry[] = build === null ? [] : [{ title: `build ${build[1]}`, where: 'by its id', url: `/builds/${build[1]}` }]
  if (wanted === '') return entries.slice(0, most)
  const ranked = entries.map((entry) => ({ entry, rank: rankOf(wanted, entry.title.toLowerCase()) })).filter(({ rank }) => rank < 4)
  return [...direct, ...ranked.toSorted((a, b) => a.rank - b.rank || a.entry.title.length - b.entry.title.length).map(({ entry }) => entry)].slice(0, most)
}

function rankOf(wanted: string, title: string): number {
  if (title === wanted) return 0
  if (title.startsWith(wanted)) return 1
  if (title.includes(wanted)) return 2
  return textMatches({ kind: 'fuzzy', value: wanted }, title) ? 3 : 4
}

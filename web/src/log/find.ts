import type { Lines } from './lines.ts'

export interface Query {
  readonly text: string
  readonly regex: boolean
}

/** Where it was found: a line and a stretch of its text. */
export interface Hit {
  readonly line: number
  readonly start: number
  readonly end: number
}

export const maxHits = 100_000
const longestQuery = 1_000
const hitsPerLine = 1_000

export type Pattern = { readonly kind: 'pattern'; readonly pattern: RegExp } | { readonly kind: 'wrong'; readonly message: string }

/** Text with a capital letter in it is looked for as it is, other text in either case, as less -i does. */
export function patternOf({ text, regex }: Query): Pattern {
  if (text.length > longestQuery) return { kind: 'wrong', message: `the text to find is longer than ${longestQuery} characters` }
  const flags = /\p{Lu}/u.test(regex ? text.replace(/\\./g, '') : text) ? 'g' : 'gi'
  const source = regex ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  try {
    return { kind: 'pattern', pattern: new RegExp(source, flags) }
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) }
  }
}

/** All places in lines from `from` up to `end`, at most `limit`. A regex may take for ever in one line: whoever asks has a time limit. */
export function find(lines: Lines, pattern: RegExp, { from = 0, end = lines.length, limit = maxHits }: { from?: number; end?: number; limit?: number } = {}): Hit[] {
  const hits: Hit[] = []
  for (const [line, { text }] of lines.from(from, end)) {
    for (const { start, end: stop } of inText(text, pattern)) {
      hits.push({ line, start, end: stop })
      if (hits.length >= limit) return hits
    }
  }
  return hits
}

/** Matches of nothing are none. */
export function inText(text: string, pattern: RegExp): { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null && found.length < hitsPerLine; match = pattern.exec(text)) {
    if (match[0] === '') pattern.lastIndex += 1
    else found.push({ start: match.index, end: match.index + match[0].length })
  }
  return found
}

/** Index of the first hit in a line or behind it; 0 when none follows. */
export function hitFrom(hits: readonly Hit[], line: number): number {
  let [low, high] = [0, hits.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((hits[middle]?.line ?? 0) < line) low = middle + 1
    else high = middle
  }
  return low === hits.length ? 0 : low
}

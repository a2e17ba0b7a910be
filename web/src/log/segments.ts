import type { Runs } from './line.ts'
import { linkOf, type Style } from './sgr.ts'

/** A stretch of a line that is shown alike. */
export interface Segment {
  readonly text: string
  /** Without the link. */
  readonly style: Style
  readonly url?: string
  /** It was looked for; `current`: the place that the reader is at. */
  readonly mark?: 'hit' | 'current'
}

export interface Mark {
  readonly start: number
  readonly end: number
  readonly current: boolean
}

export interface Dress {
  readonly runs: Runs
  readonly links: readonly string[]
  /** In order, not overlapping. */
  readonly marks: readonly Mark[]
}

/** A line is no more nodes than that; what follows has the last style. */
const maxSegments = 2_000

/** The stretches of `text` from index `from` up to `to`. */
export function segmentsOf(text: string, { runs, links, marks }: Dress, [from, to]: readonly [number, number] = [0, text.length]): Segment[] {
  const segments: Segment[] = []
  let [run, mark, style, at] = [0, 0, 0, from]
  while (at < to) {
    while ((runs[run] ?? Infinity) <= at) {
      style = runs[run + 1] ?? 0
      run += 2
    }
    while ((marks[mark]?.end ?? Infinity) <= at) mark += 1
    const found = marks[mark]
    const inside = found !== undefined && found.start <= at
    const next = Math.min(to, runs[run] ?? to, found === undefined ? to : inside ? found.end : found.start)
    const end = segments.length + 1 >= maxSegments ? to : next
    const url = links[linkOf(style)]
    segments.push({ text: text.slice(at, end), style: style & 0xffff, ...(url && { url }), ...(inside && { mark: found.current ? 'current' : 'hit' }) })
    at = end
  }
  return segments
}

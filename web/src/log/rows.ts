import { blockLines, type Lines } from './lines.ts'
import { rowsOfText } from './width.ts'

export interface Layout {
  /** Columns of a row; 0: lines are not wrapped. */
  readonly width: number
  /** Lines that are not shown, as hiddenBy gives them. */
  readonly hidden: readonly (readonly [number, number])[]
}

/** More lines than anybody scrolls by; behind it measures are not kept. */
const maxMeasured = 10_000

/**
 * Which rows the lines of a step take, from how many columns they have: row 0 is the first of the first line. Sums of blocks are kept
 * while nothing in them can change, so that a place is found in a log of any length by looking at one block.
 */
export class Rows {
  readonly #lines: Lines
  #layout: Layout
  /** Rows of complete blocks, by the number of their first line over blockLines. */
  #sums = new Map<number, number>()
  /** Rows as a browser showed them, where its font differs from a terminal's columns, and of how many columns the line was then. */
  readonly #measured = new Map<number, { readonly rows: number; readonly columns: number }>()

  constructor(lines: Lines, layout: Layout) {
    this.#lines = lines
    this.#layout = layout
  }

  layout(layout: Layout): void {
    if (layout.width !== this.#layout.width) this.#measured.clear()
    this.#layout = layout
    this.#sums = new Map()
  }

  /** Tells whether that changes anything. */
  measured(line: number, rows: number): boolean {
    const shown = this.#lines.at(line)
    if (shown === undefined || this.ofLine(line) === rows || this.#measured.size >= maxMeasured) return false
    this.#measured.set(line, { rows, columns: shown.columns })
    this.#sums.delete(Math.floor(line / blockLines))
    return true
  }

  ofLine(index: number): number {
    if (this.#isHidden(index)) return 0
    const { width } = this.#layout
    if (width === 0) return 1
    const line = this.#lines.at(index)
    if (line === undefined) return 1
    const measured = this.#measured.get(index)
    // A line that is still written to is another one then.
    if (measured?.columns === line.columns) return measured.rows
    if (line.columns <= width) return 1
    const { text } = line
    return text.length === line.columns ? Math.ceil(line.columns / width) : rowsOfText(text, width)
  }

  get total(): number {
    let total = 0
    for (let block = this.#firstBlock; block * blockLines < this.#lines.length; block += 1) total += this.#ofBlock(block)
    return total
  }

  /** The first row of a line; of a hidden one, the row behind what hides it. */
  rowOf(line: number): number {
    let row = 0
    const own = Math.floor(line / blockLines)
    for (let block = this.#firstBlock; block < own; block += 1) row += this.#ofBlock(block)
    for (let at = this.#startOf(own); at < line; at += 1) row += this.ofLine(at)
    return row
  }

  /** The line that a row belongs to, and which of its rows that is. Behind the end: the last line's last. */
  lineAt(row: number): { readonly line: number; readonly offset: number } | undefined {
    let left = Math.max(0, row)
    let last: { line: number; offset: number } | undefined
    for (let block = this.#firstBlock; block * blockLines < this.#lines.length; block += 1) {
      const sum = this.#ofBlock(block)
      const isLast = (block + 1) * blockLines >= this.#lines.length
      if (left >= sum && !isLast) {
        left -= sum
        continue
      }
      const end = Math.min((block + 1) * blockLines, this.#lines.length)
      for (let line = this.#startOf(block); line < end; line += 1) {
        const own = this.ofLine(line)
        if (left < own) return { line, offset: left }
        if (own > 0) last = { line, offset: own - 1 }
        left -= own
      }
    }
    return last ?? this.#lastShown()
  }

  #lastShown(): { line: number; offset: number } | undefined {
    for (let line = this.#lines.length - 1; line >= this.#lines.first; line -= 1) {
      const own = this.ofLine(line)
      if (own > 0) return { line, offset: own - 1 }
    }
    return undefined
  }

  /** The block of the first line that is held; of a part of a log, lines at the block's beginning may be missing. */
  get #firstBlock(): number {
    return Math.floor(this.#lines.first / blockLines)
  }

  #startOf(block: number): number {
    return Math.max(block * blockLines, this.#lines.first)
  }

  #ofBlock(block: number): number {
    const known = this.#sums.get(block)
    if (known !== undefined) return known
    const end = Math.min((block + 1) * blockLines, this.#lines.length)
    let sum = 0
    for (let line = this.#startOf(block); line < end; line += 1) sum += this.ofLine(line)
    if (end <= this.#lines.firstLive) this.#sums.set(block, sum)
    return sum
  }

  #isHidden(line: number): boolean {
    const { hidden } = this.#layout
    let [low, high] = [0, hidden.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((hidden[middle]?.[1] ?? 0) <= line) low = middle + 1
      else high = middle
    }
    const found = hidden[low]
    return found !== undefined && line >= found[0]
  }
}

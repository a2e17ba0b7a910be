import type { Style } from './sgr.ts'
import { isPlain, widthOf } from './width.ts'

/** Longer lines are cut, ten times what anybody reads. */
export const maxColumns = 1_048_576
/** Behind this column nothing is overwritten: a change costs no more than this, however long the line is. */
export const maxEditable = 4_096
/** Pairs of a line; behind them it keeps its last style. */
const maxRuns = 4_096
/** Characters without a width, each column: more than any script has. */
const maxMarks = 8

/** Where a style begins in a line's text: index, style, index, style, … */
export type Runs = readonly number[]

/** A stretch of text that only grows. */
class Tail {
  text = ''
  columns = 0
  runs: number[] = []
  #marks = 0

  append(run: string, style: Style, limit: number): boolean {
    if (isPlain(run) && this.columns + run.length <= limit) {
      if (run === '') return true
      this.#style(style)
      this.text += run
      this.columns += run.length
      return true
    }
    let whole = true
    let added = ''
    const start = this.columns
    let columns = start
    for (const character of run) {
      const width = widthOf(character)
      if (width === 0 ? this.#marks >= (columns + 1) * maxMarks : columns + width > limit) {
        whole = false
        continue
      }
      if (width === 0) this.#marks += character.length
      added += character
      columns += width
    }
    if (added !== '') this.#style(style)
    this.text += added
    this.columns = columns
    return whole
  }

  #style(style: Style): void {
    const last = this.runs.at(-1) ?? 0
    if (style !== last && this.runs.length < maxRuns * 2) this.runs.push(this.text.length, style)
  }
}

/** A cell is a character with its marks; the second of a wide one is ''. */
interface Cells {
  readonly texts: string[]
  readonly styles: Style[]
}

/** A line of a log, as a terminal would show it. It is plain text until something in it is overwritten; then its beginning has cells. */
export class Line {
  /** Unix ms when its first character came. */
  readonly time: number
  /** Characters were left out at its end. */
  cut = false
  #cells: Cells | undefined
  #tail = new Tail()

  constructor(time: number) {
    this.time = time
  }

  get columns(): number {
    return (this.#cells?.texts.length ?? 0) + this.#tail.columns
  }

  get text(): string {
    return this.#cells === undefined ? this.#tail.text : this.#cells.texts.join('') + this.#tail.text
  }

  get runs(): Runs {
    if (this.#cells === undefined) return this.#tail.runs
    const { texts, styles } = this.#cells
    const runs: number[] = []
    let end = 0
    const begin = (index: number, style: Style): void => {
      if (style !== (runs.at(-1) ?? 0) && runs.length < maxRuns * 2) runs.push(index, style)
    }
    texts.forEach((text, index) => {
      if (text !== '') begin(end, styles[index] ?? 0)
      end += text.length
    })
    const { text, runs: more } = this.#tail
    if (text !== '' && more[0] !== 0) begin(end, 0)
    for (let at = 0; at < more.length; at += 2) begin(end + (more[at] ?? 0), more[at + 1] ?? 0)
    return runs
  }

  /** Puts text at a column, over what stands there. Returns the column behind it. */
  write(column: number, run: string, style: Style): number {
    if (this.#cells === undefined && column === this.#tail.columns) {
      if (!this.#tail.append(run, style, maxColumns)) this.cut = true
      return this.#tail.columns
    }
    const cells = this.#edit()
    let at = column
    for (const character of run) at = this.#put(cells, { at, character, style })
    return at
  }

  /** Takes away what stands at a column and behind it. */
  eraseRight(column: number): void {
    if (column >= this.columns) return
    if (column === 0) {
      this.#cells = undefined
      this.#tail = new Tail()
      this.cut = false
      return
    }
    const { texts, styles } = this.#edit()
    if (column > texts.length) return
    this.#tail = new Tail()
    this.cut = false
    if (texts[column] === '') texts[column - 1] = ' '
    texts.length = column
    styles.length = column
  }

  /** Blanks what stands in columns from `from` up to, not including, `to`. */
  blank(from: number, to: number): void {
    const cells = this.#edit()
    const end = Math.min(to, cells.texts.length)
    for (let at = from; at < end; at += 1) this.#put(cells, { at, character: ' ', style: 0 })
  }

  /** Nothing will be overwritten any more. */
  freeze(): void {
    if (this.#cells === undefined) return
    const [text, runs, columns] = [this.text, this.runs, this.columns]
    this.#tail = Object.assign(new Tail(), { text, columns, runs: [...runs] })
    this.#cells = undefined
  }

  #put({ texts, styles }: Cells, { at, character, style }: { at: number; character: string; style: Style }): number {
    const width = widthOf(character)
    if (width === 0) {
      if (at > texts.length || at === 0) return at
      const lead = texts[at - 1] === '' ? at - 2 : at - 1
      const found = texts[lead]
      if (found !== undefined && found.length < maxMarks * 2) texts[lead] = found + character
      return at
    }
    if (at + width <= maxEditable && (this.#tail.columns === 0 || at + width <= texts.length)) {
      for (let pad = texts.length; pad < at; pad += 1) {
        texts.push(' ')
        styles.push(0)
      }
      if (texts[at] === '') texts[at - 1] = ' '
      if (texts[at + width] === '') texts[at + width] = ' '
      for (let cell = 0; cell < width; cell += 1) {
        texts[at + cell] = cell === 0 ? character : ''
        styles[at + cell] = style
      }
    } else if (at === this.columns) {
      if (!this.#tail.append(character, style, maxColumns - texts.length)) this.cut = true
    } else {
      this.cut ||= at >= maxColumns
    }
    return Math.min(at + width, maxColumns)
  }

  #edit(): Cells {
    if (this.#cells !== undefined) return this.#cells
    const { text, runs } = this.#tail
    const cells: Cells = { texts: [], styles: [] }
    let [index, run, style] = [0, 0, 0]
    for (const character of isPlain(text) ? text.slice(0, maxEditable) : text) {
      while ((runs[run] ?? Infinity) <= index) {
        style = runs[run + 1] ?? 0
        run += 2
      }
      const width = widthOf(character)
      if (cells.texts.length + width > maxEditable) break
      if (width === 0) {
        const lead = cells.texts.findLastIndex((cell) => cell !== '')
        if (lead >= 0) cells.texts[lead] += character
      } else {
        cells.texts.push(character)
        cells.styles.push(style)
        if (width === 2) { cells.texts.push(''); cells.styles.push(style) }
      }
      index += character.length
    }
    const rest = new Tail()
    rest.text = text.slice(index)
    rest.columns = this.#tail.columns - cells.texts.length
    rest.runs = shifted(runs, index)
    this.#cells = cells
    this.#tail = rest
    return cells
  }
}

/** The runs of what follows `index`. */
function shifted(runs: Runs, index: number): number[] {
  const rest: number[] = []
  for (let at = 0; at < runs.length; at += 2) {
    const [start = 0, style = 0] = [runs[at], runs[at + 1]]
    if (start <= index) rest.splice(0, 2, 0, style)
    else rest.push(start - index, style)
  }
  return rest
}

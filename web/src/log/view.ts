import { isError, nextError } from './errors.ts'
import { find, hitFrom, maxHits, patternOf, type Hit, type Query } from './find.ts'
import { hiddenBy } from './folds.ts'
import type { Answers, Found, Place, ShownLine, State } from './protocol.ts'
import { Rows } from './rows.ts'
import { segmentsOf, type Mark } from './segments.ts'
import type { StepLog } from './step-log.ts'
import { indexOfColumn, isPlain } from './width.ts'

/** A page that asks for more is wrong. */
const mostRows = 400
/** Longer lines are sent in part: the rows that are seen, or that many characters where lines are not wrapped. */
const longLine = 20_000
const mostCopied = 100_000

/** The log of one step as it is looked at. Lines are numbered from 1 here, as the page has them. */
export class View {
  readonly step: string
  readonly log: StepLog
  readonly #rows: Rows
  #width: number
  /** First lines of folds that are closed, from 0. */
  readonly #closed = new Set<number>()
  #foldsSeen = 0
  #found: { readonly pattern: RegExp; hits: Hit[]; upTo: number; index: number } | undefined

  constructor(step: string, log: StepLog, width: number) {
    this.step = step
    this.log = log
    this.#width = width
    this.#rows = new Rows(log.lines, { width, hidden: [] })
    this.#refold()
  }

  /** The same look at another log of the step, which has more of it: what is closed and what was looked for stay so. */
  over(log: StepLog): View {
    const view = new View(this.step, log, this.#width)
    for (const start of this.#closed) view.#closed.add(start)
    if (this.#found !== undefined) view.#look(this.#found.pattern, this.#found.hits[this.#found.index]?.line ?? 0)
    view.#refold()
    return view
  }

  state(of: Pick<State, 'ended' | 'full' | 'removed' | 'part'>): State {
    this.#takeNewFolds()
    const { lines, characters } = this.log
    return { step: this.step, lines: lines.length, first: lines.first, characters, rows: this.#rows.total, ...of }
  }

  resize(width: number): void {
    this.#width = width
    this.#refold()
  }

  shown(top: number, count: number): Omit<Answers['rows'], 'part'> {
    this.#takeNewFolds()
    const lines: ShownLine[] = []
    const end = top + Math.min(count, mostRows)
    const start = this.#rows.lineAt(top)
    if (start === undefined) return { total: 0, lines }
    let row = this.#rows.rowOf(start.line)
    for (let line = start.line; line < this.log.lines.length && row < end; line += 1) {
      const rows = this.#rows.ofLine(line)
      const shown = rows === 0 ? undefined : this.#shownLine(line, { row, rows, from: Math.max(0, top - row), to: Math.min(rows, end - row) })
      if (shown !== undefined) lines.push(shown)
      row += rows
    }
    return { total: this.#rows.total, lines }
  }

  find(query: Query, from: number): Found {
    this.#found = undefined
    if (query.text === '') return { kind: 'found', count: 0, more: false, index: -1 }
    const made = patternOf(query)
    if (made.kind === 'wrong') return made
    this.#look(made.pattern, from - 1)
    return this.#foundAt()
  }

  #look(pattern: RegExp, from: number): void {
    this.#found = { pattern, hits: [], upTo: 0, index: 0 }
    this.#findNew()
    this.#found.index = hitFrom(this.#found.hits, from)
  }

  hit(by: 1 | -1): Found {
    if (this.#found === undefined) return { kind: 'found', count: 0, more: false, index: -1 }
    this.#findNew()
    const { hits, index } = this.#found
    this.#found.index = hits.length === 0 ? 0 : (index + by + hits.length) % hits.length
    return this.#foundAt()
  }

  error(from: number, by: 1 | -1): Place | undefined {
    const found = nextError(this.log.lines, from - 1, by)
    return found === undefined ? undefined : this.place(found + 1)
  }

  firstError(log: StepLog | undefined): Answers['first-error'] {
    const line = log === undefined ? undefined : nextError(log.lines, 0, 1)
    return line === undefined ? undefined : { line: line + 1, text: (log?.lines.at(line)?.text ?? '').slice(0, 1_000) }
  }

  place(line: number): Place | undefined {
    const { lines, folds } = this.log
    if (lines.length === lines.first) return undefined
    const index = Math.min(Math.max(line - 1, lines.first), lines.length - 1)
    let opened = false
    for (const { start, end = lines.length } of folds.all) if (index > start && index < end) opened = this.#closed.delete(start) || opened
    if (opened) this.#refold()
    return { line: index + 1, row: this.#rows.rowOf(index) }
  }

  fold(line: number, closed: boolean): void {
    if (closed) this.#closed.add(line - 1)
    else this.#closed.delete(line - 1)
    this.#refold()
  }

  measured(line: number, rows: number): void {
    if (Number.isInteger(rows) && rows > 0) this.#rows.measured(line - 1, rows)
  }

  copy(from: number, to: number): string {
    const texts: string[] = []
    for (const [, { text }] of this.log.lines.from(from - 1, Math.min(to, from - 1 + mostCopied, this.log.lines.length))) texts.push(text)
    return texts.join('\n')
  }

  #shownLine(index: number, part: { row: number; rows: number; from: number; to: number }): ShownLine | undefined {
    const line = this.log.lines.at(index)
    if (line === undefined) return undefined
    const { text, runs, columns, time, cut } = line
    const isLong = columns > longLine
    const fold = this.log.folds.startingAt(index)
    const [from, to] = isLong ? this.#part(text, part) : [this.log.folds.markOf(index), text.length]
    return {
      line: index + 1,
      row: part.row + (isLong ? part.from : 0),
      rows: isLong ? part.to - part.from : part.rows,
      segments: segmentsOf(text, { runs, links: this.log.links, marks: this.#marks(index) }, [from, to]),
      time,
      measure: this.#width > 0 && !isLong && (from > 0 || !isPlain(text)),
      error: isError(text),
      cut: cut || (isLong && this.#width === 0),
      ...(fold !== undefined && { fold: { closed: this.#closed.has(index), lines: (fold.end ?? this.log.lines.length) - index - 1, title: fold.title } }),
    }
  }

  #part(text: string, { from, to }: { from: number; to: number }): [number, number] {
    if (this.#width === 0) return [0, Math.min(longLine, text.length)]
    return [indexOfColumn(text, from * this.#width), indexOfColumn(text, to * this.#width)]
  }

  #marks(line: number): Mark[] {
    if (this.#found === undefined) return []
    const { hits, index } = this.#found
    const marks: Mark[] = []
    const first = hitFrom(hits, line)
    for (let at = first; hits[at]?.line === line; at += 1) marks.push({ start: hits[at]?.start ?? 0, end: hits[at]?.end ?? 0, current: at === index })
    return marks
  }

  /** Lines that may still change are searched again each time. */
  #findNew(): void {
    const found = this.#found
    if (found === undefined) return
    const { lines } = this.log
    if (found.upTo > 0 && found.hits.length >= maxHits) return
    found.hits = found.hits.filter(({ line }) => line < found.upTo)
    for (const hit of find(lines, found.pattern, { from: found.upTo, limit: maxHits - found.hits.length })) found.hits.push(hit)
    found.upTo = lines.firstLive
  }

  #foundAt(): Found {
    const { hits, index } = this.#found ?? { hits: [], index: 0 }
    const hit = hits[index]
    const at = hit === undefined ? undefined : this.place(hit.line + 1)
    return { kind: 'found', count: hits.length, more: hits.length >= maxHits, index: hit === undefined ? -1 : index, ...(at !== undefined && { at }) }
  }

  /** Those that the log wants closed are, when they come. */
  #takeNewFolds(): void {
    const { all } = this.log.folds
    const open = [...this.#closed].some((start) => this.log.folds.startingAt(start)?.end === undefined)
    if (this.#foldsSeen === all.length && !open) return
    this.#refold()
  }

  #refold(): void {
    const { lines, folds } = this.log
    for (const { start, collapsed } of folds.all.slice(this.#foldsSeen)) if (collapsed) this.#closed.add(start)
    this.#foldsSeen = folds.all.length
    this.#rows.layout({ width: this.#width, hidden: hiddenBy(folds.all, this.#closed, lines.length) })
  }
}

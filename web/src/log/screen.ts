import type { Sink } from './control.ts'
import { Folds } from './folds.ts'
import { Line, maxEditable } from './line.ts'
import type { Lines } from './lines.ts'
import { maxLink, sgr, withLink, type Style } from './sgr.ts'

const tabStop = 8

/** The cursor and what it does to the lines of a step. Its screen is the last lines: the cursor goes up no further. */
export class Screen implements Sink {
  readonly #lines: Lines
  readonly folds = new Folds()
  /** URLs of links, by the number that styles have; 0 is none. */
  readonly links: string[] = ['']
  readonly #numbers = new Map<string, number>()
  /** Unix ms: the time of what is written now. */
  now = 0
  #row: number
  #column = 0
  #style: Style = 0

  constructor(lines: Lines) {
    this.#lines = lines
    this.#row = lines.length
  }

  text(run: string): void {
    this.#column = this.#line().write(this.#column, run, this.#style)
  }

  newline(): void {
    const line = this.#line()
    if (this.#row === this.#lines.length - 1) this.folds.ended(this.#row, line.text)
    this.#row += 1
    this.#column = 0
  }

  /** Goes below all that is there. */
  ownLine(): void {
    const last = this.#lines.at(this.#lines.length - 1)
    this.#row = last === undefined || last.columns > 0 ? this.#lines.length : this.#lines.length - 1
    this.#column = 0
  }

  carriageReturn(): void {
    const line = this.#lines.at(this.#row)
    if (line !== undefined) this.folds.returned(this.#row, line.text)
    this.#column = 0
  }

  backspace(): void {
    this.#column = Math.max(0, this.#column - 1)
  }

  tab(): void {
    this.text(' '.repeat(tabStop - (this.#column % tabStop)))
  }

  link(url: string | undefined): void {
    this.#style = withLink(this.#style, url === undefined ? 0 : this.#numberOf(url))
  }

  csi(final: string, parameters: string): void {
    const [first, second] = parameters.split(';', 2).map(count)
    const by = first || 1
    switch (final) {
      case 'm': this.#style = sgr(this.#style, parameters); break
      case 'A': this.#up(by); break
      case 'B': this.#down(by); break
      case 'C': this.#goTo(this.#column + by); break
      case 'D': this.#goTo(this.#column - by); break
      case 'E': this.#down(by); this.#column = 0; break
      case 'F': this.#up(by); this.#column = 0; break
      case 'G': case '`': this.#goTo(by - 1); break
      case 'H': case 'f': this.#place(second || 1); break
      case 'J': this.#eraseScreen(first ?? 0); break
      case 'K': this.#eraseLine(first ?? 0); break
      case 'X': this.#edit((line) => line.blank(this.#column, this.#column + by)); break
      default: break
    }
  }

  #up(by: number): void {
    this.#row = Math.max(this.#lines.firstLive, this.#row - by)
  }

  #down(by: number): void {
    this.#row = Math.min(Math.max(this.#row, this.#lines.length), this.#row + by)
  }

  /** A column far to the right is that of a program that fills a screen; no line gets that long by blanks. */
  #goTo(column: number): void {
    this.#column = Math.max(0, Math.min(column, Math.max(maxEditable - 1, this.#column)))
  }

  /** A log has no screen with rows: what is placed on one goes on a new line, so that nothing that was shown is lost. */
  #place(column: number): void {
    if ((this.#lines.at(this.#row)?.columns ?? 0) > 0) {
      this.#row = this.#lines.length
      this.#column = 0
    }
    this.#goTo(column - 1)
  }

  /** Below the cursor only: what a program clears stays readable in a log. */
  #eraseScreen(what: number): void {
    if (what !== 0) return
    this.#eraseLine(0)
    for (let row = this.#row + 1; row < this.#lines.length; row += 1) this.#lines.at(row)?.eraseRight(0)
  }

  #eraseLine(what: number): void {
    if (what === 0) this.#edit((line) => line.eraseRight(this.#column))
    if (what === 1) this.#edit((line) => line.blank(0, this.#column + 1))
    if (what === 2) this.#edit((line) => line.eraseRight(0))
  }

  #edit(change: (line: Line) => void): void {
    const line = this.#lines.at(this.#row)
    if (line !== undefined) change(line)
  }

  /** The line that the cursor is on, begun where it is not there yet. */
  #line(): Line {
    for (;;) {
      const found = this.#lines.at(this.#row)
      if (found !== undefined) return found
      this.#lines.push(new Line(this.now))
      this.#row = Math.max(this.#row, this.#lines.firstLive)
    }
  }

  #numberOf(url: string): number {
    const known = this.#numbers.get(url)
    if (known !== undefined) return known
    if (this.links.length > maxLink) return 0
    this.#numbers.set(url, this.links.length)
    return this.links.push(url) - 1
  }
}

const count = (text: string): number => Math.min(Number(text) || 0, 10_000)

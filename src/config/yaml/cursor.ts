import { isBreak, isCarriageReturn } from './characters.ts'

const lineFeed = 0x0a

/** A position in a text, with its line and column. The text ends with NULs, so that a few characters can be looked at ahead. */
export class Cursor {
  readonly text: string
  at: number
  line = 0
  #lineStart: number

  constructor(source: string) {
    this.text = `${source}\0\0\0\0`
    // A byte order mark is no part of the first line.
    this.at = source.startsWith('\ufeff') ? 1 : 0
    this.#lineStart = this.at
  }

  get column(): number {
    return this.at - this.#lineStart
  }

  get code(): number {
    return this.text.charCodeAt(this.at)
  }

  ahead(distance: number): number {
    return this.text.charCodeAt(this.at + distance)
  }

  /** Passes a line break, and gives what it counts as in a text. */
  passBreak(): string {
    const code = this.code
    this.at += isCarriageReturn(code) && this.ahead(1) === lineFeed ? 2 : 1
    this.#lineStart = this.at
    this.line++
    return code === 0x2028 ? '\u2028' : code === 0x2029 ? '\u2029' : '\n'
  }

  /** Whether `---` or `...` stands at the beginning of this line. */
  get atDocumentMark(): boolean {
    if (this.column !== 0) return false
    const code = this.code
    if (code !== 0x2d && code !== 0x2e) return false
    if (this.ahead(1) !== code || this.ahead(2) !== code) return false
    const after = this.ahead(3)
    return after === 0 || after === 0x20 || after === 0x09 || isBreak(after)
  }

  /** Passes blanks and a comment up to the end of the line. */
  passToLineEnd(): void {
    while (this.code === 0x20 || this.code === 0x09) this.at++
    if (this.code === 0x23) this.passComment()
  }

  passComment(): void {
    for (let code = this.code; code !== 0 && !isBreak(code); code = this.code) this.at++
  }
}

/** Line breaks inside of a folded text: one is a space, of several one is left out. */
export function foldBreaks(first: string, others: string): string {
  if (first !== '\n') return first + others
  return others === '' ? ' ' : others
}


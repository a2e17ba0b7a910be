import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, space, tab } from './characters.ts'
import { foldBreaks, type Cursor } from './cursor.ts'
import { escapeAt } from './escape.ts'
import { SyntaxFault, type Token } from './token.ts'

const colon = 0x3a
const hash = 0x23
const quoteSign = 0x27
const backslash = 0x5c

/** `, ? [ ] { }`, which end a plain scalar inside of brackets. */
const endsInFlow = (code: number): boolean => code === 0x2c || code === 0x3f || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d

export interface PlainScalar {
  readonly token: Token
  /** It was followed by a line break, after which a key may start. */
  readonly brokeLine: boolean
}

/** A scalar without quotes. In block context it ends where a line is indented less than `indent`. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  const start = cursor.at
  let end = start
  let text = ''
  let blanks = ''
  let firstBreak = ''
  let moreBreaks = ''
  for (;;) {
    if (cursor.atDocumentMark || cursor.code === hash) break
    const from = cursor.at
    let code = cursor.code
    while (!isBlankOrEnd(code)) {
      if (code === colon && isBlankOrEnd(cursor.ahead(1))) break
      if (inFlow && endsInFlow(code)) break
      cursor.at++
      code = cursor.code
    }
    if (cursor.at > from) {
      text += (firstBreak === '' ? blanks : foldBreaks(firstBreak, moreBreaks)) + cursor.text.slice(from, cursor.at)
      blanks = firstBreak = moreBreaks = ''
      end = cursor.at
    }
    if (!isBlank(code) && !isBreak(code)) break
    for (; isBlank(code) || isBreak(code); code = cursor.code) {
      if (isBreak(code)) {
        if (firstBreak === '') firstBreak = cursor.passBreak()
        else moreBreaks += cursor.passBreak()
        continue
      }
      if (firstBreak === '') blanks += code === tab ? '\t' : ' '
      else if (code === tab && cursor.column < indent) throw new SyntaxFault(cursor.at, 'a tab is used for indentation', 'indent with spaces')
      cursor.at++
    }
    if (!inFlow && cursor.column < indent) break
  }
  return { token: { kind: 'scalar', text, style: 'plain', start, end }, brokeLine: firstBreak !== '' }
}

/** A scalar in single or double quotes. Where its lines start does not matter. */
export function scanQuoted(cursor: Cursor, style: 'single' | 'double'): Token {
  const start = cursor.at++
  const closing = style === 'single' ? quoteSign : 0x22
  let text = ''
  for (;;) {
    if (cursor.atDocumentMark) throw new SyntaxFault(cursor.at, `a document ends here inside of a text in ${style} quotes`, 'close the quotes, or indent this line')
    if (cursor.code === 0) throw new SyntaxFault(start, `a ${style} quote is not closed`)
    let escapedBreak = false
    let from = cursor.at
    for (let code = cursor.code; !isBlankOrEnd(code); code = cursor.code) {
      if (code === closing) {
        if (style !== 'single' || cursor.ahead(1) !== quoteSign) break
        text += cursor.text.slice(from, cursor.at + 1)
        from = cursor.at += 2
      } else if (style === 'double' && code === backslash) {
        text += cursor.text.slice(from, cursor.at)
        if (isBreak(cursor.ahead(1))) {
          cursor.at++
          cursor.passBreak()
          escapedBreak = true
          from = cursor.at
          break
        }
        text += escapeAt(cursor)
        from = cursor.at
      } else cursor.at++
    }
    text += cursor.text.slice(from, cursor.at)
    if (cursor.code === closing) break
    text += quotedBlanks(cursor, escapedBreak)
  }
  cursor.at++
  return { kind: 'scalar', text, style, start, end: cursor.at }
}

/** Blanks and line breaks between words in quotes. After an escaped break, what the next line starts with is left out. */
function quotedBlanks(cursor: Cursor, escapedBreak: boolean): string {
  let blanks = ''
  let firstBreak = ''
  let moreBreaks = ''
  let broken = escapedBreak
  for (let code = cursor.code; isBlank(code) || isBreak(code); code = cursor.code) {
    if (isBlank(code)) {
      if (!broken) blanks += code === tab ? '\t' : ' '
      cursor.at++
    } else if (broken) moreBreaks += cursor.passBreak()
    else {
      firstBreak = cursor.passBreak()
      broken = true
    }
  }
  return broken ? foldBreaks(firstBreak, moreBreaks) : blanks
}

/** A text after `|` or `>`. `parentIndent` is the column of the collection that it stands in, or -1. */
export function scanBlock(cursor: Cursor, literal: boolean, parentIndent: number): Token {
  const start = cursor.at++
  const { keep, increment } = blockHeader(cursor, start)
  let indent = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment
  const lines = new BlockLines(cursor)
  indent = lines.passEmpty(indent, parentIndent)
  let text = ''
  let leadingBreak = ''
  let afterBlank = false
  while (cursor.column === indent && cursor.code !== 0) {
    const startsBlank = isBlank(cursor.code)
    const folds = !literal && !afterBlank && !startsBlank && leadingBreak === '\n'
    text += folds ? (lines.empty === '' ? ' ' : '') : leadingBreak
    text += lines.empty
    lines.empty = ''
    afterBlank = startsBlank
    const from = cursor.at
    cursor.passComment() // to the end of the line: no comment can stand in here
    text += cursor.text.slice(from, cursor.at)
    leadingBreak = cursor.code === 0 ? '' : cursor.passBreak()
    lines.end = cursor.at
    lines.passEmpty(indent, parentIndent)
  }
  if (keep !== 'strip') text += leadingBreak
  if (keep === 'all') text += lines.empty
  return { kind: 'scalar', text, style: 'block', start, end: lines.end }
}

function blockHeader(cursor: Cursor, start: number): { keep: 'all' | 'one' | 'strip'; increment: number } {
  let keep: 'all' | 'one' | 'strip' | undefined
  let increment = 0
  for (let i = 0; i < 2; i++) {
    const code = cursor.code
    if (keep === undefined && (code === 0x2b || code === 0x2d)) keep = code === 0x2b ? 'all' : 'strip'
    else if (increment === 0 && isDigit(code)) {
      if (code === 0x30) throw new SyntaxFault(cursor.at, 'the indentation of a text cannot be 0', 'leave the digit out')
      increment = code - 0x30
    } else break
    cursor.at++
  }
  cursor.passToLineEnd()
  if (!isBreakOrEnd(cursor.code)) {
    const sign = cursor.text.slice(start, start + 1)
    throw new SyntaxFault(cursor.at, `the text of \`${sign}\` starts on the next line, and something stands behind the \`${sign}\``, `put quotes around a value that starts with ${sign}`)
  }
  if (cursor.code !== 0) cursor.passBreak()
  return { keep: keep ?? 'one', increment }
}

/** The empty lines and the indentation between the lines of a block. */
class BlockLines {
  /** Breaks of the empty lines that were passed last. */
  empty = ''
  /** Offset behind the last line that belongs to the block. */
  end: number
  readonly #cursor: Cursor

  constructor(cursor: Cursor) {
    this.#cursor = cursor
    this.end = cursor.at
  }

  /** Passes up to the next line with a text; gives the block's indentation, found out if it is 0. */
  passEmpty(indent: number, parentIndent: number): number {
    const cursor = this.#cursor
    let deepest = 0
    for (;;) {
      while ((indent === 0 || cursor.column < indent) && cursor.code === space) cursor.at++
      deepest = Math.max(deepest, cursor.column)
      if ((indent === 0 || cursor.column < indent) && cursor.code === tab) {
        throw new SyntaxFault(cursor.at, 'a tab stands where the indentation of a text needs a space', 'indent with spaces')
      }
      if (!isBreak(cursor.code)) break
      this.empty += cursor.passBreak()
      this.end = cursor.at
    }
    return indent === 0 ? Math.max(deepest, parentIndent + 1, 1) : indent
  }
}

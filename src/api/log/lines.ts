import { stripVTControlCharacters } from 'node:util'
import type { LogPiece } from './pieces.ts'

/** What is longer comes in parts, which have the same number. */
const longestLine = 1024 * 1024

export interface LineOptions {
  /** Takes out control sequences: colours, moves of the cursor. */
  readonly strip: boolean
}

/** Whole lines of a log, without their ends. */
export async function* linesOf(pages: AsyncIterable<readonly LogPiece[]>, { strip }: LineOptions): AsyncGenerator<readonly LogPiece[]> {
  let open: LogPiece | undefined
  const whole = (line: LogPiece): LogPiece => (strip ? { ...line, text: stripVTControlCharacters(line.text) } : line)
  for await (const pieces of pages) {
    const lines: LogPiece[] = []
    for (const piece of pieces) {
      let { line } = piece
      const parts = piece.text.split('\n')
      for (const [index, part] of parts.entries()) {
        open = open === undefined ? { ...piece, line, text: part } : { ...open, text: open.text + part }
        const last = index === parts.length - 1
        if (!last || open.text.length > longestLine) {
          lines.push(whole(open))
          open = undefined
        }
        if (!last) line++
      }
      if (open?.text === '') open = undefined
    }
    if (lines.length > 0) yield lines
  }
  if (open !== undefined) yield [whole(open)]
}

import { stripVTControlCharacters } from 'node:util'
import { Turns } from '../../lib/turns.ts'
import type { LogAsked } from './asked.ts'
import { linesOf } from './lines.ts'
import type { LogPiece } from './pieces.ts'

/** The text of an answer, in large pieces. Whole lines are put together where something of each line is asked for. */
export async function* rendered(pages: AsyncIterable<readonly LogPiece[]>, asked: LogAsked): AsyncGenerator<string> {
  const { strip, timestamps, grep } = asked
  const byLine = strip || grep !== undefined || (timestamps && asked.format === 'text')
  const turns = new Turns()
  for await (const pieces of byLine ? linesOf(pages, { strip }) : pages) {
    let text = ''
    for (const piece of pieces) {
      await turns.pause()
      if (grep !== undefined && !grep.test(stripVTControlCharacters(piece.text))) continue
      text += asked.format === 'ndjson' ? jsonLine(piece, asked) : byLine ? `${timestamps ? `${new Date(piece.time).toISOString().replace('.000', '')} ` : ''}${piece.text}\n` : piece.text
    }
    if (text !== '') yield text
  }
}

const sources = { stdout: 'out', stderr: 'err', error: 'error' } as const

/** `p`: the step, where that is not what was asked for. */
const jsonLine = ({ line, plan, time, source, text }: LogPiece, { step }: LogAsked): string =>
  `${JSON.stringify({ n: line, ...(step === undefined && { p: plan }), t: time, s: sources[source], x: text })}\n`

import type { LogStart, LogText, LogTexts } from '../web-ports.ts'

/** A part of a log. */
export interface LogPiece extends Omit<LogText, 'id'> {
  /** Number of the line that its text begins in, from 1. */
  readonly line: number
}

export interface LogRange {
  readonly build: number
  readonly step: string | undefined
  /** Lines, the second not included. */
  readonly from: number
  readonly until: number
}

/**
 * The log from one line to another, in pages of some MB: as its texts are stored, the first and last cut at the lines' ends. Throws where lines
 * that were there at the start have been taken away.
 */
export async function* piecesOf(texts: Pick<LogTexts, 'read'>, { build, step, from, until }: LogRange, start: LogStart): AsyncGenerator<readonly LogPiece[]> {
  let { after, ended, unended } = start
  while (ended + 1 < until) {
    const page = await texts.read(build, step, after, until - 1 - ended)
    const pieces: LogPiece[] = []
    const add = (text: LogText, added: string): void => {
      const piece = cut({ plan: text.plan, source: text.source, time: text.time, text: added, line: ended + 1 }, from, until)
      if (piece !== undefined) pieces.push(piece)
      ended += newlines(added)
    }
    for (const text of page) {
      // An error has a line of its own.
      if (unended && text.source === 'error') add({ ...text, source: 'stdout' }, '\n')
      add(text, text.source === 'error' ? `${text.text}\n` : text.text)
      unended = text.source !== 'error' && !text.text.endsWith('\n')
    }
    if (pieces.length > 0) yield pieces
    const last = page.at(-1)
    if (last === undefined) {
      if (ended + (unended ? 1 : 0) < Math.min(until - 1, start.lines)) throw new Error('the log of this build is no longer kept')
      return
    }
    after = last.id
  }
}

/** Undefined: nothing of it is in the range. */
function cut(piece: LogPiece, from: number, until: number): LogPiece | undefined {
  const { text, line } = piece
  const begin = offsetOf(text, from - line)
  const end = offsetOf(text, until - line)
  return begin >= end ? undefined : { ...piece, text: text.slice(begin, end), line: Math.max(line, from) }
}

/** Where the line begins that comes so many lines later. */
function offsetOf(text: string, lines: number): number {
  let at = 0
  for (let left = lines; left > 0; left--) {
    const next = text.indexOf('\n', at)
    if (next === -1) return text.length
    at = next + 1
  }
  return at
}

function newlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}

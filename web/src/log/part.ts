import { StepLog } from './step-log.ts'

/** A piece of a step's log, as `/builds/ID/log?format=ndjson` gives it. */
interface Piece {
  /** Number of the line that its text begins in, from 1. */
  readonly n: number
  /** Unix ms. */
  readonly t: number
  readonly s: 'out' | 'err' | 'error'
  readonly x: string
}

/** The log that a part of one is, numbered as in the whole; undefined: there is nothing in it. A last piece that was cut off is left out. */
export function logOfPart(bytes: Uint8Array): StepLog | undefined {
  let log: StepLog | undefined
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    const piece = pieceOf(line)
    if (piece === undefined) continue
    log ??= new StepLog(piece.n - 1)
    if (piece.s === 'error') log.error(piece.x.replace(/\n$/, ''), piece.t)
    else log.output(piece.x, piece.t)
  }
  return log
}

function pieceOf(line: string): Piece | undefined {
  try {
    const { n, t, s, x } = JSON.parse(line) as Partial<Piece>
    return typeof n === 'number' && Number.isSafeInteger(n) && n > 0 && typeof t === 'number' && typeof x === 'string' ? { n, t, s: s ?? 'out', x } : undefined
  } catch {
    return undefined
  }
}

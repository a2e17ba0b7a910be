import { ask } from '../api/client.ts'
import type { Selection } from '../log/protocol.ts'

/** What of a step's log is seen first: lines that a link names, else what it ended with, else its beginning. */
export interface LogPlace {
  readonly step: string
  readonly at: 'start' | 'end' | Selection
}

const partLines = 500
/** Of the selected lines so many lie behind the first that is asked for. */
const above = 200
/** Lines may be long: what is beyond comes with the whole. */
const mostBytes = 2 * 1024 * 1024

export function queryOf({ step, at }: LogPlace): URLSearchParams {
  const place = at === 'end' ? { tail: String(partLines) } : { from: String(at === 'start' ? 1 : Math.max(1, at.first - above)), lines: String(partLines) }
  return new URLSearchParams({ step, ...place, format: 'ndjson' })
}

/** A part of a step's log of a build that has ended; undefined where there is none: the whole says why. */
export async function readPart(build: number, place: LogPlace, signal: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    const answer = await ask(`/api/v1/builds/${build}/log?${queryOf(place)}`, { signal })
    return await atMost(answer, mostBytes)
  } catch {
    return undefined
  }
}

async function atMost(answer: Response, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  const reader = answer.body?.getReader()
  while (length < most) {
    const piece = await reader?.read()
    if (piece === undefined || piece.done) break
    pieces.push(piece.value)
    length += piece.value.length
  }
  // Of an answer that has ended nothing is left to be cancelled.
  void reader?.cancel().catch(() => undefined)
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

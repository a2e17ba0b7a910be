import type { StoredEvent } from '../../model/build.ts'

/** A run of a build's events as they go over the wire, made once for all who watch. */
export interface Chunk {
  readonly first: number
  readonly last: number
  readonly bytes: Buffer
  /** Where each event ends in `bytes`. */
  readonly ends: readonly number[]
}

export function chunkOf(events: readonly StoredEvent[]): Chunk | undefined {
  const [first, last] = [events[0], events.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const frames = events.map(frame)
  let end = 0
  return { first: first.id, last: last.id, bytes: Buffer.concat(frames), ends: frames.map(({ length }) => (end += length)) }
}

/** What comes after the event `cursor`. */
export const after = ({ first, bytes, ends }: Chunk, cursor: number): Buffer => (cursor < first ? bytes : bytes.subarray(ends[cursor - first]))

/** Payloads are JSON texts in one line. */
const frame = ({ id, type, version, payload }: StoredEvent): Buffer =>
  Buffer.from(`id: ${id}\nevent: event\ndata: {"data":${payload},"event":${JSON.stringify(type)},"version":${JSON.stringify(version)},"event_id":"${id}"}\n\n`)

/** The data line is needed: fly's client takes no notice of an event without one. */
export const endFrame = (id: number): Buffer => Buffer.from(`id: ${id}\nevent: end\ndata\n\n`)

export const heartbeat = Buffer.from(':\n\n')

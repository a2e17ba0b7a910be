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

const removedNotice = 'the rest of the log of this build is no longer kept'

/** Whether one that follows `cursor` is missing: ids are dense, and retention alone takes events away. */
export const isCutShort = (events: readonly StoredEvent[], cursor: number): boolean => events.some(({ id }, index) => id !== cursor + 1 + index)

/** The frames of events that follow `cursor`, with a notice where retention took some away. */
export function withNotice(events: readonly StoredEvent[], cursor: number, now: number): Buffer {
  const time = Math.floor(now / 1000)
  const payload = JSON.stringify({ message: removedNotice, origin: { id: '' }, time })
  const frames = events.map((event, index) => {
    const before = events[index - 1]?.id ?? cursor
    if (event.id === before + 1) return frame(event)
    // Of no id of its own: who comes back after it asks for what follows the event before.
    return Buffer.concat([Buffer.from(`${before < 0 ? '' : `id: ${before}\n`}event: event\ndata: {"data":${payload},"event":"error","version":"4.1"}\n\n`), frame(event)])
  })
  return Buffer.concat(frames)
}

/** The data line is needed: fly's client takes no notice of an event without one. */
export const endFrame = (id: number): Buffer => Buffer.from(`id: ${id}\nevent: end\ndata\n\n`)

export const heartbeat = Buffer.from(':\n\n')

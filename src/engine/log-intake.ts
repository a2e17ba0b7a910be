import type { LogPosition } from '../model/build.ts'
import type { Redactor } from '../lib/redactor.ts'

type Stream = 'stdout' | 'stderr'

interface Segment {
  readonly seq: number
  /** Offset of `bytes` in its record. */
  readonly offset: number
  readonly bytes: Uint8Array
}

export interface LogChunk {
  readonly stream: Stream
  readonly text: string
}

/** A line longer than this is shown in pieces; one that may be a secret so far is looked at again when it has grown by as much, or doubled. */
const longestHeldLine = 64 * 1024

/**
 * Turns a container's output records into text: whole lines where they come, so that a secret or a character that two
 * records share is seen whole. What is emitted and the position it reaches are made durable together; after a restart
 * the supervisor resends from there, and nothing is lost or shown twice.
 */
export class LogIntake {
  private readonly redactor: Redactor
  private readonly held: Record<Stream, Segment[]> = { stdout: [], stderr: [] }
  private readonly from: Record<Stream, { seq: number; offset: number }>
  private lastSeq: number
  /** Bytes that were held back when the unfinished line was last looked at. */
  private readonly heldBack: Record<Stream, number> = { stdout: 0, stderr: 0 }

  constructor(redactor: Redactor, position: LogPosition) {
    this.redactor = redactor
    this.lastSeq = position.acked
    const start = { seq: position.acked + 1, offset: 0 }
    this.from = { stdout: position.stdout ?? start, stderr: position.stderr ?? start }
  }

  /** Takes a record's bytes; `seq` also of records without output (pass no bytes). */
  add(seq: number, stream?: Stream, bytes?: Uint8Array): void {
    this.lastSeq = Math.max(this.lastSeq, seq)
    if (stream === undefined || bytes === undefined) return
    const from = this.from[stream]
    if (seq < from.seq) return
    const offset = seq === from.seq ? from.offset : 0
    if (offset < bytes.length) this.held[stream].push({ seq, offset, bytes: bytes.subarray(offset) })
  }

  /** Whole lines; `all`: the rest too, but for what may be the beginning of a secret; `end`: everything. */
  take(what: 'lines' | 'all' | 'end'): LogChunk[] {
    const chunks: LogChunk[] = []
    for (const stream of ['stdout', 'stderr'] as const) {
      const bytes = joined(this.held[stream])
      const length = this.emittable(stream, bytes, what)
      if (length === 0) continue
      chunks.push({ stream, text: this.redactor.redact(decode(bytes.subarray(0, length))) })
      this.drop(stream, length)
    }
    return chunks
  }

  get holds(): boolean {
    return this.held.stdout.length > 0 || this.held.stderr.length > 0
  }

  position(): LogPosition {
    const at = (stream: Stream) => {
      const first = this.held[stream][0]
      if (first !== undefined) return { seq: first.seq, offset: first.offset }
      // What is resent after a restart may not have reached yet where this stream stood.
      const from = this.from[stream]
      return from.seq > this.lastSeq ? from : { seq: this.lastSeq + 1, offset: 0 }
    }
    const stdout = at('stdout')
    const stderr = at('stderr')
    return { acked: Math.min(stdout.seq, stderr.seq) - 1, stdout, stderr }
  }

  private emittable(stream: Stream, bytes: Uint8Array, what: 'lines' | 'all' | 'end'): number {
    if (what === 'end') return bytes.length
    const lines = bytes.lastIndexOf(10) + 1
    if (lines > 0) this.heldBack[stream] = 0
    const before = this.heldBack[stream]
    if (what === 'lines' && bytes.length - lines < before + Math.max(before, longestHeldLine)) return lines
    const whole = bytes.length - partialCharacter(bytes)
    const rest = decode(bytes.subarray(lines, whole))
    const length = Math.max(lines, whole - Buffer.byteLength(rest.slice(this.redactor.safeLength(rest))))
    this.heldBack[stream] = bytes.length - length
    return length
  }

  private drop(stream: Stream, length: number): void {
    const segments = this.held[stream]
    let left = length
    while (left > 0) {
      const first = segments[0]
      if (first === undefined) return
      if (first.bytes.length > left) {
        segments[0] = { seq: first.seq, offset: first.offset + left, bytes: first.bytes.subarray(left) }
        return
      }
      left -= first.bytes.length
      segments.shift()
    }
  }
}

function joined(segments: readonly Segment[]): Uint8Array {
  const only = segments[0]
  return segments.length === 1 && only !== undefined ? only.bytes : Buffer.concat(segments.map((segment) => segment.bytes))
}

/** A byte order mark is a character like any other: the log has every byte. */
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

/** Bytes at the end that begin a UTF-8 character whose rest is missing: 0 to 3. */
function partialCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0b1100_0000) === 0b1000_0000) continue
    const needs = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
    return needs > back ? back : 0
  }
  return 0
}

import { parseBoundedJson } from '../lib/bounded-json.ts'

/**
 * Frames of the supervisor protocol: `u32 length · u8 type · payload`. What comes in is untrusted: a length is a claim,
 * and memory is taken only for bytes that have come.
 */

const MiB = 1024 * 1024
export const maxMessageBytes = 16 * MiB
export const maxOtherBytes = MiB
/** Bounds of the JSON in a message or record; the longest list in it is a result's outputs. */
export const jsonBounds = { items: 100_000, depth: 32 }

export const RecordKind = { stdout: 1, stderr: 2, event: 3, result: 4 } as const

export interface WireRecord {
  readonly seq: number
  /** unix ms */
  readonly time: number
  /** One of RecordKind, or a number of a later version. */
  readonly kind: number
  readonly assignment: string
  readonly data: Buffer
}

export type Message = { readonly type: string } & { readonly [key: string]: unknown }

export type Frame =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'record'; readonly record: WireRecord }
  /** A piece of a data frame, as it came: the bounds of data frames mean nothing. */
  | { readonly kind: 'data'; readonly data: Buffer }
  /** A number of zero bytes of an artifact. Sending it costs nothing, so it is bounded by the output limit. */
  | { readonly kind: 'zeros'; readonly bytes: number }

/** The other side does not keep to the protocol: the channel ends. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

const lengthBytes = 4
const headBytes = 5
/** Type, seq, time and kind of a record: enough to know how long it may be. */
const recordHeadBytes = headBytes + 17
const recordFixedBytes = 19
const zerosBytes = 8

export class FrameDecoder {
  /** Longest message or result record taken; small before the other side has shown who it is. */
  limit: number
  #pending: Buffer = Buffer.alloc(0)
  #pendingSize = 0
  #need = headBytes
  #dataLeft = 0
  #assignment = { bytes: Buffer.alloc(0), text: '' }

  constructor(limit = maxMessageBytes) {
    this.limit = limit
  }

  /** Bytes that are kept of a frame whose end has not come. */
  get unfinishedBytes(): number {
    return this.#pendingSize
  }

  /** Frames that are whole with this chunk. Their buffers are parts of it and stay valid. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = []
    if (this.#pendingSize > 0) {
      this.#keep(chunk)
      if (this.#pendingSize < this.#need) return frames
      chunk = this.#pending.subarray(0, this.#pendingSize)
      this.#pending = Buffer.alloc(0)
      this.#pendingSize = 0
    }
    let at = 0
    while (at < chunk.length) {
      if (this.#dataLeft > 0) {
        const data = chunk.subarray(at, at + this.#dataLeft)
        frames.push({ kind: 'data', data })
        this.#dataLeft -= data.length
        at += data.length
        continue
      }
      const have = chunk.length - at
      this.#need = this.#frameBytes(chunk, at, have)
      if (have < this.#need) break
      const type = chunk[at + lengthBytes]
      if (type === 3) {
        this.#dataLeft = chunk.readUInt32BE(at) - 1
        at += headBytes
        continue
      }
      const payload = chunk.subarray(at + headBytes, at + this.#need)
      if (type === 1) frames.push({ kind: 'message', message: parseMessage(payload) })
      else if (type === 2) frames.push({ kind: 'record', record: this.#record(payload) })
      else frames.push({ kind: 'zeros', bytes: readUint64(payload, 0) })
      at += this.#need
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at))
    return frames
  }

  /** Bytes needed to go on at `at`: of the whole frame, or of what tells its length. */
  #frameBytes(chunk: Buffer, at: number, have: number): number {
    if (have < headBytes) return headBytes
    const length = chunk.readUInt32BE(at)
    const type = chunk[at + lengthBytes]
    if (length < 1 || type === undefined || type < 1 || type > 4 || (type === 4 && length !== 1 + zerosBytes)) throw new ProtocolError('not a frame')
    let limit = maxOtherBytes
    if (type === 1) limit = this.limit
    if (type === 2 && length > maxOtherBytes) {
      if (have < recordHeadBytes) return recordHeadBytes
      if (chunk[at + recordHeadBytes - 1] === RecordKind.result) limit = this.limit
    }
    if (length > limit) throw new ProtocolError(`a frame of ${length} bytes is longer than ${limit}`)
    return type === 3 ? headBytes : lengthBytes + length
  }

  /** Keeps bytes of an unfinished frame in a buffer that doubles, so that many small chunks cost no more than few large ones. */
  #keep(bytes: Buffer): void {
    const size = this.#pendingSize + bytes.length
    if (size > this.#pending.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size, Math.min(this.#need, 2 * this.#pending.length), 256))
      this.#pending.copy(grown, 0, 0, this.#pendingSize)
      this.#pending = grown
    }
    bytes.copy(this.#pending, this.#pendingSize)
    this.#pendingSize = size
  }

  #record(payload: Buffer): WireRecord {
    if (payload.length < recordFixedBytes) throw new ProtocolError('a record without its head')
    const idBytes = payload.readUInt16BE(17)
    const dataAt = recordFixedBytes + idBytes
    if (payload.length < dataAt) throw new ProtocolError('a record without its assignment')
    const id = payload.subarray(recordFixedBytes, dataAt)
    // Nearly all records are of the same assignment as the one before.
    if (!this.#assignment.bytes.equals(id)) this.#assignment = { bytes: Buffer.from(id), text: id.toString('utf8') }
    return {
      seq: readUint64(payload, 0),
      time: readUint64(payload, 8),
      kind: payload[16] ?? 0,
      assignment: this.#assignment.text,
      data: payload.subarray(dataAt),
    }
  }
}

function readUint64(buffer: Buffer, at: number): number {
  const value = buffer.readUInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4)
  if (!Number.isSafeInteger(value)) throw new ProtocolError('a number beyond 2^53')
  return value
}

function parseMessage(payload: Buffer): Message {
  const parsed = parseBoundedJson(payload, jsonBounds)
  if (!parsed.ok) throw new ProtocolError(`a message that cannot be read: ${parsed.error}`)
  const { value } = parsed
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    throw new ProtocolError('a message without a type')
  }
  return value as Message
}

export function encodeMessage(message: Message): Buffer {
  const text = JSON.stringify(message)
  const bytes = Buffer.byteLength(text)
  if (bytes + 1 > maxMessageBytes) throw new ProtocolError(`the message has ${bytes + 1} bytes, at most ${maxMessageBytes} are allowed`)
  const frame = Buffer.allocUnsafe(headBytes + bytes)
  frame.writeUInt32BE(bytes + 1, 0)
  frame[4] = 1
  frame.write(text, headBytes, 'utf8')
  return frame
}

/** As the supervisor sends it. @testonly */
export function encodeRecord(record: WireRecord): Buffer {
  const id = Buffer.from(record.assignment)
  const head = Buffer.allocUnsafe(headBytes + recordFixedBytes)
  head.writeUInt32BE(1 + recordFixedBytes + id.length + record.data.length, 0)
  head[4] = 2
  head.writeBigUInt64BE(BigInt(record.seq), 5)
  head.writeBigUInt64BE(BigInt(record.time), 13)
  head[21] = record.kind
  head.writeUInt16BE(id.length, 22)
  return Buffer.concat([head, id, record.data])
}

/** A frame that stands for so many zeros. */
export function encodeZeros(bytes: number): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + zerosBytes)
  frame.writeUInt32BE(1 + zerosBytes, 0)
  frame[4] = 4
  frame.writeBigUInt64BE(BigInt(bytes), headBytes)
  return frame
}

/** What stands before `bytes` bytes of data; at most maxOtherBytes - 1. */
export function dataHead(bytes: number): Buffer {
  const head = Buffer.allocUnsafe(headBytes)
  head.writeUInt32BE(bytes + 1, 0)
  head[4] = 3
  return head
}

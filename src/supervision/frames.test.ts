import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dataHead, encodeMessage, encodeRecord, encodeZeros, FrameDecoder, maxOtherBytes, ProtocolError, type Frame } from './frames.ts'

const message = fc.record({ type: fc.string(), value: fc.string({ unit: 'grapheme' }) })
const record = fc.record({
  seq: fc.maxSafeNat(),
  time: fc.maxSafeNat(),
  kind: fc.integer({ min: 1, max: 4 }),
  assignment: fc.constantFrom('a', 'b', 'äö', ''),
  data: fc.uint8Array({ maxLength: 300 }).map((data) => Buffer.from(data)),
})
const item = fc.oneof(
  message.map((value) => ({ frame: { kind: 'message', message: value } as Frame, bytes: encodeMessage(value) })),
  record.map((value) => ({ frame: { kind: 'record', record: value } as Frame, bytes: encodeRecord(value) })),
  fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((data) => ({ frame: { kind: 'data', data: Buffer.from(data) } as Frame, bytes: Buffer.concat([dataHead(data.length), data]) })),
  fc.maxSafeNat().map((bytes) => ({ frame: { kind: 'zeros', bytes } as Frame, bytes: encodeZeros(bytes) })),
)

test('a frame of zeros holds one number, up to 2^53', () => {
  const beyond = encodeZeros(0)
  beyond.writeBigUInt64BE(2n ** 53n, 5)
  expect(() => new FrameDecoder().push(beyond)).toThrow('a number beyond 2^53')
  for (const length of [8, 10]) expect(() => new FrameDecoder().push(Buffer.from([0, 0, 0, length, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]))).toThrow('not a frame')
})

/** Pieces of data that follow each other are one. */
function joined(frames: readonly Frame[]): Frame[] {
  const out: Frame[] = []
  for (const frame of frames) {
    const last = out.at(-1)
    if (frame.kind === 'data' && last?.kind === 'data') out[out.length - 1] = { kind: 'data', data: Buffer.concat([last.data, frame.data]) }
    else out.push(frame)
  }
  return out
}

test('frames are the same however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 20 }), fc.infiniteStream(fc.integer({ min: 1, max: 400 })), (items, cuts) => {
      const stream = Buffer.concat(items.map(({ bytes }) => bytes))
      const decoder = new FrameDecoder()
      const frames: Frame[] = []
      for (let at = 0; at < stream.length; ) {
        const length = cuts.next().value as number
        frames.push(...decoder.push(Buffer.from(stream.subarray(at, at + length))))
        at += length
      }
      expect(joined(frames)).toEqual(joined(items.map(({ frame }) => frame)))
    }),
  )
})

/** What a decoder makes of a stream in pieces: its frames, or that it is none. */
function decoded(stream: Buffer, pieces: () => number, decoder = new FrameDecoder()): Frame[] | 'not the protocol' {
  const frames: Frame[] = []
  for (let at = 0; at < stream.length; ) {
    const length = pieces()
    try {
      frames.push(...decoder.push(Buffer.from(stream.subarray(at, at + length))))
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError)
      return 'not the protocol'
    }
    at += length
    // The limit is one of messages and results: a record of output may have 1 MiB also while it is lower.
    expect(decoder.unfinishedBytes).toBeLessThanOrEqual(Math.min(at, 4 + Math.max(decoder.limit, maxOtherBytes)))
  }
  return joined(frames)
}

/** Frames of which a few bytes are others, missing or too many. */
const damaged = fc
  .tuple(fc.array(item, { minLength: 1, maxLength: 8 }), fc.array(fc.record({ at: fc.nat(), remove: fc.nat(4), add: fc.uint8Array({ maxLength: 4 }) }), { maxLength: 4 }))
  .map(([items, changes]) =>
    changes.reduce(
      (stream, { at, remove, add }) => {
        const place = at % stream.length
        return Buffer.concat([stream.subarray(0, place), add, stream.subarray(place + remove), Buffer.from([0])])
      },
      Buffer.concat(items.map(({ bytes }) => bytes)),
    ),
  )

test.each([
  ['damaged frames', damaged],
  ['any bytes', fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes))],
])('%s give the same frames or ProtocolError however they are cut, and nothing grows beyond what came', (_name, streams) => {
  fc.assert(
    fc.property(streams, fc.infiniteStream(fc.integer({ min: 1, max: 400 })), (stream, cuts) => {
      const whole = decoded(stream, () => stream.length)
      expect(decoded(stream, () => cuts.next().value as number)).toEqual(whole)
      expect(decoded(stream, () => 1)).toEqual(whole)
      decoded(stream, () => 1, new FrameDecoder(50))
    }),
    { numRuns: 150 },
  )
})

describe('bounds', () => {
  const head = (length: number, type: number, ...rest: number[]): Buffer => {
    const bytes = Buffer.from([0, 0, 0, 0, type, ...rest])
    bytes.writeUInt32BE(length)
    return bytes
  }
  const MiB = 1024 * 1024
  const recordHead = (kind: number) => [...Buffer.alloc(16), kind]

  test.each([
    ['a message beyond 16 MiB', head(16 * MiB + 1, 1)],
    ['data beyond 1 MiB', head(MiB + 1, 3)],
    ['an output record beyond 1 MiB', head(MiB + 1, 2, ...recordHead(1))],
    ['a result beyond 16 MiB', head(16 * MiB + 1, 2, ...recordHead(4))],
    ['an unknown frame', head(10, 4)],
    ['an empty frame', head(0, 1)],
    ['a message that is not JSON', Buffer.concat([head(3, 1), Buffer.from('{]')])],
    ['a message without a type', Buffer.concat([head(3, 1), Buffer.from('{}')])],
    ['a message that is an array', Buffer.concat([head(3, 1), Buffer.from('[]')])],
    ['a record that is cut', head(4, 2, 0, 0, 0)],
    ['a record whose assignment is cut', Buffer.concat([head(20, 2, ...recordHead(1)), Buffer.from([0, 5])])],
    ['a number beyond 2^53', Buffer.concat([head(20, 2), Buffer.alloc(8, 0xff), Buffer.alloc(11)])],
  ])('%s ends it', (_name, bytes) => {
    expect(() => new FrameDecoder().push(bytes)).toThrow(ProtocolError)
  })

  test.each([
    ['a message of 16 MiB', head(16 * MiB, 1)],
    ['data of 1 MiB', head(MiB, 3)],
    ['an output record of 1 MiB', head(MiB, 2, ...recordHead(2))],
    ['a result of 16 MiB', head(16 * MiB, 2, ...recordHead(4))],
  ])('%s is waited for', (_name, bytes) => {
    expect(new FrameDecoder().push(bytes)).toEqual([])
  })

  test('a peer without proof may send short messages only', () => {
    const decoder = new FrameDecoder(1000)
    expect(() => decoder.push(head(1001, 1))).toThrow(ProtocolError)
  })

  test('a message that is too long is not sent', () => {
    expect(() => encodeMessage({ type: 'x', text: 'y'.repeat(16 * MiB) })).toThrow(ProtocolError)
  })
})

test('a large message that trickles in costs no more than its size', () => {
  const bytes = encodeMessage({ type: 'x', text: 'y'.repeat(2_000_000) })
  const decoder = new FrameDecoder()
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length; at += 7) frames.push(...decoder.push(bytes.subarray(at, at + 7)))
  expect(frames).toHaveLength(1)
})

import { duplexPair, type Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { fakeClock, systemClock } from '../lib/clock.ts'
import { Channel } from './channel.ts'
import { dataHead, encodeMessage, encodeRecord, type Frame } from './frames.ts'

function pair(clock = fakeClock()) {
  const [a, b] = duplexPair()
  return { clock, a, b, ours: new Channel(a, clock), theirs: new Channel(b, clock) }
}

test('two idle channels keep each other alive', async () => {
  const { clock, ours, theirs } = pair()
  void theirs.read()
  void ours.read()
  for (let minute = 0; minute < 10; minute++) await clock.advance(60_000)
  expect([ours.open, theirs.open]).toEqual([true, true])
})

test('silence ends a channel after a minute', async () => {
  const clock = fakeClock()
  const [a] = duplexPair()
  const channel = new Channel(a, clock)
  const read = channel.read()
  await clock.advance(59_999)
  expect(channel.open).toBe(true)
  await clock.advance(1)
  expect(await read).toBeUndefined()
  expect(channel.problem).toBe('silent for 60 s')
  expect(clock.sleeping).toBe(0)
})

test('a slow reader slows the peer down and does not count as silence', async () => {
  const { clock, ours, theirs, b } = pair()
  let sent = 0
  while (!b.writableNeedDrain || sent < 2_000_000) {
    await theirs.sendData(Buffer.alloc(0))
    b.write(Buffer.concat([Buffer.from([0, 1, 0, 1, 3]), Buffer.alloc(65_536)]))
    sent += 65_536
    if (sent > 50_000_000) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(sent).toBeLessThan(10_000_000)
  await clock.advance(59_000)
  await clock.advance(59_000)
  expect(ours.open).toBe(true)
  let read = 0
  while (read < sent) for (const frame of (await ours.read())!) if (frame.kind === 'data') read += frame.data.length
  expect(read).toBe(sent)
})

test('what was sent before close arrives; then both ends are closed', async () => {
  const { ours, theirs } = pair()
  ours.send({ type: 'refused', reason: 'x' })
  ours.close()
  expect(await theirs.read()).toEqual([{ kind: 'message', message: { type: 'refused', reason: 'x' } }])
  expect(await theirs.read()).toBeUndefined()
  await Promise.all([ours.closed, theirs.closed])
})

test('closing does not wait for a peer that never reads', async () => {
  const clock = fakeClock()
  const [a] = duplexPair()
  const channel = new Channel(a, clock)
  for (let i = 0; i < 100; i++) channel.send({ type: 'x', text: 'y'.repeat(100_000) })
  channel.close()
  expect(channel.open).toBe(true)
  await clock.advance(2_000)
  expect(channel.open).toBe(false)
})

test('nothing is kept without bound for a peer that never reads', async () => {
  const [a] = duplexPair()
  const channel = new Channel(a, systemClock)
  for (let i = 0; i < 700 && channel.open; i++) channel.send({ type: 'x', text: 'y'.repeat(100_000) })
  await channel.closed
  expect(channel.problem).toBe('the other side does not read')
})

test('bytes that are no frame end the channel', async () => {
  const [a, b] = duplexPair()
  const channel = new Channel(a, systemClock)
  b.write('GET / HTTP/1.1\r\n\r\n')
  expect(await channel.read()).toBeUndefined()
  expect(channel.problem).toMatch(/frame/)
})

const MiB = 1024 * 1024
const largest: [string, Buffer][] = [
  ['message', encodeMessage({ type: 'x', text: 'y'.repeat(16 * MiB - 1 - '{"type":"x","text":""}'.length) })],
  ['result', encodeRecord({ seq: 1, time: 2, kind: 4, assignment: 'a', data: Buffer.alloc(16 * MiB - 21, 7) })],
  ['output record', encodeRecord({ seq: 1, time: 2, kind: 1, assignment: 'a', data: Buffer.alloc(MiB - 21, 7) })],
  ['data frame', Buffer.concat([dataHead(MiB - 1), Buffer.alloc(MiB - 1, 7)])],
]

/** Writes in pieces of that size, as fast as they are taken. */
async function write(stream: Duplex, bytes: Buffer, piece = bytes.length): Promise<void> {
  for (let at = 0; at < bytes.length; at += piece) {
    if (!stream.write(bytes.subarray(at, at + piece))) await new Promise((resolve) => stream.once('drain', resolve))
  }
}

/** Bytes that a frame brought. */
function payloadBytes(frame: Frame): number {
  if (frame.kind === 'data') return frame.data.length
  if (frame.kind === 'zeros') return 8
  return frame.kind === 'record' ? 21 - 1 + frame.record.data.length : JSON.stringify(frame.message).length
}

describe('a reader that waits gets', () => {
  test.each(
    largest.flatMap(([name, bytes]) => [bytes.length, 65_536, 1_460].map((piece) => [name, piece, bytes] as const)),
  )('the largest %s in pieces of %i bytes', async (_name, piece, bytes) => {
    const { ours, b } = pair()
    let taken = 0
    const reading = (async () => {
      while (taken < bytes.length - 5) for (const frame of (await ours.read())!) taken += payloadBytes(frame)
    })()
    await write(b, bytes, piece)
    await reading
    expect(taken).toBe(bytes.length - 5)
  })

  test.each([
    ['message', encodeMessage({ type: 'x', text: 'y'.repeat(600_000) })],
    ['result', encodeRecord({ seq: 1, time: 2, kind: 4, assignment: 'a', data: Buffer.alloc(600_000) })],
    ['output record', encodeRecord({ seq: 1, time: 2, kind: 1, assignment: 'a', data: Buffer.alloc(600_000) })],
  ])('a %s of 600 kB byte by byte', async (_name, bytes) => {
    const { ours, b } = pair()
    const read = ours.read()
    await write(b, bytes, 1)
    expect((await read)!.map(payloadBytes)).toEqual([bytes.length - 5])
  })

  test('what comes after 40 000 pings, which are answered', async () => {
    const { ours, theirs, b } = pair()
    const read = ours.read()
    await write(b, Buffer.concat(Array<Buffer>(40_000).fill(encodeMessage({ type: 'ping' }))))
    await write(b, encodeMessage({ type: 'after' }))
    expect(await read).toEqual([{ kind: 'message', message: { type: 'after' } }])
    expect(await theirs.readOne()).toEqual({ kind: 'message', message: { type: 'pong' } })
  })
})

test('silence within a frame that is longer than what is read ahead ends a channel after a minute', async () => {
  const clock = fakeClock()
  const [a, b] = duplexPair()
  const ours = new Channel(a, clock)
  const read = ours.read()
  await write(b, largest[1]![1].subarray(0, 2 * MiB), 65_536)
  await clock.advance(60_000)
  expect(await read).toBeUndefined()
  expect(ours.problem).toBe('silent for 60 s')
})

test('small frames are not kept without bound for a busy reader', async () => {
  const { ours, b } = pair()
  const frame = encodeMessage({ type: '' })
  const all = Buffer.concat(Array<Buffer>(100_000).fill(frame))
  const writing = write(b, all, 65_536)
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  const first = (await ours.read())!.length
  expect(first * (frame.length + 128)).toBeLessThan(MiB + 65_536)
  let taken = first
  while (taken < 100_000) taken += (await ours.read())!.length
  await writing
  expect(taken).toBe(100_000)
})

test('pongs do not pile up for a peer that sends pings and does not read', async () => {
  const [a, b] = duplexPair()
  const channel = new Channel(a, systemClock)
  void channel.read()
  await write(b, Buffer.concat(Array<Buffer>(100_000).fill(encodeMessage({ type: 'ping' }))), 65_536)
  expect(channel.open).toBe(true)
  expect(a.writableLength).toBeLessThan(2 * a.writableHighWaterMark)
  let read = 0
  b.on('data', (chunk: Buffer) => (read += chunk.length))
  await channel.drain()
  await new Promise((resolve) => setImmediate(resolve))
  expect(read).toBeGreaterThan(0)
  // The last ping is answered when the peer reads again.
  const before = read
  await write(b, encodeMessage({ type: 'ping' }))
  while (read === before) await new Promise((resolve) => setImmediate(resolve))
  channel.destroy()
})

test('frames that came with the first one are read after it', async () => {
  const { ours, theirs } = pair()
  for (const type of ['a', 'b', 'c']) theirs.send({ type })
  expect(await ours.readOne()).toEqual({ kind: 'message', message: { type: 'a' } })
  expect(await ours.readOne()).toEqual({ kind: 'message', message: { type: 'b' } })
  expect(await ours.read()).toEqual([{ kind: 'message', message: { type: 'c' } }])
})

import { duplexPair } from 'node:stream'
import { expect, test } from 'vitest'
import { fakeClock, systemClock } from '../lib/clock.ts'
import { Channel } from './channel.ts'

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

test('a reader that takes its time slows the other side down, and is not taken for silence', async () => {
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

test('bytes that are no frames end it', async () => {
  const [a, b] = duplexPair()
  const channel = new Channel(a, systemClock)
  b.write('GET / HTTP/1.1\r\n\r\n')
  expect(await channel.read()).toBeUndefined()
  expect(channel.problem).toMatch(/frame/)
})

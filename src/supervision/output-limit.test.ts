import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import type { Channel } from './channel.ts'
import { Channel as RealChannel } from './channel.ts'
import { encodeZeros } from './frames.ts'
import { FakeSupervisor } from './testing/fake-supervisor.ts'
import { TestServer } from './testing/setup.ts'

const limit = 3_000_000
let server: TestServer
let supervisor: FakeSupervisor
let open: () => Promise<Channel>
beforeEach(async () => {
  server = await TestServer.start(systemClock, limit)
  const expectation = server.rendezvous.expect('c', { assigned: false })
  const connect = await server.way('unix', expectation)
  supervisor = new FakeSupervisor({ container: 'c', connect, script: () => new Promise(() => {}) })
  void supervisor.run()
  expectation.identify({})
  await expectation.reported
  await supervisor.until(({ session }) => session !== undefined)
  open = async () => {
    const channel = new RealChannel(await connect(), systemClock)
    channel.send(supervisor.hello('artifact'))
    await channel.readOne()
    channel.send({ type: 'put', name: 'out' })
    return channel
  }
})
afterEach(async () => {
  supervisor.stop()
  await server.stop()
})

const tooLarge = { kind: 'message', message: { type: 'failed', retryable: false, message: 'the output is larger than 3000000 bytes, the limit that --output-limit sets' } }

test('an artifact of the limit is stored, and one byte more is refused', async () => {
  expect(await supervisor.artifacts.put('out', Buffer.alloc(limit, 'x'))).toMatchObject({ size: limit })
  await expect(supervisor.artifacts.put('out', Buffer.alloc(limit + 1, 'x'))).rejects.toThrow('the output is larger than 3000000 bytes')
})

test.each([limit + 1, Number.MAX_SAFE_INTEGER])('a frame that stands for %d zeros is refused before any is written', async (zeros) => {
  const channel = await open()
  channel.sendRaw(encodeZeros(zeros))
  expect(await channel.readOne()).toEqual(tooLarge)
  channel.destroy()
})

test('zeros and data count together', async () => {
  const channel = await open()
  channel.sendRaw(encodeZeros(limit))
  await channel.sendData(Buffer.from('x'))
  expect(await channel.readOne()).toEqual(tooLarge)
  channel.destroy()
})

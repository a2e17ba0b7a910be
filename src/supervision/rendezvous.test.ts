import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { fail, ok } from '../model/result.ts'
import type { ContainerRecord } from '../runtime/contract.ts'
import { Channel } from './channel.ts'
import type { Frame } from './frames.ts'
import { FakeSupervisor, type FakeSupervisorOptions } from './testing/fake-supervisor.ts'
import { assignment, neverLost, noAbort, TestServer, transports } from './testing/setup.ts'

let server: TestServer
const running: FakeSupervisor[] = []
beforeEach(async () => {
  server = await TestServer.start()
})
afterEach(async () => {
  for (const fake of running.splice(0)) fake.stop()
  await server.stop()
})

const start = (options: FakeSupervisorOptions): FakeSupervisor => {
  const fake = new FakeSupervisor(options)
  running.push(fake)
  void fake.run()
  return fake
}

const collector = () => {
  const records: ContainerRecord[] = []
  return {
    records,
    sink: async (batch: readonly ContainerRecord[]) => {
      records.push(...batch)
      return batch.at(-1)!.seq
    },
    get text() {
      return records.map((record) => (record.kind === 'event' ? '' : Buffer.from(record.data).toString())).join('')
    },
  }
}

describe.each(transports)('over %s', (transport) => {
  test('an assignment runs: records in order, result, acknowledgement', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    const fake = start({
      container: 'c',
      connect: await server.way(transport, expectation),
      script: async (job) => {
        job.event({ event: 'started', pid: 7 })
        for (let i = 0; i < 1000; i++) job.stdout(`line ${i}\n`)
        job.stderr('done\n')
        job.respond('{"ok":1}')
        return { kind: 'exited', status: 3 }
      },
    })
    expectation.identify({})
    const session = await expectation.reported
    const { records, sink } = collector()
    const result = await session.assign(assignment('a', { stdin: 'hi' }), sink, noAbort, neverLost)
    if (!result.ok) throw new Error(result.error.message)
    expect(result.value).toMatchObject({ outcome: { kind: 'exited', status: 3 }, aborted: false, outputs: [], seq: 1003 })
    expect(Buffer.from(result.value.response!).toString()).toBe('{"ok":1}')
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 1002 }, (_, i) => i + 1))
    expect(records[0]).toMatchObject({ kind: 'event', event: { event: 'started', pid: 7 } })
    expect(fake.messages.find(({ type }) => type === 'assign')).toMatchObject({ id: 'a', stdin: 'aGk=', inputs: [], graceMs: 10_000, drainMs: 1_000 })
    await fake.until(({ acked }) => acked === 1002)
    result.value.settled()
    await fake.until(({ acked }) => acked === 1003)
    await session.end(5_000)
    expect(session.connected).toBe(false)
  })

  test('records over a cut channel are neither lost nor repeated', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    const fake = start({
      container: 'c',
      connect: await server.way(transport, expectation),
      script: async (job) => {
        for (let i = 0; i < 50; i++) {
          for (let j = 0; j < 20; j++) job.stdout(`${i}.${j}\n`)
          if (i % 10 === 5) {
            fake.cut()
            await fake.until(({ control }) => control !== undefined)
          }
        }
        return { kind: 'exited', status: 0 }
      },
    })
    expectation.identify({})
    const session = await expectation.reported
    const log = collector()
    const result = await session.assign(assignment('a'), log.sink, noAbort, neverLost)
    expect(result.ok).toBe(true)
    expect(log.text).toBe(Array.from({ length: 1000 }, (_, n) => `${Math.floor(n / 20)}.${n % 20}\n`).join(''))
    expect(fake.ran).toEqual(['a'])
  })

  test('artifacts are stored and read, only those of the step', async () => {
    const input = await server.store.put([Buffer.alloc(3_000_000, 'in')] as never)
    const other = await server.store.put([Buffer.from('secret')] as never)
    if (!input.ok || !other.ok) throw new Error('not stored')
    const expectation = server.rendezvous.expect('c', { assigned: false })
    start({
      container: 'c',
      connect: await server.way(transport, expectation),
      script: async (job) => {
        job.stdout(await job.get(input.value.digest))
        job.stderr(await job.get(other.value.digest).catch((error: Error) => error.message))
        await job.put('out', Buffer.alloc(2_000_000, 'out'))
        return { kind: 'exited', status: 0 }
      },
    })
    expectation.identify({})
    const session = await expectation.reported
    const { records, sink } = collector()
    const inputs = [{ name: 'in', path: '/in', artifact: input.value }]
    const result = await session.assign(assignment('a', { inputs, outputs: [{ name: 'out', path: '/out' }] }), sink, noAbort, neverLost)
    if (!result.ok) throw new Error(result.error.message)
    const data = (kind: string) => Buffer.concat(records.flatMap((record) => (record.kind !== 'event' && record.kind === kind ? [record.data] : [])))
    expect(data('stdout').equals(Buffer.alloc(3_000_000, 'in'))).toBe(true)
    expect(data('stderr').toString()).toBe('not an artifact of this step')
    const [output] = result.value.outputs
    if (output === undefined || 'error' in output) throw new Error('no output')
    expect(await server.store.has(output.artifact.digest)).toBe(2_000_000)
  })
})

test('a restarted server continues an assignment after the last durable record', async () => {
  const proceed = Promise.withResolvers<void>()
  let expectation = server.rendezvous.expect('c', { assigned: false })
  const fake = start({
    container: 'c',
    uid: 'u1',
    connect: await server.way('tcp', expectation),
    script: async (job) => {
      job.stdout('one\n')
      await proceed.promise
      job.stdout('two\n')
      return { kind: 'exited', status: 0 }
    },
  })
  expectation.identify({ uid: 'u1' })
  const first = collector()
  void (await expectation.reported).assign(assignment('a'), first.sink, noAbort, neverLost)
  await fake.until(({ acked }) => acked === 1)

  await server.restart()
  proceed.resolve()
  expectation = server.rendezvous.expect('c', { assigned: true, acked: 1 })
  expectation.identify({ uid: 'u1' })
  const second = collector()
  const result = await (await expectation.reported).assign(assignment('a'), second.sink, noAbort, neverLost)
  expect(result).toMatchObject({ ok: true, value: { outcome: { kind: 'exited', status: 0 } } })
  expect(first.text + second.text).toBe('one\ntwo\n')
  expect(fake.ran).toEqual(['a'])
  expect(fake.messages.filter(({ type }) => type === 'assign')).toHaveLength(1)
})

test('an abort ends a sent assignment with a result and keeps others from starting', async () => {
  const expectation = server.rendezvous.expect('c', { assigned: false })
  const fake = start({
    container: 'c',
    connect: await server.way('unix', expectation),
    script: (job) =>
      new Promise((resolve) => {
        job.stdout('working\n')
        job.signal.addEventListener('abort', () => resolve({ kind: 'signaled', signal: 'TERM', oom: false }))
      }),
  })
  expectation.identify({})
  const session = await expectation.reported
  const early = await session.assign(assignment('never'), collector().sink, AbortSignal.abort(), neverLost)
  expect(early).toMatchObject({ ok: true, value: { outcome: { kind: 'never-started' }, aborted: true } })

  const control = new AbortController()
  const result = session.assign(assignment('a'), collector().sink, control.signal, neverLost)
  await fake.until(({ acked }) => acked === 1)
  control.abort()
  expect(await result).toMatchObject({ ok: true, value: { outcome: { kind: 'signaled', signal: 'TERM' }, aborted: true } })
  expect(fake.ran).toEqual(['a'])
})

describe('who is refused', () => {
  const script = async () => ({ kind: 'exited' as const, status: 0 })

  test('a hello is held until the container is identified', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    const connect = await server.way('tcp', expectation)
    const wrong = start({ container: 'c', uid: 'other', connect, script })
    const right = start({ container: 'c', uid: 'mine', connect, script })
    expectation.identify({ uid: 'mine' })
    await wrong.until(({ refusals }) => refusals.length > 0)
    expect(wrong.refusals[0]).toMatchObject({ final: true, reason: expect.stringContaining('another container') })
    await right.until(({ control }) => control !== undefined)
  })

  test('an unexpected container is refused for now, an unwanted one for good', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    expectation.identify({})
    const connect = await server.way('tcp', expectation)
    const stranger = start({ container: 'x', connect, script })
    await stranger.until(({ refusals }) => refusals.length > 1)
    expect(stranger.refusals[0]).toMatchObject({ final: false })
    await expectation.cancel()
    const late = start({ container: 'c', connect, script })
    await late.until(({ refusals }) => refusals.length === 1)
    expect(late.refusals[0]).toMatchObject({ final: true })
  })

  test('the proof first counts until the first assignment, and not after a restart', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    expectation.identify({})
    const connect = await server.way('tcp', expectation)
    const fake = start({ container: 'c', connect, script })
    const session = await expectation.reported
    await session.assign(assignment('a'), collector().sink, noAbort, neverLost)
    const replay = start({ container: 'c', connect, script })
    await replay.until(({ refusals }) => refusals.length > 0)
    expect(replay.refusals[0]).toMatchObject({ reason: expect.stringContaining('session key is needed') })
    expect(fake.control?.open).toBe(true)
  })

  test('a token is verified once; a wrong or missing one is refused', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    expectation.identify({ verifyToken: async (token) => (token === 'good' ? ok(undefined) : fail('bad signature')) })
    const connect = await server.way('tcp', expectation)
    const wrong = start({ container: 'c', token: 'bad', connect, script })
    await wrong.until(({ refusals }) => refusals.length > 0)
    expect(wrong.refusals[0]).toMatchObject({ reason: 'the token is not good: bad signature' })
    const none = start({ container: 'c', connect, script })
    await none.until(({ refusals }) => refusals.length > 0)
    const right = start({ container: 'c', token: 'good', connect, script })
    const session = await expectation.reported
    expect(right.refusals).toEqual([])
    await session.assign(assignment('a'), collector().sink, noAbort, neverLost)
    const again = start({ container: 'c', token: 'good', connect, script })
    await again.until(({ refusals }) => refusals.length > 0)
  })

  test('a wrong session key and a wrong socket are refused', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: true })
    expectation.identify({})
    const guess = new FakeSupervisor({ container: 'c', connect: await server.way('tcp', expectation), script })
    guess.session = 'A'.repeat(43)
    running.push(guess)
    void guess.run()
    await guess.until(({ refusals }) => refusals.length > 0)
    expect(guess.refusals[0]).toMatchObject({ reason: 'not the session of this container' })
    const neighbour = start({ container: 'd', connect: await server.way('unix', expectation), script })
    await neighbour.until(({ refusals }) => refusals.length > 0)
    expect(neighbour.refusals[0]).toMatchObject({ reason: expect.stringContaining('another container') })
  })
})

test('a container may have sixteen artifact channels; one more is refused until another has closed', async () => {
  const expectation = server.rendezvous.expect('c', { assigned: false })
  const connect = await server.way('tcp', expectation)
  const fake = start({ container: 'c', connect, script: () => Promise.reject(new Error()) })
  expectation.identify({})
  await expectation.reported
  await fake.until(({ session }) => session !== undefined)
  const open = async (): Promise<{ channel: Channel; answer: Frame | undefined }> => {
    const channel = new Channel(await connect(), systemClock)
    channel.send(fake.hello('artifact'))
    return { channel, answer: await channel.readOne() }
  }
  const welcomed = { kind: 'message', message: expect.objectContaining({ type: 'welcome' }) as unknown }
  const channels: Channel[] = []
  for (let n = 0; n < 16; n++) {
    const { channel, answer } = await open()
    expect(answer).toEqual(welcomed)
    channels.push(channel)
  }
  const { answer } = await open()
  expect(answer).toMatchObject({ message: { type: 'refused', reason: 'this container has 16 artifact channels, which is the most it may have', final: false } })
  channels[0]!.destroy()
  await channels[0]!.closed
  // The server hears of the end in its own time.
  let next = await open()
  while (next.answer?.kind === 'message' && next.answer.message.type === 'refused') next = await open()
  expect(next.answer).toEqual(welcomed)
  for (const channel of [...channels, next.channel]) channel.destroy()
})

test('a container that asks for many streams is dialled sixteen times', async () => {
  const expectation = server.rendezvous.expect('c', { assigned: false })
  const fake = start({ container: 'c', connect: await server.way('tcp', expectation), script: () => Promise.reject(new Error()) })
  let asked = 0
  expectation.onWant((channels) => (asked += channels))
  expectation.identify({})
  const session = await expectation.reported
  await fake.until(({ control }) => control !== undefined)
  for (let n = 0; n < 10; n++) fake.control!.send({ type: 'want', channels: 5 })
  // The second one is answered after what was sent before the first.
  await session.keep(1, 10_000)
  await session.keep(1, 10_000)
  expect(asked).toBe(16)
})

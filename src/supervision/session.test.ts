import { duplexPair } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import type { ContainerLost, ContainerRecord } from '../runtime/contract.ts'
import { Channel } from './channel.ts'
import { proofsOf } from './proofs.ts'
import { secureClient } from './testing/dial-home.ts'
import { FakeSupervisor, type FakeSupervisorOptions } from './testing/fake-supervisor.ts'
import { assignment, neverLost, noAbort, TestServer } from './testing/setup.ts'

let server: TestServer
const running: FakeSupervisor[] = []
beforeEach(async () => {
  server = await TestServer.start()
})
afterEach(async () => {
  for (const fake of running.splice(0)) fake.stop()
  await server.stop()
})

async function reportIn(script: FakeSupervisorOptions['script'], options = { assigned: false }) {
  const expectation = server.rendezvous.expect('c', options)
  const fake = new FakeSupervisor({ container: 'c', connect: await server.way('unix', expectation), script })
  running.push(fake)
  // As an earlier server with the same secret gave it.
  if (options.assigned) fake.session = proofsOf(server.secret, 'c', undefined).session
  void fake.run()
  expectation.identify({})
  return { expectation, fake, session: await expectation.reported }
}

const exit0 = async () => ({ kind: 'exited' as const, status: 0 })
const last = async (records: readonly ContainerRecord[]) => records.at(-1)!.seq

test('a session says what the supervisor was built for, which is what its node is', async () => {
  const { session } = await reportIn(exit0)
  expect(session.architecture).toBe('amd64')
})

test('a lost container ends the assignment after its last records', async () => {
  const lost = Promise.withResolvers<ContainerLost>()
  const seen: number[] = []
  const { fake, session } = await reportIn(async (job) => {
    for (let i = 0; i < 100; i++) job.stdout('line\n')
    return await new Promise(() => {})
  })
  const result = session.assign(assignment('a'), async (records) => (seen.push(...records.map(({ seq }) => seq)), await last(records)), noAbort, lost.promise)
  await fake.until(({ acked }) => acked > 0)
  fake.stop()
  lost.resolve({ kind: 'lost', message: 'its node is gone', mayStillRun: true })
  expect(await result).toEqual({ ok: false, error: { kind: 'lost', message: 'its node is gone', mayStillRun: true } })
  expect(seen).toHaveLength(100)
})

test('an assignment whose sink failed can be attached again without a loss', async () => {
  const go = Promise.withResolvers<void>()
  const { fake, session } = await reportIn(async (job) => {
    job.stdout('one\n')
    job.stdout('two\n')
    await go.promise
    job.stdout('three\n')
    return await exit0()
  })
  await expect(session.assign(assignment('a'), () => Promise.reject(new Error('database gone')), noAbort, neverLost)).rejects.toThrow('database gone')
  go.resolve()
  const seen: number[] = []
  const result = await session.assign(assignment('a'), async (records) => (seen.push(...records.map(({ seq }) => seq)), await last(records)), noAbort, neverLost)
  expect(result).toMatchObject({ ok: true, value: { outcome: { kind: 'exited', status: 0 } } })
  expect(seen).toEqual([1, 2, 3])
  expect(fake.ran).toEqual(['a'])
})

test('a request beyond the longest message is an error of the step', async () => {
  const { session, fake } = await reportIn(exit0)
  const result = await session.assign(assignment('a', { stdin: 'x'.repeat(13_000_000) }), last, noAbort, neverLost)
  expect(result).toMatchObject({ ok: true, value: { outcome: { kind: 'error', reason: 'start-failed', message: expect.stringContaining('cannot be sent to its container: the message has') } } })
  expect(fake.ran).toEqual([])
  const next = await session.assign(assignment('b'), last, noAbort, neverLost)
  expect(next).toMatchObject({ ok: true, value: { outcome: { kind: 'exited' } } })
})

test('an abort is sent on the next channel when there is none', async () => {
  const { fake, session } = await reportIn(async (job) => {
    job.stdout('working\n')
    await new Promise<void>((resolve) => {
      job.signal.addEventListener('abort', () => resolve())
    })
    return { kind: 'signaled', signal: 'KILL', oom: false }
  })
  const abort = new AbortController()
  const result = session.assign(assignment('a'), last, abort.signal, neverLost)
  await fake.until(({ acked }) => acked > 0)
  fake.cut()
  await fake.until(({ control }) => control === undefined)
  abort.abort()
  expect(await result).toMatchObject({ ok: true, value: { aborted: true, outcome: { kind: 'signaled' } } })
})

test('the second of two assignments gets no record of the first', async () => {
  const { session, fake } = await reportIn(async (job) => {
    job.stdout(`${String(job.assign['id'])}\n`)
    return await exit0()
  })
  for (const id of ['a', 'b', 'c']) {
    const seen: string[] = []
    const sink = async (records: readonly ContainerRecord[]) => {
      for (const record of records) if (record.kind !== 'event') seen.push(Buffer.from(record.data).toString())
      return await last(records)
    }
    const result = await session.assign(assignment(id), sink, noAbort, neverLost)
    if (result.ok) result.value.settled()
    expect(seen).toEqual([`${id}\n`])
  }
  await fake.until(({ acked }) => acked === 6)
})

test('prefetched artifacts may be read', async () => {
  const stored = await server.store.put([Buffer.from('data')] as never)
  if (!stored.ok) throw new Error(stored.error.message)
  const { session, fake } = await reportIn(async (job) => {
    job.respond((await job.get(stored.value.digest)).toString())
    return await exit0()
  })
  expect(session.mayRead(stored.value.digest)).toBe('no')
  session.prefetch([stored.value])
  await fake.until(({ messages }) => messages.some(({ type }) => type === 'prefetch'))
  expect(fake.messages.at(-1)).toEqual({ type: 'prefetch', artifacts: [stored.value] })
  const result = await session.assign(assignment('a', { stdout: 'response' }), last, noAbort, neverLost)
  expect(result.ok && Buffer.from(result.value.response!).toString()).toBe('data')
})

test('after a restart what may be read is not known before the assignment is', async () => {
  const { session } = await reportIn(exit0, { assigned: true })
  const digest = `sha256:${'0'.repeat(64)}` as const
  expect(session.mayRead(digest)).toBe('not-known-yet')
  await session.assign(assignment('a'), last, noAbort, neverLost)
  expect(session.mayRead(digest)).toBe('no')
})

test('end waits for the channel to close, and no longer than it was told', async () => {
  const clock = fakeClock()
  await server.stop()
  server = await TestServer.start(clock)
  const { session, expectation } = await reportIn(exit0)
  await session.end(1_000_000) // the fake closes at once
  await expectation.cancel()

  const deaf = server.rendezvous.expect('c', { assigned: false })
  deaf.identify({})
  const [ours, theirs] = duplexPair()
  deaf.dialled(ours)
  const supervisor = new FakeSupervisor({ container: 'c', connect: () => Promise.reject(new Error('once')), script: exit0 })
  const secured = await secureClient(theirs, server.key.pin)
  const channel = new Channel(secured, clock)
  channel.send(supervisor.hello('control'))
  const ending = (await deaf.reported).end(5_000)
  let ended = false
  void ending.then(() => (ended = true))
  await clock.advance(4_999)
  expect(ended).toBe(false)
  await clock.advance(1)
  await ending
})

test('a lost tunnel is dialled again with growing pauses', async () => {
  const clock = fakeClock()
  await server.stop()
  server = await TestServer.start(clock)
  const expectation = server.rendezvous.expect('c', { assigned: false })
  expectation.identify({})
  const wanted: number[] = []
  const start = clock.now()
  let answering = true
  const fake = new FakeSupervisor({ container: 'c', connect: () => Promise.reject(new Error('never dials')), script: exit0, clock })
  running.push(fake)
  const dial = (): void => {
    const [ours, theirs] = duplexPair()
    theirs.on('close', () => ours.destroy()) // as a socket's other end would notice
    expectation.dialled(ours)
    if (answering) void secureClient(theirs, server.key.pin).then((stream) => fake.serve(stream))
    else theirs.destroy()
  }
  expectation.onWant((channels) => {
    expect(channels).toBe(1)
    wanted.push(clock.now() - start)
    dial()
  })
  dial()
  const session = await expectation.reported
  await fake.until(({ control }) => control !== undefined)
  expect(wanted).toEqual([])
  answering = false
  fake.cut()
  while (session.connected) await new Promise((resolve) => setImmediate(resolve))
  for (let i = 0; i < 400 && wanted.length < 8; i++) await clock.advance(50)
  const waits = wanted.map((at, i) => at - (wanted[i - 1] ?? 0))
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
  answering = true
  await clock.advance(5_000)
  await fake.until(({ control }) => control !== undefined)
  expect(session.connected).toBe(true)
})

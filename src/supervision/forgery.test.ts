import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakeClock, type FakeClock } from '../lib/clock.ts'
import type { ContainerRecord } from '../runtime/contract.ts'
import { sealBytes } from './sealed-result.ts'
import { FakeSupervisor, type FakeSupervisorOptions } from './testing/fake-supervisor.ts'
import { assignment, neverLost, noAbort, TestServer } from './testing/setup.ts'

/** What a root process of a step can try: write its supervisor's spool, kill its supervisor, and dial the server itself. */

let clock: FakeClock
let server: TestServer
const running: FakeSupervisor[] = []
beforeEach(async () => {
  clock = fakeClock()
  server = await TestServer.start(clock)
})
afterEach(async () => {
  for (const fake of running.splice(0)) fake.stop()
  await server.stop()
})

const sink = async (records: readonly ContainerRecord[]) => records.at(-1)!.seq
const never = new Promise<never>(() => {})
const exited = { kind: 'exited', status: 0 } as const

/** A container whose supervisor has reported in, and a way for others that say they are its supervisor. */
async function container(script: FakeSupervisorOptions['script'] = () => never) {
  const expectation = server.rendezvous.expect('c', { assigned: false })
  const connect = await server.way('unix', expectation)
  const dial = (): FakeSupervisor => {
    const fake = new FakeSupervisor({ container: 'c', connect, script })
    running.push(fake)
    void connect().then((stream) => fake.serve(stream))
    return fake
  }
  const supervisor = dial()
  expectation.identify({})
  return { expectation, supervisor, dial, session: await expectation.reported }
}

/** Lets the server's time pass until something has happened; says how much that took. */
async function passing(happened: () => boolean): Promise<number> {
  let ms = 0
  for (; !happened(); ms += 100) {
    if (ms > 120_000) throw new Error('it did not happen')
    await clock.advance(100)
  }
  return ms
}

const killed = (message: string) => ({ ok: true, value: { outcome: { kind: 'killed', message: expect.stringContaining(message) }, outputs: [] } })

test('a success that a step wrote into the spool does not count', async () => {
  const { session, supervisor } = await container()
  const result = session.assign(assignment('a'), sink, noAbort, neverLost)
  await supervisor.until(({ ran }) => ran.length > 0)
  supervisor.tellResult('a', { outcome: exited, outputs: [] }, Buffer.alloc(sealBytes))
  expect(await result).toMatchObject(killed('cannot be verified'))
})

test('a result cannot name an artifact of the store that its container did not store', async () => {
  const secret = await server.store.put([Buffer.from('of another build')] as never)
  if (!secret.ok) throw new Error('not stored')
  const { session } = await container(async (job) => {
    await job.put('fine', Buffer.from('of this step'))
    job.claim({ name: 'out', ...secret.value })
    return exited
  })
  const result = await session.assign(assignment('a'), sink, noAbort, neverLost)
  expect(result).toMatchObject({ ok: true, value: { outcome: { kind: 'error', reason: 'output-failed' }, outputs: [] } })
})

test('a receipt of one container is refused in another', async () => {
  let receipt: object = {}
  const { session } = await container(async (job) => {
    receipt = await job.put('out', Buffer.from('of this step'))
    return exited
  })
  expect(await session.assign(assignment('a'), sink, noAbort, neverLost)).toMatchObject({ value: { outcome: exited } })
  const expectation = server.rendezvous.expect('d', { assigned: false })
  const connect = await server.way('tcp', expectation)
  const other = new FakeSupervisor({ container: 'd', connect, script: async (job) => (job.claim({ name: 'out', ...receipt }), exited) })
  running.push(other)
  void connect().then((stream) => other.serve(stream))
  expectation.identify({})
  const result = await (await expectation.reported).assign(assignment('b'), sink, noAbort, neverLost)
  expect(result).toMatchObject({ value: { outcome: { kind: 'error', reason: 'output-failed' } } })
})

test('no second control channel is taken while the first answers', async () => {
  const { session, supervisor, dial } = await container()
  void session.assign(assignment('a'), sink, noAbort, neverLost)
  await supervisor.until(({ ran }) => ran.length > 0)
  const withoutKey = dial()
  await withoutKey.until(({ refusals }) => refusals.length > 0)
  expect(withoutKey.refusals[0]).toMatchObject({ final: false, reason: expect.stringContaining('session key is needed') })
  const withKey = dial()
  withKey.session = supervisor.session
  await withKey.until(({ refusals }) => refusals.length > 0)
  expect(withKey.refusals[0]).toMatchObject({ final: false, reason: 'its control channel answers' })
  expect(supervisor.control?.open).toBe(true)
})

test('a supervisor started again before the first assignment is fully trusted', async () => {
  const { session, supervisor, dial } = await container(async () => exited)
  supervisor.stop()
  const again = dial()
  await again.until(({ control }) => control !== undefined)
  expect(again.resumed).toBe(false)
  expect(await session.assign(assignment('a'), sink, noAbort, neverLost)).toMatchObject({ value: { outcome: exited } })
})

test('a supervisor without the key is taken after 8 s and gets no assignment', async () => {
  const { session, supervisor, dial } = await container()
  const result = session.assign(assignment('a'), sink, noAbort, neverLost)
  await supervisor.until(({ ran }) => ran.length > 0)
  supervisor.stop()
  while (session.connected) await new Promise((resolve) => setImmediate(resolve))
  const again = dial()
  expect(await passing(() => again.control !== undefined)).toBeGreaterThanOrEqual(8_000)
  expect(again).toMatchObject({ resumed: true, ran: [] })
  expect(again.session).not.toBe(supervisor.session)
  expect(await result).toMatchObject(killed('knows nothing of the step'))
  expect(await session.assign(assignment('b'), sink, noAbort, neverLost)).toMatchObject(killed('knows nothing of the step'))
  expect(again.messages.filter(({ type }) => type === 'assign')).toEqual([])
})

/** The supervisor is gone, and another one without its key says that it knows assignment `a`. */
async function resumed(state: 'running' | 'finished') {
  const input = await server.store.put([Buffer.from('input')] as never)
  if (!input.ok) throw new Error('not stored')
  const { session, supervisor, dial, expectation } = await container()
  const result = session.assign(assignment('a', { inputs: [{ name: 'in', path: '/in', artifact: input.value }] }), sink, noAbort, neverLost)
  await supervisor.until(({ ran }) => ran.length > 0)
  supervisor.stop()
  while (session.connected) await new Promise((resolve) => setImmediate(resolve))
  const again = dial()
  again.remember('a', state)
  await passing(() => again.control !== undefined)
  return { session, supervisor, dial, again, result, expectation, input: input.value }
}

test('a supervisor without the key can report killed and store outputs', async () => {
  const { again, result } = await resumed('running')
  const stored = await again.artifacts.put('out', Buffer.from('half'))
  again.tellResult('a', { outcome: { kind: 'killed', oom: true, message: 'out of memory' }, outputs: [{ name: 'out', ...stored }] }, Buffer.alloc(sealBytes))
  expect(await result).toMatchObject({ value: { outcome: { kind: 'killed', oom: true }, outputs: [{ name: 'out', artifact: { digest: stored.digest } }] } })
})

test('a supervisor without the key cannot report success', async () => {
  const { again, result } = await resumed('running')
  again.tellResult('a', { outcome: exited, outputs: [] })
  expect(await result).toMatchObject(killed('cannot be verified'))
})

test('a supervisor without the key delivers a result that was sealed before', async () => {
  const { again, supervisor, result } = await resumed('running')
  again.session = supervisor.session // as in the record that its spool still has
  again.tellResult('a', { outcome: exited, outputs: [] })
  expect(await result).toMatchObject({ value: { outcome: exited } })
})

test('a supervisor without the key reads no artifacts', async () => {
  const { again, supervisor, dial, input, session } = await resumed('running')
  await expect(again.artifacts.get(input.digest)).rejects.toThrow('not an artifact of this step')
  const back = dial()
  back.session = supervisor.session
  await back.until(({ control }) => control !== undefined)
  expect(session.resumed).toBe(false)
  expect(await back.artifacts.get(input.digest)).toEqual(Buffer.from('input'))
  await expect(again.artifacts.put('out', Buffer.from('x'))).rejects.toThrow('not the session of this container')
})

test('a step whose result is missing from the spool ends as killed', async () => {
  const { result } = await resumed('finished')
  expect(await result).toMatchObject(killed('was lost'))
})

test('a supervisor whose channel is silent is replaced after 5 s by one with the key', async () => {
  const { supervisor, dial, session } = await container()
  void session.assign(assignment('a'), sink, noAbort, neverLost)
  await supervisor.until(({ ran }) => ran.length > 0)
  supervisor.silence()
  const again = dial()
  again.session = supervisor.session
  expect(await passing(() => again.control !== undefined)).toBeGreaterThanOrEqual(5_000)
  expect(again.resumed).toBe(false)
})

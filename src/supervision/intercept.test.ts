import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import type { ContainerLost, InterceptedProcess } from '../runtime/contract.ts'
import { FakeSupervisor, type FakeSupervisorOptions } from './testing/fake-supervisor.ts'
import { assignment, neverLost, noAbort, TestServer } from './testing/setup.ts'

let server: TestServer
const fakes: FakeSupervisor[] = []
beforeEach(async () => {
  server = await TestServer.start()
})
afterEach(async () => {
  for (const fake of fakes.splice(0)) fake.stop()
  await server.stop()
})

const shell: InterceptedProcess = { path: 'bash', args: ['-l'], env: ['TERM=xterm'], tty: { columns: 80, rows: 24 } }
const text = (data: Uint8Array): string => Buffer.from(data).toString()
const never = new Promise<never>(() => undefined)

/** A container whose main assignment says `main` and goes on until `mainMayEnd` is resolved. */
async function world(session: FakeSupervisorOptions['script'], at = server) {
  const expectation = at.rendezvous.expect('c', { assigned: false })
  const mainMayEnd = Promise.withResolvers<void>()
  const fake = new FakeSupervisor({
    container: 'c',
    connect: await at.way('unix', expectation),
    script: async (job) => {
      if (job.assign['interactive'] === true) return session(job)
      job.stdout('main\n')
      await mainMayEnd.promise
      job.stdout('end of main\n')
      return { kind: 'exited', status: 0 }
    },
  })
  fakes.push(fake)
  void fake.run()
  expectation.identify({})
  const supervisor = await expectation.reported
  const log: string[] = []
  const main = () =>
    supervisor.assign(
      assignment('main'),
      (records) => {
        for (const record of records) if (record.kind !== 'event') log.push(text(record.data))
        return Promise.resolve(records.at(-1)!.seq)
      },
      noAbort,
      neverLost,
    )
  return { expectation, fake, supervisor, log, main, mainMayEnd }
}

test('a session runs beside the main assignment without disturbing it', async () => {
  const { fake, supervisor, log, main, mainMayEnd } = await world(async (job): Promise<{ kind: 'exited'; status: number }> => {
    await fake.until(() => job.input.toString().endsWith('exit\n'))
    job.stdout(`you typed ${job.input.toString()}`)
    job.event({ event: 'notice', text: 'no terminal' })
    return { kind: 'exited', status: 5 }
  })
  const running = main()
  const output: string[] = []
  const session = supervisor.intercept(shell, { onOutput: (data, stream) => void output.push(`${stream}: ${text(data)}`), signal: noAbort }, neverLost)
  session.resize(120, 40)
  await session.write(Buffer.from('ls\n'))
  await session.write(Buffer.from('exit\n'), true)
  expect(await session.result).toEqual({ ok: true, value: { kind: 'exited', status: 5 } })
  expect(output).toEqual(['stdout: you typed ls\nexit\n', 'stderr: no terminal\r\n'])
  const sent = fake.messages.find((message) => message['interactive'] === true)
  expect(sent).toMatchObject({ inherit: true, process: { ...shell, dir: '', user: '' } })
  expect(fake.messages).toContainEqual({ type: 'resize', id: sent?.['id'], columns: 120, rows: 40 })
  expect(fake.messages.some(({ type }) => type === 'abort')).toBe(false)
  mainMayEnd.resolve()
  expect(await running).toMatchObject({ ok: true, value: { outcome: { status: 0 } } })
  expect(log.join('')).toBe('main\nend of main\n')
})

test('an abort hangs the session up; the outcome is that of the process', async () => {
  const { supervisor } = await world(async (job) => {
    await new Promise((resolve) => job.signal.addEventListener('abort', resolve))
    return { kind: 'signaled', signal: 'HUP', oom: false }
  })
  const hangUp = new AbortController()
  const session = supervisor.intercept(shell, { onOutput: () => undefined, signal: hangUp.signal }, neverLost)
  hangUp.abort()
  expect(await session.result).toMatchObject({ ok: true, value: { kind: 'signaled', signal: 'HUP' } })
})

test('sessions end with their container', async () => {
  const lost = Promise.withResolvers<ContainerLost>()
  const { supervisor } = await world(() => never)
  const session = supervisor.intercept(shell, { onOutput: () => undefined, signal: noAbort }, lost.promise)
  lost.resolve({ kind: 'lost', message: 'removed from outside', mayStillRun: false })
  expect(await session.result).toEqual({ ok: false, error: { kind: 'lost', message: 'removed from outside', mayStillRun: false } })
})

test('a session whose output is not read for ten seconds is hung up', async () => {
  const clock = fakeClock()
  const slow = await TestServer.start(clock)
  try {
    const { fake, supervisor, log, main, mainMayEnd } = await world(async (job) => {
      job.stdout('never taken')
      await new Promise((resolve) => job.signal.addEventListener('abort', resolve))
      job.stdout('nor this')
      return { kind: 'signaled', signal: 'HUP', oom: false }
    }, slow)
    const asked = Promise.withResolvers<void>()
    const session = supervisor.intercept(
      shell,
      {
        onOutput: () => {
          asked.resolve()
          return never
        },
        signal: noAbort,
      },
      neverLost,
    )
    await asked.promise
    const running = main()
    await fake.until(() => fake.ran.includes('main'))
    mainMayEnd.resolve()
    await clock.advance(10_000)
    expect(await session.result).toMatchObject({ ok: false, error: { message: 'its output was not taken for 10 s' } })
    expect(await running).toMatchObject({ ok: true })
    expect(log.join('')).toBe('main\nend of main\n')
  } finally {
    for (const fake of fakes.splice(0)) fake.stop()
    await slow.stop()
  }
})

test('sessions of the server before are hung up, and the step’s records wait for whoever takes them', async () => {
  const before = await world(() => never)
  void before.main()
  void before.supervisor.intercept(shell, { onOutput: () => undefined, signal: noAbort }, neverLost)
  await before.fake.until(() => before.fake.ran.length === 2)
  const { fake } = before
  const id = fake.ran.find((name) => name.startsWith('intercept-'))
  await server.restart()
  const expectation = server.rendezvous.expect('c', { assigned: true, acked: 0 })
  await expectation.listenUnix(`${server.dir}/home`)
  expectation.identify({})
  const supervisor = await expectation.reported
  await fake.until(() => fake.messages.some((message) => message.type === 'abort' && message['id'] === id))
  // Someone enters before the engine has come to take its step.
  const session = supervisor.intercept(shell, { onOutput: () => undefined, signal: noAbort }, neverLost)
  await fake.until(() => fake.ran.length === 3)
  const log: string[] = []
  const running = supervisor.assign(
    assignment('main'),
    (records) => {
      for (const record of records) if (record.kind !== 'event') log.push(text(record.data))
      return Promise.resolve(records.at(-1)!.seq)
    },
    noAbort,
    neverLost,
  )
  before.mainMayEnd.resolve()
  expect(await running).toMatchObject({ ok: true })
  expect(log.join('')).toBe('main\nend of main\n')
  void session.result
})

test('what a step that is over left undelivered does not hold its sessions back', async () => {
  const before = await world(async (job) => {
    job.stdout('entered')
    return { kind: 'exited', status: 0 }
  })
  before.mainMayEnd.resolve()
  // Its result is never settled, as by a server that was killed before.
  await before.main()
  await server.restart()
  const expectation = server.rendezvous.expect('c', { assigned: true, over: true })
  await expectation.listenUnix(`${server.dir}/home`)
  expectation.identify({})
  const output: string[] = []
  const session = (await expectation.reported).intercept(shell, { onOutput: (data) => void output.push(text(data)), signal: noAbort }, neverLost)
  expect(await session.result).toMatchObject({ ok: true, value: { status: 0 } })
  expect(output).toEqual(['entered'])
})

test('keep is sent on each new channel until its time is over', async () => {
  const { fake, supervisor } = await world(() => never)
  await supervisor.keep(600, 60_000)
  expect(fake.messages).toContainEqual({ type: 'keep', seconds: 600 })
  const said = () => fake.messages.filter(({ type }) => type === 'keep').length
  fake.cut()
  await fake.until(() => said() === 2)
})

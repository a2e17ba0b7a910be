import { afterEach, beforeEach, expect, test } from 'vitest'
import { intercept } from './intercept.ts'
import { FakeSupervisor } from './testing/fake-supervisor.ts'
import { assignment, neverLost, noAbort, TestServer } from './testing/setup.ts'

let server: TestServer
beforeEach(async () => {
  server = await TestServer.start()
})
afterEach(() => server.stop())

test('a person types beside the main assignment, and neither disturbs the other', async () => {
  const expectation = server.rendezvous.expect('c', { assigned: false })
  const mainMayEnd = Promise.withResolvers<void>()
  const fake: FakeSupervisor = new FakeSupervisor({
    container: 'c',
    connect: await server.way('unix', expectation),
    script: async (job) => {
      if (job.assign['interactive'] !== true) {
        job.stdout('main\n')
        await mainMayEnd.promise
        return { kind: 'exited', status: 0 }
      }
      await fake.until(() => job.input.toString().endsWith('exit\n'))
      job.stdout(`you typed ${job.input.toString()}`)
      return { kind: 'exited', status: 5 }
    },
  })
  void fake.run()
  expectation.identify({})
  const session = await expectation.reported
  const log: string[] = []
  const main = session.assign(
    assignment('main'),
    async (records) => {
      for (const record of records) if (record.kind !== 'event') log.push(Buffer.from(record.data).toString())
      return records.at(-1)!.seq
    },
    noAbort,
    neverLost,
  )
  const output: string[] = []
  const shell = intercept(session, assignment('shell'), {
    onOutput: (data, stream) => void output.push(`${stream}: ${Buffer.from(data).toString()}`),
    signal: noAbort,
    lost: neverLost,
  })
  shell.resize(120, 40)
  await shell.write(Buffer.from('ls\n'))
  await shell.write(Buffer.from('exit\n'), true)
  expect(await shell.result).toMatchObject({ ok: true, value: { outcome: { kind: 'exited', status: 5 } } })
  expect(output).toEqual(['stdout: you typed ls\nexit\n'])
  expect(fake.messages).toContainEqual({ type: 'resize', id: 'shell', columns: 120, rows: 40 })
  expect(fake.messages.at(-1)).not.toMatchObject({ type: 'abort' })
  mainMayEnd.resolve()
  expect(await main).toMatchObject({ ok: true, value: { outcome: { status: 0 } } })
  expect(log).toEqual(['main\n'])
  fake.stop()
})

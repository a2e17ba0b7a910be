import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Assignment, AssignmentResult } from '../runtime/contract.ts'
import { defaultOutputLimit } from '../model/container.ts'
import { maxMessageBytes } from './frames.ts'
import { assignMessage } from './messages.ts'
import type { Session } from './session.ts'
import { RealSupervisor, supervisorBinary } from './testing/real-supervisor.ts'
import { recordLog } from './testing/record-log.ts'
import { assignment, neverLost, noAbort, TestServer } from './testing/setup.ts'

// Each limit of PROTOCOL.md at its edge, between the Go supervisor and the server: at it all goes well, one above is an error that says so.

const MiB = 1024 * 1024

describe.skipIf(supervisorBinary() === undefined)('the Go supervisor and the server', () => {
  let server: TestServer
  let supervisor: RealSupervisor
  let session: Session
  let dir: string
  let log: ReturnType<typeof recordLog>
  beforeEach(async () => {
    server = await TestServer.start()
    dir = await mkdtemp(join(tmpdir(), 'airside-limits-'))
    log = recordLog()
    const expectation = server.rendezvous.expect('c', { assigned: false })
    supervisor = new RealSupervisor({ AIRSIDE_CONTAINER: 'c', AIRSIDE_HOME: server.rendezvous.homeAddress!, AIRSIDE_SERVER_KEY: server.key.pin })
    supervisor.start()
    expectation.identify({})
    session = await expectation.reported
  })
  afterEach(async () => {
    await supervisor.remove()
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  })

  const shell = (script: string, more: Partial<Assignment> = {}, id = 'a'): Assignment =>
    assignment(id, { process: { path: '/bin/sh', args: ['-c', script], env: [], dir, user: '' }, ...more })
  const run = async (work: Assignment): Promise<AssignmentResult> => {
    const result = await session.assign(work, log.sink, noAbort, neverLost)
    if (!result.ok) throw new Error(result.error.message)
    return result.value
  }
  const problem = ({ outcome }: AssignmentResult): string => (outcome.kind === 'error' ? outcome.message : JSON.stringify(outcome))

  describe('a response', () => {
    const zeros = (bytes: number, responseLimit?: number): Assignment =>
      shell(`head -c ${bytes} /dev/zero`, { stdout: 'response', ...(responseLimit !== undefined && { responseLimit }) })

    test.each([
      ['562 kB, more than is read ahead', 562_000, undefined],
      ['the 4 MiB that are allowed when nothing is said', 4 * MiB, undefined],
      ['the 1000 bytes that are allowed', 1000, 1000],
      ['the 8 MiB that may be allowed at most', 8 * MiB, 8 * MiB],
    ])('of %s is read whole', async (_name, bytes, limit) => {
      const result = await run(zeros(bytes, limit))
      expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
      expect(Buffer.from(result.response!).equals(Buffer.alloc(bytes))).toBe(true)
    })

    test.each([
      ['4 MiB, when nothing is said', 4 * MiB, undefined],
      ['what is allowed', 1000, 1000],
      ['8 MiB, whatever is allowed', 8 * MiB, 9 * MiB],
    ])('of one byte more than %s is an error', async (_name, bytes, limit) => {
      const result = await run(zeros(bytes + 1, limit))
      expect(result).toMatchObject({ outcome: { kind: 'error', reason: 'response-too-large' } })
      expect(problem(result)).toBe(`the process wrote at least ${bytes + 1} bytes to its stdout; a response may have ${bytes}`)
      expect(result.response).toBeUndefined()
    })
  })

  test('a check may answer with 12 000 versions', async () => {
    const versions = `[${Array.from({ length: 12_000 }, (_, i) => `{"ref":"${String(i).padStart(40, '0')}"}`).join(',')}]`
    const result = await run(shell('cat', { stdout: 'response', stdin: versions }))
    expect(Buffer.from(result.response!).toString()).toBe(versions)
  })

  test('an assign message may have 16 MiB, and one byte more is an error', async () => {
    const work = (filler: number): Assignment => shell('wc -c', { stdin: ' '.repeat(12_000_000), process: { path: 'wc', args: ['-c'], env: [`A=${'x'.repeat(1000)}`], dir, user: 'x'.repeat(filler) } })
    const fixed = 1 + JSON.stringify(assignMessage(work(0), false, defaultOutputLimit)).length
    const fits = await run({ ...work(maxMessageBytes - fixed), id: 'a' })
    // It was read whole: the user is what is wrong.
    expect(problem(fits)).toMatch(/^user "x+/)
    const tooLong = await run({ ...work(maxMessageBytes - fixed + 1), id: 'b' })
    expect(problem(tooLong)).toBe(`the step's request cannot be sent to its container: the message has ${maxMessageBytes + 1} bytes, at most ${maxMessageBytes} are allowed`)
  })

  test('stdin of megabytes reaches the process whole', async () => {
    await run(shell('wc -c', { stdin: ' '.repeat(11 * MiB) }))
    expect(log.text.trim()).toBe(String(11 * MiB))
  })

  test('an assignment id may have 512 bytes, and one more or none is an error', async () => {
    expect((await run(shell('true', {}, 'i'.repeat(512)))).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(problem(await run(shell('true', {}, 'i'.repeat(513))))).toMatch(/its id has 513 bytes, 1 to 512 are allowed$/)
    expect(problem(await run(shell('true', {}, '')))).toMatch(/its id has 0 bytes/)
  })

  test('an output name may have 1024 bytes, and one more is an error', async () => {
    const named = (name: string): Assignment => shell('echo x >out/x', { outputs: [{ name, path: join(dir, 'out') }] })
    const name = 'ä'.repeat(512)
    const stored = await run(named(name))
    expect(stored.outputs).toEqual([{ name, artifact: expect.anything() as unknown }])
    expect(problem(await run(named(`${name}x`)))).toMatch(/has 1025 bytes, at most 1024 are allowed$/)
  })

  test('an assignment may have 4096 outputs and caches, and one more is an error', async () => {
    const caches = (count: number): Pick<Assignment, 'caches'> => ({ caches: Array.from({ length: count }, (_, i) => ({ name: `c${i}`, path: join(dir, `c${i}`) })) })
    const outputs = [{ name: 'out', path: join(dir, 'out') }]
    expect(problem(await run(shell('true', { outputs, ...caches(4096) })))).toMatch(/has 4097 outputs and caches, at most 4096 are allowed$/)
    const taken = shell('true', { outputs, ...caches(4095) }, 'b')
    expect(problem(await run({ ...taken, process: { ...taken.process, user: 'nobody-of-this-name' } }))).toMatch(/^user "nobody-of-this-name" is not/)
  })

  test('output comes in pieces of at most 64 KiB', async () => {
    await run(shell('head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2'))
    expect(log.longest).toBeLessThanOrEqual(64 * 1024)
  })

  test('a text of more than 64 KiB is shortened', async () => {
    const path = `/${'p'.repeat(300_000)}`
    const result = await run(assignment('a', { process: { path, args: [], env: [], dir, user: '' } }))
    expect(result).toMatchObject({ outcome: { kind: 'error' } })
    expect(problem(result)).toMatch(/p… \(\d+ bytes more\)$/)
    expect(problem(result).length).toBeGreaterThan(60_000)
  })

  test('a supervisor that has run 100 assignments with the longest ids says hello to the next server', async () => {
    const id = (n: number): string => String(n).padStart(512, 'i')
    for (let n = 0; n < 100; n++) await run(shell('true', {}, id(n)))
    await server.restart()
    const expectation = server.rendezvous.expect('c', { assigned: true, acked: log.acked })
    expectation.identify({})
    session = await expectation.reported
    expect((await run(shell('echo again', {}, 'last'))).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(log.text).toBe('again\n')
  })
})

import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { putDirectory } from '../artifacts/pack.ts'
import { systemClock } from '../lib/clock.ts'
import type { AssignmentResult } from '../runtime/contract.ts'
import type { ContainerExpectation } from './expectation.ts'
import { newPrivateKey, serverKey } from './server-key.ts'
import type { Session } from './session.ts'
import { jumpingClock } from './testing/jumping-clock.ts'
import { Proxy } from './testing/proxy.ts'
import { RealSupervisor, supervisorBinary } from './testing/real-supervisor.ts'
import { recordLog } from './testing/record-log.ts'
import { assignment, neverLost, noAbort, TestServer } from './testing/setup.ts'

const lines = 50_000
const expectedLog = createHash('sha256')
for (let i = 1; i <= lines; i++) expectedLog.update(`line ${i}\n`)
const expectedHash = expectedLog.digest('hex')

const shell = (script: string, more: Parameters<typeof assignment>[1] = {}, id = 'a') =>
  assignment(id, { process: { path: '/bin/sh', args: ['-c', script], env: ['GREETING=hello'], dir: '/tmp', user: '' }, ...more })

/** A port that nobody listens on just now. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

const built = supervisorBinary() !== undefined
const value = (result: Awaited<ReturnType<Session['assign']>>): AssignmentResult => {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

describe.skipIf(!built)('the Go supervisor (built by scripts/build-supervisor.mjs)', () => {
  let server: TestServer
  let supervisor: RealSupervisor | undefined
  let dir: string
  beforeEach(async () => {
    server = await TestServer.start()
    dir = await mkdtemp(join(tmpdir(), 'airside-step-'))
  })
  afterEach(async () => {
    await supervisor?.remove()
    supervisor = undefined
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  })

  const start = (home: string, more: Record<string, string> = {}): RealSupervisor => {
    supervisor = new RealSupervisor({ AIRSIDE_CONTAINER: 'c', AIRSIDE_HOME: home, AIRSIDE_SERVER_KEY: server.key.pin, ...more })
    supervisor.start()
    return supervisor
  }

  /** Dials as a port-forward would; gives the streams that are open. */
  const startTunnel = async (expectation: ContainerExpectation): Promise<Set<Socket>> => {
    const port = await freePort()
    supervisor = new RealSupervisor({ AIRSIDE_CONTAINER: 'c', AIRSIDE_LISTEN: `127.0.0.1:${port}`, AIRSIDE_SERVER_KEY: server.key.pin })
    supervisor.start()
    const open = new Set<Socket>()
    const dial = (): void => {
      const socket = connect(port, '127.0.0.1')
      open.add(socket)
      socket.on('error', () => {}).on('close', () => open.delete(socket))
      expectation.dialled(socket)
    }
    expectation.onWant((channels) => {
      for (let i = 0; i < channels; i++) dial()
    })
    dial()
    return open
  }

  test.each(['unix', 'tcp', 'tunnel'] as const)('runs an assignment over %s, artifacts in and out, and ends', async (transport) => {
    const input = join(dir, 'input')
    await mkdir(input)
    await writeFile(join(input, 'file'), 'content')
    const stored = await putDirectory(server.store, input)
    if (!stored.ok) throw new Error(stored.error.message)
    const expectation = server.rendezvous.expect('c', { assigned: false })
    if (transport === 'unix') {
      await expectation.listenUnix(join(dir, 'home'))
      start(`unix://${join(dir, 'home', 'socket')}`)
    } else if (transport === 'tcp') {
      start(server.rendezvous.homeAddress!)
    } else {
      await startTunnel(expectation)
    }
    expectation.identify({})
    const session = await expectation.reported
    const log = recordLog()
    const result = value(
      await session.assign(
        assignment('a', {
          process: { path: '/bin/sh', args: ['-c', 'echo $GREETING; cat; cat in/file; cp -p in/file out/; echo problem >&2; exit 3'], env: ['GREETING=hello'], dir, user: '' },
          stdin: 'from stdin\n',
          inputs: [{ name: 'in', path: join(dir, 'in'), artifact: stored.value }],
          outputs: [{ name: 'out', path: join(dir, 'out') }],
        }),
        log.sink,
        noAbort,
        neverLost,
      ),
    )
    expect(result.outcome).toEqual({ kind: 'exited', status: 3 })
    // Two pipes: each is in order, and nothing is said about one against the other.
    expect(log.text.replace('problem\n', '')).toBe('hello\nfrom stdin\ncontent')
    expect(log.text).toContain('problem\n')
    expect(log.events).toEqual(expect.arrayContaining(['started', 'fetched', 'stored']))
    const [output] = result.outputs
    if (output === undefined || 'error' in output) throw new Error(JSON.stringify(output))
    // The supervisor packs as we do.
    const again = await putDirectory(server.store, join(dir, 'out'))
    expect(again).toEqual({ ok: true, value: output.artifact })
    result.settled()
    await session.end(10_000)
    expect(await supervisor!.exited()).toBe(0)
  })

  test('a sparse output of 300 MiB stays sparse on the server and as an input', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    start(server.rendezvous.homeAddress!)
    expectation.identify({})
    const session = await expectation.reported
    const outputs = [{ name: 'out', path: join(dir, 'out') }]
    const made = value(
      await session.assign(shell(`cd ${dir}/out; truncate -s 300M disk; echo x | dd of=disk bs=1M seek=150 conv=notrunc 2>/dev/null`, { outputs }), recordLog().sink, noAbort, neverLost),
    )
    const [output] = made.outputs
    if (output === undefined || 'error' in output) throw new Error(JSON.stringify(made))
    expect(output.artifact.size).toBeGreaterThan(300 * 1024 ** 2)
    const hex = output.artifact.digest.slice('sha256:'.length)
    const { blocks } = await stat(join(server.dir, 'store', 'objects', hex.slice(0, 2), hex))
    expect(blocks * 512).toBeLessThan(4 * 1024 * 1024)
    const log = recordLog()
    const inputs = [{ name: 'in', path: join(dir, 'in'), artifact: output.artifact }]
    value(await session.assign(shell(`stat -c %s ${dir}/in/disk; test $(stat -c %b ${dir}/in/disk) -lt 8192 && echo sparse; dd if=${dir}/in/disk bs=1M skip=150 count=1 2>/dev/null | head -c 2`, { inputs }, 'b'), log.sink, noAbort, neverLost))
    expect(log.text).toBe(`${300 * 1024 ** 2}\nsparse\nx\n`)
  })

  test('an output beyond the limit is an error that names the output, the file and the limit', async () => {
    await server.stop()
    server = await TestServer.start(systemClock, 2_000_000)
    const expectation = server.rendezvous.expect('c', { assigned: false })
    start(server.rendezvous.homeAddress!)
    expectation.identify({})
    const session = await expectation.reported
    const outputs = [{ name: 'out', path: join(dir, 'out') }]
    const run = async (size: string, id: string) => value(await session.assign(shell(`truncate -s ${size} ${dir}/out/disk`, { outputs }, id), recordLog().sink, noAbort, neverLost))
    expect((await run('10T', 'a')).outcome).toMatchObject({
      kind: 'error',
      reason: 'output-failed',
      message: expect.stringMatching(/^output out: .*disk: the output is larger than the limit of 2000000 bytes, which --output-limit sets: this file has 10995116277760 bytes/),
    })
    expect((await run('1900000', 'b')).outcome).toEqual({ kind: 'exited', status: 0 })
  })

  test('50 000 lines arrive once and in order through stalls, resets and cuts', async () => {
    const clock = jumpingClock()
    await server.stop()
    server = await TestServer.start(clock)
    const proxy = await Proxy.start(() => Number(new URL(server.rendezvous.homeAddress!.replace('tcp:', 'http:')).port))
    const plan = (['cut', 'reset', 'hold', 'reset', 'cut'] as const).map((mischief, i) => ({ mischief, afterBytes: 90_000 + 7_919 * i }))
    proxy.plan(...plan)
    // What is held back looks like silence, which the server is not made to wait for.
    proxy.onMischief = (mischief) => {
      if (mischief === 'hold') clock.jump(60_000)
    }
    const expectation = server.rendezvous.expect('c', { assigned: false })
    start(proxy.address)
    expectation.identify({})
    const log = recordLog()
    const session = await expectation.reported
    const running = session.assign(shell(`i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i"; done`), log.sink, noAbort, neverLost)
    expect(value(await running).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(proxy.done).toEqual(plan.map(({ mischief }) => mischief))
    expect(log.seqs).toEqual(log.seqs.map((_, i) => i + 1))
    expect(log.hash()).toBe(expectedHash)
    proxy.stop()
  })

  test('a tunnel that is cut three times is dialled again and loses no line', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    const streams = await startTunnel(expectation)
    expectation.identify({})
    const log = recordLog()
    const session = await expectation.reported
    const running = session.assign(shell(`i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i"; done`), log.sink, noAbort, neverLost)
    for (let cut = 1; cut <= 3; cut++) {
      const before = log.acked
      await log.until(() => log.acked > before)
      for (const stream of streams) stream.resetAndDestroy()
    }
    expect(value(await running).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(log.seqs).toEqual(log.seqs.map((_, i) => i + 1))
    expect(log.hash()).toBe(expectedHash)
  })

  test('a step runs once with a complete log when its server is killed three times', async () => {
    const counter = join(dir, 'ran')
    const log = recordLog()
    const work = shell(`echo once >> ${counter}; i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i"; done`)
    let expectation = server.rendezvous.expect('c', { assigned: false })
    start(server.rendezvous.homeAddress!, { AIRSIDE_UID: 'uid-1' })
    expectation.identify({ uid: 'uid-1' })
    for (let kill = 1; kill <= 3; kill++) {
      void (await expectation.reported).assign(work, log.sink, noAbort, neverLost)
      const before = log.acked
      await log.until(() => log.acked > before)
      await server.restart()
      expectation = server.rendezvous.expect('c', { assigned: true, acked: log.acked })
      expectation.identify({ uid: 'uid-1' })
    }
    const result = value(await (await expectation.reported).assign(work, log.sink, noAbort, neverLost))
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
    expect(log.seqs).toEqual(log.seqs.map((_, i) => i + 1))
    expect(log.hash()).toBe(expectedHash)
    expect(await readFile(counter, 'utf8')).toBe('once\n')
  })

  test('a killed supervisor delivers its records and the result killed', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    const first = start(server.rendezvous.homeAddress!)
    expectation.identify({})
    const session = await expectation.reported
    const log = recordLog()
    const running = session.assign(shell('echo before; exec sleep 1000'), log.sink, noAbort, neverLost)
    await log.until(() => log.text.includes('before\n'))
    await first.kill()
    first.start()
    const result = value(await running)
    expect(result.outcome.kind).toBe('killed')
    expect(log.text).toBe('before\n')
  })

  test('an abort ends the step; an interactive session runs beside it', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    start(server.rendezvous.homeAddress!)
    expectation.identify({})
    const session = await expectation.reported
    const log = recordLog()
    const abort = new AbortController()
    const running = session.assign(shell('trap "echo got TERM; exit 9" TERM; echo ready; while :; do sleep 0.05; done'), log.sink, abort.signal, neverLost)
    await log.until(() => log.text.includes('ready'))
    let typed = ''
    const person = session.intercept(
      { path: 'sh', args: ['-c', 'read line; echo "$GREETING, you typed $line in $PWD"; exit 4'], env: [] },
      { onOutput: (data) => void (typed += Buffer.from(data).toString()), signal: noAbort },
      neverLost,
    )
    await person.write(Buffer.from('hi there\n'))
    expect(await person.result).toEqual({ ok: true, value: { kind: 'exited', status: 4 } })
    expect(typed).toBe('hello, you typed hi there in /tmp\n')
    abort.abort()
    const result = value(await running)
    expect(result).toMatchObject({ aborted: true, outcome: { kind: 'exited', status: 9 } })
    expect(log.text).toContain('got TERM\n')
  })

  test('a response comes in the result, not in the log', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    start(server.rendezvous.homeAddress!)
    expectation.identify({})
    const session = await expectation.reported
    const log = recordLog()
    const work = shell('echo progress >&2; printf "[1,2]"', { stdout: 'response', stdin: '{}' })
    const result = value(await session.assign(work, log.sink, noAbort, neverLost))
    expect(Buffer.from(result.response!).toString()).toBe('[1,2]')
    expect(log.text).toBe('progress\n')
  })

  test('the supervisor refuses a server with another key', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    expectation.identify({})
    let reported = false
    void expectation.reported.then(() => (reported = true))
    const attempts = await Proxy.start(() => Number(new URL(server.rendezvous.homeAddress!.replace('tcp:', 'http:')).port))
    start(attempts.address, { AIRSIDE_SERVER_KEY: serverKey(newPrivateKey()).pin })
    await attempts.connections(3)
    expect(reported).toBe(false)
    attempts.stop()
  })

  test('the supervisor of an unwanted container exits', async () => {
    const expectation = server.rendezvous.expect('c', { assigned: false })
    await expectation.cancel()
    const process_ = start(server.rendezvous.homeAddress!)
    expect(await process_.exited()).toBeTypeOf('number')
  })
})

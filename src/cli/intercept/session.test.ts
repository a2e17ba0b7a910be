import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { InterceptGateway } from '../../intercept/gateway.ts'
import { fail, ok } from '../../model/result.ts'
import type { InterceptedProcess, ProcessOutcome } from '../../runtime/contract.ts'
import { FakeInterception } from '../../runtime/fake/interception.ts'
import { runSession, type Terminal } from './session.ts'

type Signal = Parameters<Parameters<Terminal['onSignal']>[0]>[0]

function world(tty: boolean, outcome?: ProcessOutcome) {
  const entered: InterceptedProcess[] = []
  const sessions: FakeInterception[] = []
  const gateway = {
    enter(_handle: string, process: InterceptedProcess, options: ConstructorParameters<typeof FakeInterception>[1]) {
      entered.push(process)
      const session = new FakeInterception(process, options)
      sessions.push(session)
      if (outcome === undefined) return Promise.resolve(ok(session))
      return Promise.resolve(ok({ write: () => Promise.resolve(), resize: () => undefined, result: Promise.resolve(ok(outcome)) }))
    },
  } as unknown as InterceptGateway
  const raw: boolean[] = []
  const stdin = Object.assign(new PassThrough(), { isTTY: tty })
  const stdout = Object.assign(new PassThrough(), { isTTY: tty, columns: 100, rows: 40 })
  const stderr = new PassThrough()
  let signal: (name: Signal) => void = () => undefined
  const terminal: Terminal = {
    stdin, stdout, stderr, env: { TERM: 'vt100' },
    setRaw: (on) => void raw.push(on),
    onSignal(callback) {
      signal = callback
      return () => (signal = () => undefined)
    },
  }
  const shown = () => {
    stdout.end()
    return text(stdout)
  }
  return { gateway, entered, sessions, raw, stdin, stdout, terminal, shown, signal: (name: Signal) => signal(name) }
}

test('at a terminal: raw while it lasts, its size then and when it changes, a shell by default', async () => {
  const at = world(true)
  const running = runSession(at.gateway, 'h', [], at.terminal)
  at.stdin.write('size\n')
  await new Promise((resolve) => setImmediate(resolve))
  at.stdout.columns = 132
  at.stdout.emit('resize')
  at.stdin.write('size\nexit 3\n')
  expect(await running).toBe(3)
  expect(at.entered).toEqual([{ path: 'sh', args: ['-c', expect.stringContaining('exec bash')], env: ['TERM=vt100'], tty: { columns: 100, rows: 40 } }])
  expect(at.raw).toEqual([true, false])
  expect(await at.shown()).toMatch(/100x40\n132x40\n$/)
})

test('with pipes: no terminal there either, stdin to its end', async () => {
  const at = world(false)
  const running = runSession(at.gateway, 'h', ['cat', '-n'], at.terminal)
  at.stdin.end('one\ntwo\n')
  expect(await running).toBe(0)
  expect(at.entered).toEqual([{ path: 'cat', args: ['-n'], env: [] }])
  expect(at.raw).toEqual([])
  expect(await at.shown()).toBe('cat -n\none\ntwo\n')
})

test.each<[Signal, number]>([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]])('%s hangs up and gives %i', async (name, status) => {
  const at = world(false)
  const running = runSession(at.gateway, 'h', ['sleep', '1000'], at.terminal)
  await new Promise((resolve) => setImmediate(resolve))
  at.signal(name)
  expect(await running).toBe(status)
})

test('whoever reads its output leaves: it hangs up', async () => {
  const at = world(false)
  const running = runSession(at.gateway, 'h', ['yes'], at.terminal)
  await new Promise((resolve) => setImmediate(resolve))
  at.stdout.destroy(new Error('EPIPE'))
  expect(await running).toBe(129)
})

test.each<[ProcessOutcome, number]>([
  [{ kind: 'exited', status: 7 }, 7],
  [{ kind: 'signaled', signal: 'KILL', oom: false }, 137],
])('%j is exit status %i', async (outcome, status) => {
  const at = world(false, outcome)
  expect(await runSession(at.gateway, 'h', ['x'], at.terminal)).toBe(status)
})

const missing: ProcessOutcome = { kind: 'error', reason: 'executable-not-found', message: 'sh: not found in PATH' }

test('an image without a shell says what to do; a command that is not there is named', async () => {
  const at = world(true, missing)
  await expect(runSession(at.gateway, 'h', [], at.terminal)).rejects.toMatchObject({ status: 255, message: expect.stringMatching(/no shell.* -- /) as string })
  await expect(runSession(at.gateway, 'h', ['sh'], at.terminal)).rejects.toMatchObject({ status: 255, message: 'sh: not found in PATH' })
  expect(at.raw).toEqual([true, false, true, false])
})

test('a container that goes away, and one that cannot be entered, are sentences', async () => {
  const at = world(true)
  const running = runSession(at.gateway, 'h', [], at.terminal)
  await new Promise((resolve) => setImmediate(resolve))
  at.sessions[0]!.lose('its step is over')
  await expect(running).rejects.toMatchObject({ status: 255, message: 'its step is over' })
  expect(at.raw).toEqual([true, false])
  const closed = { enter: () => Promise.resolve(fail('container h: the container has ended')) } as unknown as InterceptGateway
  await expect(runSession(closed, 'h', [], at.terminal)).rejects.toMatchObject({ status: 255, message: 'container h: the container has ended' })
})

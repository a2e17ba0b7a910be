import { link, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerRow } from '../model/build.ts'
import { systemClock } from '../lib/clock.ts'
import { fail, ok } from '../model/result.ts'
import type { ContainerSpec } from '../runtime/contract.ts'
import { FakeRuntime } from '../runtime/fake/runtime.ts'
import type { InterceptGateway } from './gateway.ts'
import { localGateway, type RuntimeAccess } from './local-gateway.ts'
import { remoteGateways } from './remote-gateway.ts'
import { serveGateway, type ServedGateway } from './serve-gateway.ts'

let data: string
const served: ServedGateway[] = []
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'airside-intercept-'))
})
afterEach(async () => {
  for (const server of served.splice(0)) await server.close()
  await rm(data, { recursive: true, force: true })
})

const noAbort = new AbortController().signal
type Row = ContainerRow & { readonly buildId: number }

async function world(rows: readonly (Partial<Row> & { handle: string; there?: boolean })[], { running = true, runtimeOf }: { running?: boolean; runtimeOf?: (buildId: number) => RuntimeAccess } = {}) {
  const runtime = new FakeRuntime()
  const table = new Map<string, Row>()
  for (const { there = true, ...row } of rows) {
    const whole: Row = { planId: '1', state: 'assigned', guess: false, log: { acked: 0 }, buildId: 7, ...row }
    table.set(row.handle, whole)
    const spec: ContainerSpec = {
      handle: row.handle, type: 'task', image: { kind: 'registry', reference: 'busybox', host: 'r' }, architectures: [], privileged: false, limits: {}, guess: false,
      metadata: { team: 'main', pipeline: 'p', job: 'j', buildId: whole.buildId, buildName: '7', planId: '1', stepName: `step ${row.handle}` },
    }
    if (there) await runtime.prepare(spec, { signal: noAbort, onReason: () => undefined })
  }
  const containers = {
    find: (handle: string) => Promise.resolve(table.get(handle)),
    list: (states: readonly string[]) => Promise.resolve([...table.values()].filter(({ state }) => states.includes(state))),
    entered: () => Promise.resolve(),
    markRemoved: (handles: readonly string[]) => {
      for (const handle of handles) table.set(handle, { ...table.get(handle)!, state: 'removed' })
      return Promise.resolve()
    },
  }
  const access: RuntimeAccess = ok(runtime)
  const own = localGateway({ containers, instance: 3, running, clock: systemClock, runtimeOf: (id) => Promise.resolve(runtimeOf?.(id) ?? access) })
  return { runtime, table, own }
}

async function throughSocket(own: InterceptGateway): Promise<InterceptGateway> {
  const server = await serveGateway(data, own)
  served.push(server)
  const [gateway] = await remoteGateways(data)
  return gateway!
}

const shell = { path: 'sh', args: ['-i'], env: ['TERM=xterm'], tty: { columns: 80, rows: 24 } }

test('finds running and kept containers, never those prepared ahead, and remembers which are gone', async () => {
  const { own, table, runtime } = await world([
    { handle: 'runs' }, { handle: 'kept', state: 'kept' }, { handle: 'guess', state: 'assigned', guess: true },
    { handle: 'gone', state: 'kept', there: false }, { handle: 'finished', state: 'finished' }, { handle: 'over', state: 'kept' },
  ])
  runtime.containers.get('over')!.state = 'ended'
  const found = await (await throughSocket(own)).find()
  expect(found.targets.map(({ handle, state }) => [handle, state])).toEqual([['runs', 'running'], ['kept', 'kept'], ['over', 'ended']])
  expect(found.targets[0]).toEqual({ handle: 'runs', instance: 3, buildId: 7, pipeline: 'p', job: 'j', step: 'step runs', type: 'task', state: 'running' })
  expect(table.get('gone')?.state).toBe('removed')
})

test('a runtime that cannot be listed is reported once, and its containers are kept in the records', async () => {
  const away = fail('no engine')
  const { own, table } = await world([{ handle: 'a', state: 'kept' }, { handle: 'b', state: 'kept', there: false }], { runtimeOf: () => away })
  expect(await (await throughSocket(own)).find()).toEqual({ targets: [], problems: ['containers of build 7 cannot be looked at: no engine'] })
  expect(table.get('b')?.state).toBe('kept')
})

test('a session through the socket passes output, input, sizes and the exit status', async () => {
  const { own } = await world([{ handle: 'runs' }])
  const gateway = await throughSocket(own)
  const said: string[] = []
  const session = await gateway.enter('runs', shell, { signal: noAbort, onOutput: (bytes, stream) => void said.push(`${stream} ${Buffer.from(bytes).toString()}`) })
  if (!session.ok) throw new Error(session.error)
  const long = 'x'.repeat(200_000)
  session.value.resize(132, 50)
  await session.value.write(Buffer.from(`size\n${long}\n`))
  await session.value.write(Buffer.from('exit 5\n'))
  expect(await session.value.result).toEqual({ ok: true, value: { kind: 'exited', status: 5 } })
  expect(said).toEqual(['stdout sh -i\n', 'stdout 132x50\n', `stdout ${long}\n`])
})

test('enter refuses prepared and unknown containers, and remove all but kept ones', async () => {
  const { own, runtime, table } = await world([{ handle: 'runs' }, { handle: 'kept', state: 'kept' }, { handle: 'gone', there: false }, { handle: 'guess', guess: true }])
  const gateway = await throughSocket(own)
  const io = { signal: noAbort, onOutput: () => undefined }
  expect(await gateway.enter('guess', shell, io)).toEqual(fail('guess is no container of a step that runs or was kept'))
  expect(await gateway.enter('nobody', shell, io)).toMatchObject({ ok: false })
  expect(await gateway.enter('gone', shell, io)).toEqual(fail('container gone: container gone is gone'))
  expect(await gateway.remove('runs')).toMatchObject({ ok: false })
  expect(await gateway.remove('kept')).toEqual(ok(undefined))
  expect([...runtime.containers.keys()]).toEqual(['runs', 'guess'])
  expect(table.get('kept')?.state).toBe('removed')
})

test('a gateway to a database without a running engine lists kept containers only', async () => {
  const { own } = await world([{ handle: 'runs' }, { handle: 'kept', state: 'kept' }], { running: false })
  expect((await own.find()).targets.map(({ handle }) => handle)).toEqual(['kept'])
  expect(await own.enter('runs', shell, { signal: noAbort, onOutput: () => undefined })).toMatchObject({ ok: false })
})

test('a closed connection ends its session, and a closed server ends all', async () => {
  const { own } = await world([{ handle: 'runs' }])
  const gateway = await throughSocket(own)
  const hangUp = new AbortController()
  const one = await gateway.enter('runs', shell, { signal: hangUp.signal, onOutput: () => undefined })
  const two = await gateway.enter('runs', shell, { signal: noAbort, onOutput: () => undefined })
  if (!one.ok || !two.ok) throw new Error('not entered')
  hangUp.abort()
  expect(await one.value.result).toEqual({ ok: true, value: { kind: 'signaled', signal: 'HUP', oom: false } })
  await served[0]!.close()
  expect(await two.value.result).toMatchObject({ ok: false, error: { message: 'the process that has the container has ended' } })
})

test('the socket is accessible to its user only; the socket of a killed process is removed', async () => {
  const { own } = await world([])
  const gateway = await throughSocket(own)
  const [name = ''] = await readdir(join(data, 'sockets'))
  expect((await stat(join(data, 'sockets'))).mode & 0o777).toBe(0o700)
  expect((await stat(join(data, 'sockets', name))).mode & 0o777).toBe(0o600)
  // A socket that nobody listens on: closing a server removes its file, unless it has another name by then.
  const dead = createServer()
  await new Promise<void>((resolve) => dead.listen(join(data, 'dead'), resolve))
  await link(join(data, 'dead'), join(data, 'sockets', 'dead'))
  await new Promise<void>((resolve) => dead.close(() => resolve()))
  expect((await remoteGateways(data)).map(({ instance }) => instance)).toEqual([3])
  expect(await readdir(join(data, 'sockets'))).toEqual([name])
  await served[0]!.close()
  expect(await gateway.enter('x', shell, { signal: noAbort, onOutput: () => undefined })).toEqual(fail('the process that has the container has ended'))
  expect(await remoteGateways(data)).toEqual([])
})

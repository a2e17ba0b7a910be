import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Holder } from '../../model/holder.ts'
import { fail, ok } from '../../model/result.ts'
import type { ContainerGateway, EnterableContainer } from '../container-ports.ts'
import type { ProcessToEnter } from '../../model/container.ts'
import { useApi, type Caller } from '../testing/database-world.ts'

/** A process that says what it was given, as lines: `exit N` ends it. */
class FakeGateway implements ContainerGateway {
  targets: EnterableContainer[] = []
  entered: ProcessToEnter[] = []
  signal: AbortSignal | undefined
  missing = false
  checks = () => Promise.resolve([])

  find() {
    return Promise.resolve({ targets: this.targets })
  }

  enter: ContainerGateway['enter'] = (_handle, process, { onOutput, signal }) => {
    this.entered.push(process)
    this.signal = signal
    if (this.missing) return Promise.resolve(ok({ write: () => Promise.resolve(), resize: () => undefined, result: Promise.resolve(ok({ kind: 'error' as const, reason: 'executable-not-found' as const, message: process.path })) }))
    if (process.path === 'gone') return Promise.resolve(fail('the container is gone'))
    const end = Promise.withResolvers<number>()
    return Promise.resolve(ok({
      async write(data: Uint8Array, eof?: boolean) {
        const line = Buffer.from(data).toString()
        if (line.startsWith('exit ')) end.resolve(Number(line.slice(5)))
        else await onOutput(Buffer.from(eof === true ? 'eof' : line), 'stdout')
      },
      resize: (columns: number, rows: number) => void onOutput(Buffer.from(`${columns}x${rows}`), 'stderr'),
      result: end.promise.then((status) => ok({ kind: 'exited' as const, status })),
    }))
  }
}

let gateway: FakeGateway
let holder: Holder = { kind: 'here' }
const api = useApi(() => ({ containers: (gateway = new FakeGateway()), holderOf: () => Promise.resolve(holder) }))
const servers: Server[] = []
afterEach(() => {
  holder = { kind: 'here' }
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

/** A server with containers `t` (of a task of team main) and `c` (of a check). */
async function world() {
  const made = api()
  await made.setPipeline('jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]')
  await made.call('POST', '/api/v1/teams/main/pipelines/p/jobs/j/builds')
  gateway.targets = [{ handle: 't', buildId: 1, step: 'unit', type: 'task', attempt: '2', state: 'running' }, { handle: 'c', buildId: 1, step: 'repo', type: 'check', state: 'kept' }, { handle: 'old', buildId: 1, step: 'x', type: 'task', state: 'ended' }]
  const server = createServer(made.api.handle)
  server.on('upgrade', made.api.upgrade)
  servers.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const open = (handle: string, protocols: string[], headers: Record<string, string>) => followed(new WebSocket(`ws://127.0.0.1:${port}/api/v1/teams/main/containers/${handle}/hijack`, protocols, { headers }))
  /** As fly: frames of JSON, until the server closes. */
  const hijack = async (handle: string, as: Caller, headers: Record<string, string> = {}) => open(handle, [], { authorization: `bearer ${await made.tokenOf(as)}`, ...headers })
  /** As a page of the web UI, with the cookie of a person who logged in. */
  const terminal = async (handle: string, as: Caller, headers: Record<string, string> = {}, protocols?: string[]) => {
    const cookie = `airside=${await made.tokenOf(as)}`
    const { headers: { 'x-csrf-token': csrf } } = await made.call('GET', '/api/v1/user', undefined, { as: 'nobody', headers: { cookie } })
    return open(handle, protocols ?? ['airside.hijack.1', `airside.csrf.${String(csrf)}`], { cookie, origin: 'http://ci.example', host: 'ci.example', 'sec-fetch-site': 'same-origin', ...headers })
  }
  return { ...made, hijack, terminal }
}

async function followed(socket: WebSocket) {
  const frames: Record<string, unknown>[] = []
  let told = Promise.withResolvers<void>()
  const closed = new Promise<number>((resolve) => void socket.on('close', resolve))
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Record<string, unknown>)
    told.resolve()
    told = Promise.withResolvers()
  })
  const opened = await new Promise<'open' | string>((resolve) => {
    socket.on('open', () => resolve('open'))
    socket.on('error', (error) => resolve(error.message))
  })
  const say = (frame: object): void => socket.send(JSON.stringify(frame))
  const until = async (count: number): Promise<void> => {
    while (frames.length < count) await told.promise
  }
  return { socket, frames, closed, opened, say, until }
}

const text = (frame: Record<string, unknown> | undefined, name: string): string => Buffer.from(String(frame?.[name] ?? ''), 'base64').toString()
const spec = { path: 'bash', args: null, env: ['TERM=xterm'], dir: '', privileged: true, user: '', tty: { window_size: { columns: 80, rows: 24 } } }

test('a terminal that does not know its size gets the usual one', async () => {
  const { hijack } = await world()
  const session = await hijack('t', 'member')
  session.say({ ...spec, tty: { window_size: { columns: 0, rows: 0 } } })
  session.say({ tty: { window_size: { columns: 0, rows: 0 } } })
  session.say({ stdin: Buffer.from('exit 3').toString('base64') })
  await session.closed
  expect(gateway.entered).toMatchObject([{ tty: { columns: 80, rows: 24 } }])
  expect(session.frames).toEqual([{ stderr: Buffer.from('80x24').toString('base64') }, { exit_status: 3 }])
})

test('a person works in a container until the process ends', async () => {
  const { hijack } = await world()
  const session = await hijack('t', 'member')
  session.say(spec)
  session.say({ stdin: Buffer.from('hello').toString('base64') })
  await session.until(1)
  session.say({ tty: { window_size: { columns: 100, rows: 50 } } })
  session.say({ closed: true })
  await session.until(3)
  session.say({ stdin: Buffer.from('exit 7').toString('base64') })
  expect(await session.closed).toBe(1000)
  expect([text(session.frames[0], 'stdout'), text(session.frames[1], 'stderr'), text(session.frames[2], 'stdout'), session.frames[3]]).toEqual(['hello', '100x50', 'eof', { exit_status: 7 }])
  expect(gateway.entered).toEqual([{ path: 'bash', args: [], env: ['TERM=xterm'], tty: { columns: 80, rows: 24 } }])
  const entries = (await api().options.auditLog.page({ limit: 3 })).map(({ action, user, detail }) => [action, user?.name, detail])
  expect(entries).toEqual([
    ['HijackContainer', 'local:member', { end: { exit_status: 7 } }],
    ['HijackContainer', 'local:member', { command: ['bash'] }],
    ['HijackContainer', 'local:member', undefined],
  ])
})

test('an executable that is not there is told as fly takes it, to try another', async () => {
  const { hijack } = await world()
  gateway.missing = true
  const session = await hijack('t', 'member')
  session.say(spec)
  await session.closed
  expect(session.frames).toEqual([{ executable_not_found: true }, { error: 'executable file not found: bash' }])
})

test('a client that goes ends its process', async () => {
  const { hijack } = await world()
  const session = await hijack('t', 'member')
  session.say(spec)
  session.say({ stdin: Buffer.from('x').toString('base64') })
  await session.until(1)
  const aborted = new Promise<void>((resolve) => gateway.signal?.addEventListener('abort', () => resolve()))
  session.socket.terminate()
  await aborted
})

test('a first frame that is no process closes the socket, and a container that is gone is told', async () => {
  const { hijack } = await world()
  const malformed = await hijack('t', 'member')
  malformed.say({ path: 1 })
  expect(await malformed.closed).toBe(1003)
  const gone = await hijack('t', 'member')
  gone.say({ ...spec, path: 'gone' })
  expect(await gone.closed).toBe(1000)
  expect(gone.frames).toEqual([{ error: 'the container is gone' }])
})

test('W21: who may not enter a container gets an ordinary answer instead of a socket', async () => {
  const { hijack } = await world()
  const opened = async (...given: Parameters<typeof hijack>) => (await hijack(...given)).opened
  expect(await opened('t', 'viewer')).toContain('403')
  expect(await opened('t', 'stranger')).toContain('403')
  expect(await opened('x', 'member')).toContain('404')
  expect(await opened('old', 'member')).toContain('404')
  expect(await opened('c', 'member')).toContain('403')
  expect(await opened('c', 'admin')).toBe('open')
  expect(await opened('t', 'member', { origin: 'http://evil.example' })).toContain('403')
  expect((await api().call('GET', '/api/v1/teams/main/containers/t/hijack')).statusCode).toBe(400)
})

test('W21: a page of ours opens a terminal by the cookie, and what it does is audited', async () => {
  const { terminal } = await world()
  const session = await terminal('t', 'member')
  expect([session.opened, session.socket.protocol]).toEqual(['open', 'airside.hijack.1'])
  session.say(spec)
  session.say({ stdin: Buffer.from('exit 0').toString('base64') })
  expect([await session.closed, session.frames]).toEqual([1000, [{ exit_status: 0 }]])
  const entries = (await api().options.auditLog.page({ limit: 3 })).map(({ action, user, detail }) => [action, user?.name, detail])
  expect(entries).toEqual([
    ['HijackContainer', 'local:member', { end: { exit_status: 0 } }],
    ['HijackContainer', 'local:member', { command: ['bash'] }],
    ['HijackContainer', 'local:member', undefined],
  ])
})

test('W21: a cookie opens no terminal for a page of another site, one without our token, or a person without the role', async () => {
  const { terminal } = await world()
  const opened = async (...given: Parameters<typeof terminal>) => (await terminal(...given)).opened
  expect(await opened('t', 'member', { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' })).toContain('403')
  expect(await opened('t', 'member', { origin: 'http://evil.example' })).toContain('403')
  expect(await opened('t', 'member', { 'sec-fetch-site': 'same-site' })).toContain('403')
  expect(await opened('t', 'member', { origin: 'null' })).toContain('403')
  for (const protocols of [[], ['airside.hijack.1'], ['airside.hijack.1', 'airside.csrf.'], ['airside.hijack.1', 'airside.csrf.AAAA']]) expect(await opened('t', 'member', {}, protocols), protocols.join()).toContain('403')
  for (const who of ['viewer', 'pipeline-operator', 'stranger'] as const) expect(await opened('t', who), who).toContain('403')
  expect(gateway.entered).toEqual([])
  const refused = (await api().options.auditLog.page({ limit: 100 })).filter(({ action, status }) => action === 'HijackContainer' && status === 403)
  expect(refused.length).toBeGreaterThanOrEqual(7)
})

test('containers are listed by what the query names', async () => {
  const { call } = await world()
  const handles = async (query: string) => (await call('GET', `/api/v1/teams/main/containers?${query}`, undefined, { as: 'viewer' })).json<{ id: string }[]>().map(({ id }) => id)
  expect(await handles('')).toEqual(['t', 'c'])
  expect(await handles('pipeline_name=p&job_name=j&build_name=1&step_name=unit')).toEqual(['t'])
  expect(await handles('build_id=1&type=task&attempt=2')).toEqual(['t'])
  expect(await handles('type=check&pipeline_name=p&resource_name=repo')).toEqual(['c'])
  expect(await handles('job_name=other')).toEqual([])
  expect(await handles('pipeline_name=p&vars={"a":1}')).toEqual([])
  expect((await call('GET', '/api/v1/teams/gone/containers')).statusCode).toBe(404)
  expect((await call('GET', '/api/v1/teams/main/containers/t')).json()).toMatchObject({ id: 't', worker_name: 'docker', state: 'created', type: 'task', step_name: 'unit', attempt: '2', build_name: '1' })
  expect((await call('GET', '/api/v1/teams/other/containers/t')).statusCode).toBe(404)
  expect((await call('GET', '/api/v1/teams/main/containers?type=odd')).payload).toBe('unrecognized containerType: odd')
  for (const query of ['type=odd', 'build_id=x']) expect((await call('GET', `/api/v1/teams/main/containers?${query}`)).statusCode).toBe(400)
})

test('the runtime is the one worker, and what is kept are the volumes', async () => {
  const { call, db, clock } = await world()
  expect((await call('GET', '/api/v1/workers', undefined, { as: 'viewer' })).json()).toMatchObject([{ name: 'docker', state: 'running', platform: 'linux', active_containers: 2, active_tasks: 1, resource_types: [{ type: 'git' }] }])
  const [{ id: jobId } = { id: 0 }] = await db.query<{ id: number }>('select id from jobs')
  await api().options.workerArtifacts.upload((await api().options.teams.list()).find(({ name }) => name === 'main')?.id ?? 0, { digest: `sha256:${'a'.repeat(64)}`, size: 1 }, clock.now())
  await db.query(`insert into task_caches (job_id, step, path, digest, size, created_at, used_at) values ($1, 'unit', '.m2', 'sha256:b', 1, 1, 1)`, [jobId])
  expect((await call('GET', '/api/v1/teams/main/volumes', undefined, { as: 'viewer' })).json()).toMatchObject([{ type: 'artifact' }, { type: 'task-cache', job_name: 'j', step_name: 'unit', path: '.m2', pipeline_name: 'p' }])
  expect((await call('GET', '/api/v1/teams/other/volumes')).json()).toEqual([])
})

test('a container that no server or one that cannot be reached is connected to is answered 503', async () => {
  const made = await world()
  holder = { kind: 'nobody' }
  expect((await made.hijack('t', 'member')).opened).toContain('503')
  const gone = createServer()
  await new Promise<void>((resolve) => void gone.listen(0, '127.0.0.1', resolve))
  const { port } = gone.address() as AddressInfo
  await new Promise<void>((resolve) => void gone.close(() => resolve()))
  holder = { kind: 'peer', id: 'x', url: `http://127.0.0.1:${port}` }
  expect((await made.hijack('t', 'member')).opened).toContain('503')
})

test('what the server that holds a container refuses is refused here, whatever it says', async () => {
  const made = await world()
  const asked: (string | undefined)[] = []
  const protocols: (string | undefined)[] = []
  const peer = createServer()
  servers.push(peer)
  peer.on('upgrade', (request, socket) => {
    socket.on('error', () => undefined)
    protocols.push(request.headers['sec-websocket-protocol'])
    asked.push(request.headers.authorization, request.headers['x-airside-peer'] as string)
    socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`)
  })
  await new Promise<void>((resolve) => void peer.listen(0, '127.0.0.1', resolve))
  holder = { kind: 'peer', id: 'x', url: `http://127.0.0.1:${(peer.address() as AddressInfo).port}` }
  expect((await made.hijack('t', 'member')).opened).toContain('403')
  expect(asked.splice(0)).toEqual([`bearer ${await made.tokenOf('member')}`, '1'])
  const page = await made.terminal('t', 'member')
  expect([page.opened, asked, protocols.at(-1)]).toEqual([expect.stringContaining('403'), [undefined, '1'], expect.stringMatching(/^airside\.hijack\.1,airside\.csrf\.[\w-]+$/)])
})

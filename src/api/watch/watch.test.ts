import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { tokenHash } from '../../auth/tokens.ts'
import type { Caller } from '../testing/database-world.ts'
import { useApi } from '../testing/database-world.ts'
import { dashboardSchema, jobItemSchema, pipelineItemSchema, resourceItemSchema, buildItemSchema } from '../web-schemas.ts'
import { mostSubscriptions } from './session.ts'

const world = useApi(() => ({ streamLimits: { principal: 4, address: 2, server: 100 } }))
const opened: { close(): void }[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

type Message = { readonly sub: number; readonly rev?: string; readonly set?: readonly Item[]; readonly patch?: readonly Item[]; readonly error?: number }
type Item = { readonly id: number | string; readonly gone?: true; readonly [key: string]: unknown }

async function listening(): Promise<number> {
  const { api } = world()
  const server: Server = createServer(api.handle).on('upgrade', (asked, socket, head) => api.upgrade(asked, socket, head))
  opened.push({ close: () => (server.close(), server.closeAllConnections()) })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A page's connection. */
async function page(as: Caller | 'nobody' = 'admin', port?: number) {
  const { tokenOf, clock } = world()
  const headers = as === 'nobody' ? {} : { authorization: `Bearer ${await tokenOf(as)}` }
  const socket = new WebSocket(`ws://127.0.0.1:${port ?? (await listening())}/api/v1/watch`, 'airside.watch.1', { headers })
  opened.push({ close: () => socket.terminate() })
  const messages: Message[] = []
  const frames: Buffer[] = []
  let closed: number | undefined
  socket.on('message', (data: Buffer, binary) => void (binary ? frames.push(data) : messages.push(JSON.parse(data.toString()) as Message)))
  socket.on('close', (code) => (closed = code))
  await new Promise<void>((resolve, reject) => void socket.once('open', resolve).once('error', reject))
  /** Moves the clock on until it is so: slowly, since the database takes real time, and tokens expire. */
  const until = async (holds: () => boolean, step = 2): Promise<void> => {
    while (!holds()) {
      await clock.advance(step)
      await setImmediate()
    }
  }
  return {
    socket, messages, frames, until,
    closed: () => closed,
    say: (message: object) => socket.send(JSON.stringify(message)),
    /** The next message that has not been taken. */
    async next(): Promise<Message> {
      await until(() => messages.length > 0)
      return messages.shift() as Message
    },
  }
}

const config = (...jobs: string[]): string => `{resources: [{name: r, type: mock, source: {}}], jobs: [${jobs.map((name) => `{name: ${name}, plan: [{get: r}, {task: t, config: {platform: linux, run: {path: "true"}}}]}`).join(', ')}]}`
const p = '/api/v1/teams/main/pipelines/p'

async function ids() {
  const [row] = await world().db.query<{ pipeline: number; job: number; resource: number; team: number }>('select p.id as pipeline, j.id as job, r.id as resource, p.team_id as team from pipelines p join jobs j on j.pipeline_id = p.id join resources r on r.pipeline_id = p.id order by j.id')
  if (row === undefined) throw new Error('there is no pipeline')
  return row
}

test('the dashboard comes whole, then what changes, by its id, and what is gone', async () => {
  const { setPipeline, call } = world()
  await setPipeline(config('a'))
  await setPipeline(config('b'), '/api/v1/teams/main/pipelines/q')
  const { say, next, socket } = await page()
  expect(socket.protocol).toBe('airside.watch.1')
  say({ sub: 3, topic: 'dashboard' })
  const whole = await next()
  expect(whole).toMatchObject({ sub: 3, set: [{ name: 'p', s: 'paused' }, { name: 'q' }] })
  dashboardSchema.parse({ rev: whole.rev, pipelines: whole.set })
  expect((await call('GET', '/api/v1/dashboard')).json()).toMatchObject({ rev: whole.rev })
  await call('PUT', `${p}/unpause`)
  const changed = await next()
  expect(changed).toMatchObject({ sub: 3, patch: [{ name: 'p', s: 'pending' }] })
  expect(changed.patch).toHaveLength(1)
  expect(changed.rev).not.toBe(whole.rev)
  await call('DELETE', '/api/v1/teams/main/pipelines/q')
  expect(await next()).toMatchObject({ sub: 3, patch: [{ id: whole.set?.[1]?.id, gone: true }] })
})

test('who has the newest is sent nothing until something changes', async () => {
  const { setPipeline, call } = world()
  await setPipeline(config('a'))
  const { say, next } = await page()
  say({ sub: 1, topic: 'dashboard' })
  const { rev } = await next()
  say({ sub: 2, topic: 'dashboard', rev })
  say({ sub: 3, topic: 'dashboard', rev: 'old' })
  expect(await next()).toMatchObject({ sub: 3, set: [{ name: 'p' }], rev })
  await call('PUT', `${p}/unpause`)
  const all = [await next(), await next(), await next()]
  expect(all.map(({ sub }) => sub).toSorted()).toEqual([1, 2, 3])
  for (const one of all) expect(one).toMatchObject({ patch: [{ s: 'pending' }] })
})

test('a subscription that has ended is sent nothing more, and its topic is read no more', async () => {
  const { setPipeline, call } = world()
  await setPipeline(config('a'))
  const { say, next, messages } = await page()
  say({ sub: 1, topic: 'dashboard' })
  await next()
  say({ unsub: 1 })
  say({ sub: 2, topic: 'me' })
  expect(await next()).toMatchObject({ sub: 2 })
  await call('PUT', `${p}/unpause`)
  say({ sub: 3, topic: 'dashboard' })
  expect(await next()).toMatchObject({ sub: 3, set: [{ s: 'pending' }] })
  expect(messages).toEqual([])
})

test('a pipeline, a job and a resource hold what their pages show, and follow it', async () => {
  const { setPipeline, call } = world()
  await setPipeline(config('b', 'a'))
  const { pipeline, job, resource } = await ids()
  const { say, next } = await page()
  say({ sub: 1, topic: `pipeline/${pipeline}` })
  const whole = await next()
  for (const item of whole.set ?? []) pipelineItemSchema.parse(item)
  expect(whole.set?.map(({ id }) => id)).toEqual(['pipeline', 'job/b', 'job/a', 'resource/r'])
  say({ sub: 2, topic: `job/${job}` })
  const ofJob = await next()
  for (const item of ofJob.set ?? []) jobItemSchema.parse(item)
  expect(ofJob.set?.map(({ id }) => id)).toEqual(['job', 'why'])
  say({ sub: 3, topic: `resource/${resource}` })
  const ofResource = await next()
  for (const item of ofResource.set ?? []) resourceItemSchema.parse(item)
  expect(ofResource.set?.map(({ id }) => id)).toEqual(['resource'])
  await call('POST', `${p}/jobs/b/builds`)
  const after = [await next(), await next()].toSorted((one, other) => one.sub - other.sub)
  expect(after[0]).toMatchObject({ sub: 1, patch: [{ id: 'job/b', job: { next_build: { status: 'pending' } } }] })
  expect(after[1]?.patch?.map(({ id }) => id)).toEqual(['job', 'why', expect.stringMatching(/^build\//)])
})

test('a build is followed with its steps, and its events come as bytes, from any event on', async () => {
  const { setPipeline, builds, pipelines } = world()
  await setPipeline(config('a'))
  const { pipeline, job, team } = await ids()
  expect(await pipelines.get(pipeline)).toBeDefined()
  const plan = { id: '1', task: { name: 't', privileged: false, config: { platform: 'linux', run: { path: 'true' } } } }
  const id = await builds.createStarted({ kind: 'job', name: '1', scope: { teamId: team, pipelineId: pipeline, jobId: job } }, { plan }, 0)
  await builds.claim('me', 1, 1_000_000)
  const event = (key: string, type: string, data: object) => ({ key, type, version: '1.0', payload: JSON.stringify(data) })
  await builds.commit(id, 'me', 2, { events: [event('1:initialize-task', 'initialize-task', { origin: { id: '1' } })] })
  const { say, next, frames, until, messages } = await page()
  say({ sub: 1, topic: `build/${id}` })
  const whole = await next()
  for (const item of whole.set ?? []) buildItemSchema.parse(item)
  expect(whole.set).toMatchObject([{ id: 'build', build: { status: 'started' } }, { id: 'step/1', step: { kind: 'task', name: 't', state: 'waiting' } }])
  say({ sub: 258, topic: `build/${id}/events?after=-1` })
  await builds.commit(id, 'me', 3, { events: [event('1:start-task', 'start-task', { origin: { id: '1' } })] })
  expect(await next()).toMatchObject({ sub: 1, patch: [{ id: 'step/1', step: { state: 'running' } }] })
  await builds.commit(id, 'me', 4, { events: [event('status', 'status', { status: 'succeeded', time: 4 })], finish: { status: 'succeeded' } })
  await until(() => Buffer.concat(frames.map((frame) => frame.subarray(4))).toString().includes('event: end'))
  for (const frame of frames) expect(frame.readUInt32BE()).toBe(258)
  const seen = [...Buffer.concat(frames.map((frame) => frame.subarray(4))).toString().matchAll(/^id: (\d+)$/gm)].map(([, n]) => n)
  expect(seen).toEqual([...Array(seen.length).keys()].map(String))
  frames.length = 0
  messages.length = 0
  say({ sub: 2, topic: `build/${id}/events?after=1` })
  await until(() => Buffer.concat(frames).includes('event: end'))
  expect(/^id: (\d+)$/m.exec(frames[0]?.subarray(4).toString() ?? '')?.[1]).toBe('2')
})

test('what is hidden and what is not there are refused alike', async () => {
  const { setPipeline } = world()
  await setPipeline(config('a'))
  const { pipeline, job, resource } = await ids()
  const port = await listening()
  for (const [as, hidden, missing] of [['nobody', 401, 401], ['stranger', 403, 403], ['admin', undefined, 404]] as const) {
    const { say, next } = await page(as, port)
    for (const topic of [`pipeline/${pipeline}`, `job/${job}`, `resource/${resource}`]) {
      say({ sub: 1, topic })
      expect((await next()).error, `${as} ${topic}`).toBe(hidden)
    }
    for (const topic of ['pipeline/99', 'job/99', 'resource/99', 'build/99', 'build/99/events?after=-1']) {
      say({ sub: 1, topic })
      expect((await next()).error, `${as} ${topic}`).toBe(missing)
    }
    say({ sub: 1, topic: 'nothing' })
    expect((await next()).error).toBe(400)
  }
})

test('strangers follow a public pipeline without people’s names, until it is hidden', async () => {
  const { setPipeline, call } = world()
  await setPipeline(config('a'))
  await call('PUT', `${p}/expose`)
  const { pipeline, job } = await ids()
  const { say, next } = await page('nobody')
  say({ sub: 1, topic: `pipeline/${pipeline}` })
  const whole = await next()
  expect(JSON.stringify(whole)).not.toContain('admin')
  say({ sub: 2, topic: `job/${job}` })
  expect((await next()).set?.map(({ id }) => id)).toEqual(['job'])
  say({ sub: 3, topic: 'dashboard' })
  expect((await next()).set).toHaveLength(1)
  await call('PUT', `${p}/hide`)
  const after = [await next(), await next(), await next()].toSorted((one, other) => one.sub - other.sub)
  expect(after).toMatchObject([{ sub: 1, error: 401 }, { sub: 2, error: 401 }, { sub: 3, patch: [{ id: pipeline, gone: true }] }])
})

test('a role that is taken away ends at once what it opened, and what is gone is told as gone', async () => {
  const { setPipeline, call, options } = world()
  await setPipeline(config('a'))
  const { pipeline } = await ids()
  const port = await listening()
  const [viewer, admin] = [await page('viewer', port), await page('admin', port)]
  for (const one of [viewer, admin]) {
    one.say({ sub: 1, topic: `pipeline/${pipeline}` })
    expect((await one.next()).set).toBeDefined()
  }
  await options.teams.put({ name: 'main', admin: true, auth: { owner: { users: ['local:admin'], groups: [] } } }, 0)
  expect(await viewer.next()).toEqual({ sub: 1, error: 403 })
  await call('DELETE', p)
  expect(await admin.next()).toEqual({ sub: 1, error: 404 })
})

test('a token that is revoked ends all that its pages follow', async () => {
  const { tokenOf, options } = world()
  const { say, next } = await page('viewer')
  say({ sub: 1, topic: 'me' })
  expect((await next()).set).toMatchObject([{ id: 'me', user: { user_name: 'viewer' } }])
  await options.tokens.revoke(tokenHash(await tokenOf('viewer')) as Uint8Array)
  expect(await next()).toEqual({ sub: 1, error: 401 })
})

test(`a page follows ${mostSubscriptions} topics, and is told when it asks for more`, async () => {
  const { say, next } = await page()
  for (let sub = 0; sub <= mostSubscriptions; sub++) say({ sub, topic: 'me' })
  const subs = new Set<number>()
  for (let seen = 0; seen <= mostSubscriptions; seen++) {
    const { sub, error } = await next()
    if (error === undefined) subs.add(sub)
    else expect([sub, error]).toEqual([mostSubscriptions, 429])
  }
  expect(subs.size).toBe(mostSubscriptions)
  say({ unsub: 0 })
  say({ sub: 70, topic: 'me' })
  expect(await next()).toMatchObject({ sub: 70, set: [{ id: 'me' }] })
})

test.each(['', '{', '[]', '{"sub":1}', '{"sub":-1,"topic":"me"}', '{"sub":4294967296,"topic":"me"}', '{"sub":1,"topic":"me","more":1}', JSON.stringify({ sub: 1, topic: 'x'.repeat(4096) }), '[[[[[]]]]]'])('%j ends the connection: it is no message', async (text) => {
  const { socket, until, closed } = await page()
  socket.send(text)
  await until(() => closed() !== undefined)
  expect(closed()).toBe(1008)
})

test('a page that answers no ping is let go of', async () => {
  const { socket, until, closed } = await page()
  socket.pong = () => undefined
  Object.assign(socket, { _autoPong: false })
  await until(() => closed() !== undefined, 500)
  expect(closed()).toBe(1006)
})

test('where web sockets are refused the same messages come as an event stream', async () => {
  const { setPipeline, call, tokenOf, clock } = world()
  await setPipeline(config('a'))
  const { pipeline } = await ids()
  const port = await listening()
  const headers = { authorization: `Bearer ${await tokenOf('admin')}`, accept: 'text/event-stream' }
  let text = ''
  const asked = request({ port, path: `/api/v1/watch?topics=${['dashboard', `pipeline/${pipeline}`, 'builds?status=failed,errored', 'build/1/events?after=-1'].map(encodeURIComponent).join(',')}`, headers }, (response) => {
    response.setEncoding('utf8').on('data', (more: string) => (text += more))
    response.on('error', () => undefined)
  })
  opened.push({ close: () => asked.destroy() })
  asked.on('error', () => undefined).end()
  const messages = () => [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as Message).toSorted((one, other) => one.sub - other.sub)
  const until = async (holds: () => boolean) => {
    while (!holds()) {
      await clock.advance(2)
      await setImmediate()
    }
  }
  await until(() => messages().length === 4)
  expect(messages()).toMatchObject([{ sub: 0, set: [{ name: 'p' }] }, { sub: 1, set: [{ id: 'pipeline' }, { id: 'job/a' }, { id: 'resource/r' }] }, { sub: 2, set: [] }, { sub: 3, error: 400 }])
  text = ''
  await call('PUT', `${p}/unpause`)
  await until(() => messages().length === 2)
  expect(messages()).toMatchObject([{ sub: 0, patch: [{ s: 'pending' }] }, { sub: 1, patch: [{ id: 'pipeline' }] }])
})

test('topics without an event stream, and no web socket, are a wrong request', async () => {
  const { call } = world()
  expect((await call('GET', '/api/v1/watch?topics=me')).statusCode).toBe(400)
  expect((await call('GET', '/api/v1/watch')).statusCode).toBe(400)
})

test('more pages than one person may have open are closed, and one that is closed makes room', async () => {
  const port = await listening()
  const pages = [await page('viewer', port), await page('viewer', port), await page('viewer', port), await page('viewer', port)]
  const fifth = await page('viewer', port)
  await fifth.until(() => fifth.closed() !== undefined)
  expect(fifth.closed()).toBe(1013)
  pages[0]?.socket.close()
  await pages[0]?.until(() => pages[0]?.closed() !== undefined)
  const { say, next } = await page('viewer', port)
  say({ sub: 1, topic: 'me' })
  expect(await next()).toMatchObject({ sub: 1, set: [{ id: 'me' }] })
})

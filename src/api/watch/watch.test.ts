import { request } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { watchedApi, watchedConfig, watchedPath, type Message } from '../testing/watched-api.ts'
import { dashboardSchema, jobItemSchema, pipelineItemSchema, resourceItemSchema, buildItemSchema, unfinishedItemSchema } from '../web-schemas.ts'

const { world, opened, listening, page, ids } = watchedApi()

test('builds that run and wait are counted, for strangers those of public pipelines', async () => {
  const { setPipeline, call } = world()
  await setPipeline(watchedConfig('a'))
  const port = await listening()
  const [member, stranger] = [await page('viewer', port), await page('nobody', port)]
  for (const { say, next } of [member, stranger]) {
    say({ sub: 1, topic: 'unfinished' })
    expect(await next()).toMatchObject({ set: [{ id: 'unfinished', running: 0, waiting: 0 }] })
  }
  const { id } = (await call('POST', `${watchedPath}/jobs/a/builds`)).json<{ id: number }>()
  const counted = await member.next()
  expect(counted).toMatchObject({ patch: [{ id: 'unfinished', running: 0, waiting: 1 }] })
  unfinishedItemSchema.parse(counted.patch?.[0])
  await call('PUT', `${watchedPath}/expose`)
  expect(await stranger.next()).toMatchObject({ patch: [{ id: 'unfinished', running: 0, waiting: 1 }] })
  await call('PUT', `/api/v1/builds/${id}/abort`)
  for (const { next } of [member, stranger]) expect(await next()).toMatchObject({ patch: [{ id: 'unfinished', running: 0, waiting: 0 }] })
})

test('the dashboard comes whole, then what changes, by its id, and what is gone', async () => {
  const { setPipeline, call } = world()
  await setPipeline(watchedConfig('a'))
  await setPipeline(watchedConfig('b'), '/api/v1/teams/main/pipelines/q')
  const { say, next, socket } = await page()
  expect(socket.protocol).toBe('airside.watch.1')
  say({ sub: 3, topic: 'dashboard' })
  const whole = await next()
  expect(whole).toMatchObject({ sub: 3, set: [{ name: 'p', s: 'paused' }, { name: 'q' }] })
  dashboardSchema.parse({ rev: whole.rev, pipelines: whole.set })
  expect((await call('GET', '/api/v1/dashboard')).json()).toMatchObject({ rev: whole.rev })
  await call('PUT', `${watchedPath}/unpause`)
  const changed = await next()
  expect(changed).toMatchObject({ sub: 3, patch: [{ name: 'p', s: 'pending' }] })
  expect(changed.patch).toHaveLength(1)
  expect(changed.rev).not.toBe(whole.rev)
  await call('DELETE', '/api/v1/teams/main/pipelines/q')
  expect(await next()).toMatchObject({ sub: 3, patch: [{ id: whole.set?.[1]?.id, gone: true }] })
})

test('the message to everybody reaches strangers as it is shown, replaced and over', async () => {
  const { call } = world()
  const { say, next, until, messages } = await page('nobody')
  say({ sub: 1, topic: 'wall' })
  expect(await next()).toMatchObject({ set: [] })
  await call('PUT', '/api/v1/wall', { message: 'one' })
  expect(await next()).toMatchObject({ patch: [{ id: 'wall', message: 'one' }] })
  await call('PUT', '/api/v1/wall', { message: 'two', TTL: 30_000 * 1e6 })
  expect(await next()).toMatchObject({ patch: [{ id: 'wall', message: 'two' }] })
  await until(() => messages.length > 0, 20)
  expect(messages.shift()).toMatchObject({ patch: [{ id: 'wall', gone: true }] })
})

test('a connection on which nothing happens is sent a message of nothing beside each ping', async () => {
  const { socket, beats, until } = await page()
  let pings = 0
  socket.on('ping', () => pings++)
  await until(() => beats() >= 2, 20)
  expect(pings).toBeGreaterThanOrEqual(2)
})

test('who has the newest is sent nothing until something changes', async () => {
  const { setPipeline, call } = world()
  await setPipeline(watchedConfig('a'))
  const { say, next } = await page()
  say({ sub: 1, topic: 'dashboard' })
  const { rev } = await next()
  say({ sub: 2, topic: 'dashboard', rev })
  say({ sub: 3, topic: 'dashboard', rev: 'old' })
  expect(await next()).toMatchObject({ sub: 3, set: [{ name: 'p' }], rev })
  await call('PUT', `${watchedPath}/unpause`)
  const all = [await next(), await next(), await next()]
  expect(all.map(({ sub }) => sub).toSorted()).toEqual([1, 2, 3])
  for (const one of all) expect(one).toMatchObject({ patch: [{ s: 'pending' }] })
})

test('a subscription that has ended is sent nothing more, and its topic is read no more', async () => {
  const { setPipeline, call } = world()
  await setPipeline(watchedConfig('a'))
  const { say, next, messages } = await page()
  say({ sub: 1, topic: 'dashboard' })
  await next()
  say({ unsub: 1 })
  say({ sub: 2, topic: 'me' })
  expect(await next()).toMatchObject({ sub: 2 })
  await call('PUT', `${watchedPath}/unpause`)
  say({ sub: 3, topic: 'dashboard' })
  expect(await next()).toMatchObject({ sub: 3, set: [{ s: 'pending' }] })
  expect(messages).toEqual([])
})

test('a pipeline, a job and a resource hold what their pages show, and follow it', async () => {
  const { setPipeline, call } = world()
  await setPipeline(watchedConfig('b', 'a'))
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
  await call('POST', `${watchedPath}/jobs/b/builds`)
  const after = [await next(), await next()].toSorted((one, other) => one.sub - other.sub)
  expect(after[0]).toMatchObject({ sub: 1, patch: [{ id: 'job/b', job: { next_build: { status: 'pending' } } }] })
  expect(after[1]?.patch?.map(({ id }) => id)).toEqual(['job', 'why', expect.stringMatching(/^build\//)])
})

test('a build is followed with its steps, and its events come as bytes, from any event on', async () => {
  const { setPipeline, builds, pipelines } = world()
  await setPipeline(watchedConfig('a'))
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

test('where web sockets are refused the same messages come as an event stream', async () => {
  const { setPipeline, call, tokenOf, clock } = world()
  await setPipeline(watchedConfig('a'))
  const { pipeline } = await ids()
  const port = await listening()
  const headers = { authorization: `Bearer ${await tokenOf('admin')}`, accept: 'text/event-stream' }
  let text = ''
  const asked = request({ port, path: `/api/v1/watch?topics=${['dashboard', `pipeline/${pipeline}`, 'builds?status=failed,errored', 'build/1/events?after=-1', 'wall', 'me'].map(encodeURIComponent).join(',')}`, headers }, (response) => {
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
  await until(() => messages().length === 6)
  expect(messages()).toMatchObject([{ sub: 0, set: [{ name: 'p' }] }, { sub: 1, set: [{ id: 'pipeline' }, { id: 'job/a' }, { id: 'resource/r' }] }, { sub: 2, set: [] }, { sub: 3, error: 400 }, { sub: 4, set: [] }, { sub: 5, set: [{ id: 'me' }] }])
  text = ''
  await call('PUT', `${watchedPath}/unpause`)
  await until(() => messages().length === 2)
  expect(messages()).toMatchObject([{ sub: 0, patch: [{ s: 'pending' }] }, { sub: 1, patch: [{ id: 'pipeline' }] }])
})

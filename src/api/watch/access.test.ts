import { expect, test } from 'vitest'
import { tokenHash } from '../../auth/tokens.ts'
import { watchedApi, watchedConfig, watchedPath } from '../testing/watched-api.ts'
import { shortComment } from './items.ts'
import { mostSubscriptions } from './session.ts'

const { world, listening, page, ids } = watchedApi()

test('what is hidden and what is not there are refused alike', async () => {
  const { setPipeline } = world()
  await setPipeline(watchedConfig('a'))
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
  await setPipeline(watchedConfig('a'))
  await call('PUT', `${watchedPath}/expose`)
  const { pipeline, job } = await ids()
  const { say, next } = await page('nobody')
  say({ sub: 1, topic: `pipeline/${pipeline}` })
  const whole = await next()
  expect(JSON.stringify(whole)).not.toContain('admin')
  say({ sub: 2, topic: `job/${job}` })
  expect((await next()).set?.map(({ id }) => id)).toEqual(['job'])
  say({ sub: 3, topic: 'dashboard' })
  expect((await next()).set).toHaveLength(1)
  await call('PUT', `${watchedPath}/hide`)
  const after = [await next(), await next(), await next()].toSorted((one, other) => one.sub - other.sub)
  expect(after).toMatchObject([{ sub: 1, error: 401 }, { sub: 2, error: 401 }, { sub: 3, patch: [{ id: pipeline, gone: true }] }])
})

test('the comment of a build comes to members, and of a public job to strangers, in lists by its beginning', async () => {
  const { setPipeline, call } = world()
  const config = watchedConfig('a', 'b').replace('{name: a,', '{name: a, public: true,')
  await setPipeline(config)
  await call('PUT', `${watchedPath}/expose`)
  const port = await listening()
  const [stranger, member] = [await page('nobody', port), await page('viewer', port)]
  const comment = 'c'.repeat(shortComment + 1)
  const nextOf = async ({ next }: typeof member, sub: number) => {
    for (;;) {
      const message = await next()
      if (message.sub === sub) return message
    }
  }
  for (const [name, forStrangers] of [['a', true], ['b', false]] as const) {
    const { id } = (await call('POST', `${watchedPath}/jobs/${name}/builds`)).json<{ id: number }>()
    const [job] = (await call('GET', `${watchedPath}/jobs`)).json<{ id: number; name: string }[]>().filter((one) => one.name === name)
    expect((await call('PUT', `/api/v1/builds/${id}/comment`, { comment })).statusCode).toBe(200)
    for (const [who, sees] of [[member, true], [stranger, forStrangers]] as const) {
      who.say({ sub: id, topic: `job/${job?.id}` })
      const shown = (await nextOf(who, id)).set?.find((item) => item.id === `build/${id}`)?.['build'] as { comment?: string } | undefined
      expect([name, shown?.comment]).toEqual([name, sees ? `${comment.slice(0, shortComment)}…` : undefined])
      who.say({ unsub: id })
    }
    member.say({ sub: id + 100, topic: `build/${id}` })
    expect((await nextOf(member, id + 100)).set).toMatchObject([{ id: 'build', build: { comment } }])
    await call('PUT', `/api/v1/builds/${id}/comment`, { comment: 'shorter' })
    expect((await nextOf(member, id + 100)).patch).toMatchObject([{ id: 'build', build: { comment: 'shorter' } }])
    member.say({ unsub: id + 100 })
  }
})

test('a role that is taken away ends at once what it opened, and what is gone is told as gone', async () => {
  const { setPipeline, call, options } = world()
  await setPipeline(watchedConfig('a'))
  const { pipeline } = await ids()
  const port = await listening()
  const [viewer, admin] = [await page('viewer', port), await page('admin', port)]
  for (const one of [viewer, admin]) {
    one.say({ sub: 1, topic: `pipeline/${pipeline}` })
    expect((await one.next()).set).toBeDefined()
  }
  await options.teams.put({ name: 'main', admin: true, auth: { owner: { users: ['local:admin'], groups: [] } } }, 0)
  expect(await viewer.next()).toEqual({ sub: 1, error: 403 })
  await call('DELETE', watchedPath)
  expect(await admin.next()).toEqual({ sub: 1, error: 404 })
})

test('who could see a build is told when it is gone, and who may not see it any more is not', async () => {
  const { setPipeline, builds, db, options } = world()
  await setPipeline(watchedConfig('a'))
  const { pipeline, team } = await ids()
  const [check, other] = [await builds.createStarted({ kind: 'check', name: 'check', scope: { teamId: team, pipelineId: pipeline } }, {}, 0), await builds.createStarted({ kind: 'check', name: 'check', scope: { teamId: team, pipelineId: pipeline } }, {}, 0)]
  const viewer = await page('viewer')
  for (const [sub, id] of [[1, check], [2, other]] as const) {
    viewer.say({ sub, topic: `build/${id}` })
    expect((await viewer.next()).set).toBeDefined()
  }
  await db.query('delete from builds where id = $1', [check])
  await options.teams.put({ name: 'main', admin: true, auth: { owner: { users: ['local:admin'], groups: [] } } }, 0)
  expect([await viewer.next(), await viewer.next()].toSorted((a, b) => a.sub - b.sub)).toEqual([{ sub: 1, error: 410 }, { sub: 2, error: 403 }])
})

test('strangers follow a build of a public pipeline, and its log where the job is public, too', async () => {
  const { setPipeline, call, builds } = world()
  await setPipeline(watchedConfig('a', 'b').replace('{name: a,', '{name: a, public: true,'))
  await call('PUT', `${watchedPath}/expose`)
  const { pipeline, team } = await ids()
  const jobs = (await call('GET', `${watchedPath}/jobs`)).json<{ id: number; name: string }[]>()
  const port = await listening()
  for (const [as, name, log] of [['nobody', 'a', undefined], ['nobody', 'b', 401], ['stranger', 'b', 403], ['viewer', 'b', undefined]] as const) {
    const jobId = jobs.find((job) => job.name === name)?.id ?? 0
    const id = await builds.createStarted({ kind: 'job', name: '1', scope: { teamId: team, pipelineId: pipeline, jobId } }, {}, 0)
    await builds.claim('me', 1, 1_000_000)
    await builds.commit(id, 'me', 2, { events: [{ key: '1', type: 'log', version: '5.1', payload: '{"origin":{"id":"1"},"payload":"words-of-the-log"}' }] })
    const { say, next, until, messages, frames } = await page(as, port)
    say({ sub: 1, topic: `build/${id}` })
    expect((await next()).set, `${as} ${name}`).toBeDefined()
    say({ sub: 2, topic: `build/${id}/events?after=-1` })
    await until(() => frames.length > 0 || messages.some(({ sub }) => sub === 2))
    expect([frames.length > 0, messages.find(({ sub }) => sub === 2)?.error], `${as} ${name}`).toEqual([log === undefined, log])
  }
})

test.each([
  ['its pipeline is hidden', 'hide'],
  ['its job is made private', 'config'],
])('a log ends at once for strangers when %s, and goes on for members', async (_, how) => {
  const { setPipeline, call, builds } = world()
  await setPipeline(watchedConfig('a').replace('{name: a,', '{name: a, public: true,'))
  await call('PUT', `${watchedPath}/expose`)
  const { pipeline, job, team } = await ids()
  const id = await builds.createStarted({ kind: 'job', name: '1', scope: { teamId: team, pipelineId: pipeline, jobId: job } }, {}, 0)
  await builds.claim('me', 1, 1_000_000)
  const write = (key: string) => builds.commit(id, 'me', 2, { events: [{ key, type: 'start-task', version: '1.0', payload: '{"origin":{"id":"1"}}' }] })
  await write('1')
  const port = await listening()
  const [stranger, member] = [await page('nobody', port), await page('viewer', port)]
  for (const { say, until, frames } of [stranger, member]) {
    say({ sub: 1, topic: `build/${id}/events?after=-1` })
    await until(() => frames.length > 0)
  }
  // The clock stands still: no recheck is due.
  const told = new Promise<void>((resolve) => void stranger.socket.once('message', () => resolve()))
  if (how === 'hide') await call('PUT', `${watchedPath}/hide`)
  else {
    const version = String((await call('GET', `${watchedPath}/config`)).headers['x-concourse-config-version'])
    expect((await call('PUT', `${watchedPath}/config`, watchedConfig('a'), { headers: { 'content-type': 'application/x-yaml', 'x-concourse-config-version': version } })).statusCode).toBe(200)
  }
  await told
  expect(stranger.messages).toEqual([{ sub: 1, error: 401 }])
  const seen = member.frames.length
  await write('2')
  await member.until(() => member.frames.length > seen)
  expect([member.messages, stranger.frames.length]).toEqual([[], 1])
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

import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cipher } from '../../db/conformance/build-fixtures.ts'
import { JobSchedules } from '../../db/scheduling/scheduler-store.ts'
import { silentLog } from '../../lib/log.ts'
import { Pass } from '../../scheduler/pass.ts'
import { passesOf } from '../../scheduler/service.ts'
import { createApi, type Api } from '../api.ts'
import { useApi, type Caller } from '../testing/database-world.ts'

const world = useApi()
const yaml = 'jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]'
const lists = ['/api/v1/pipelines', '/api/v1/jobs', '/api/v1/teams/main/pipelines']
const callers = ['viewer', 'stranger', 'nobody'] as const

/** Another server on the same database, and one that keeps no list. */
let second: Api
let plain: Api
beforeEach(async () => {
  let changes = 0
  second = await createApi(world().options)
  plain = await createApi({ ...world().options, listedChanges: () => Promise.resolve((changes += 1)) })
})
afterEach(() => Promise.all([second.close(), plain.close()]))

/** All lists as somebody gets them; of those that are refused the status. */
async function seenBy(api: Api, who: Caller | 'nobody'): Promise<unknown[]> {
  const headers = who === 'nobody' ? {} : { authorization: `Bearer ${await world().tokenOf(who)}` }
  const answers = await Promise.all(lists.map((url) => api.app.inject({ method: 'GET', url, headers })))
  return answers.map((answer) => (answer.statusCode === 200 ? answer.json<unknown>() : answer.statusCode))
}

/** What servers answer that keep lists must be what one answers that keeps none. */
async function compare(change: string): Promise<string> {
  const wanted: unknown[] = []
  for (const who of callers) {
    const right = await seenBy(plain, who)
    wanted.push(right)
    for (const api of [world().api, second]) expect(await seenBy(api, who), `${change}, seen by ${who}`).toEqual(right)
  }
  return JSON.stringify(wanted)
}

test('lists show each change at once, on every server, to whoever may see it', async () => {
  const { call, setPipeline, options, builds, clock, db } = world()
  const p = '/api/v1/teams/main/pipelines/p'
  const put = async (url: string, body?: object): Promise<void> => expect((await call('PUT', url, body)).statusCode).toBe(200)
  const setAnew = async (config: string): Promise<void> => {
    const version = (await call('GET', `${p}/config`)).headers['x-concourse-config-version']
    const set = await call('PUT', `${p}/config`, config, { headers: { 'content-type': 'application/x-yaml', 'x-concourse-config-version': String(version) } })
    expect(set.statusCode, set.payload).toBe(200)
  }
  const pass = new Pass({ store: new JobSchedules(db, cipher), configs: options.configs, checks: { want: () => Promise.resolve() }, reuse: () => Promise.reject(new Error('no rerun is asked for')), runtime: {}, clock }, 'scheduler')
  const scheduled = passesOf(new JobSchedules(db, cipher), pass, { owner: 'scheduler', clock, log: silentLog })
  const ended = async (): Promise<void> => {
    const claimed = await builds.claim('engine', clock.now(), 60_000)
    await builds.commit(claimed?.id ?? 0, 'engine', clock.now(), { finish: { status: 'succeeded' } })
  }
  const changes: [string, () => Promise<unknown>][] = [
    ['set', () => setPipeline(yaml)],
    ['another set', () => setPipeline(yaml, '/api/v1/teams/main/pipelines/q')],
    ['set anew', () => setAnew(`groups: [{name: g, jobs: [j]}]\ndisplay: {background_image: x.png}\n${yaml}`)],
    ['unpaused', () => put(`${p}/unpause`)],
    ['paused', () => put(`${p}/pause`)],
    ['unpaused again', () => put(`${p}/unpause`)],
    ['a job paused', () => put(`${p}/jobs/j/pause`)],
    ['a job unpaused', () => put(`${p}/jobs/j/unpause`)],
    ['exposed', () => put(`${p}/expose`)],
    ['put in order', () => put('/api/v1/teams/main/pipelines/ordering', ['q', 'p'])],
    ['a build made', () => call('POST', `${p}/jobs/j/builds`)],
    ['a build begun', () => scheduled(new AbortController().signal)],
    ['a build ended', ended],
    ['hidden', () => put(`${p}/hide`)],
    ['renamed', () => put(`${p}/rename`, { name: 'r' })],
    ['a role taken away', () => options.teams.put({ name: 'main', auth: { owner: { users: ['local:admin'], groups: [] } }, admin: true }, 0)],
    ['a role given', () => options.teams.put({ name: 'main', auth: { owner: { users: ['local:admin'], groups: [] }, viewer: { users: ['local:stranger'], groups: [] } }, admin: true }, 0)],
    ['the team renamed', () => put('/api/v1/teams/main/rename', { name: 'new' })],
    ['archived', () => put('/api/v1/teams/new/pipelines/r/archive')],
    ['destroyed', () => call('DELETE', '/api/v1/teams/new/pipelines/r')],
    ['the team destroyed', async () => { await options.teams.put({ name: 'other', auth: { owner: { users: ['local:admin'], groups: [] } }, admin: true }, 0); await options.teams.remove('new') }],
  ]
  let before = await compare('empty')
  for (const [name, change] of changes) {
    await change()
    const now = await compare(name)
    expect(now, `${name} changes nothing that is shown`).not.toBe(before)
    before = now
  }
})

test('a list is sent compressed to those who take that, from the same kept bytes', async () => {
  const { api, setPipeline, tokenOf } = world()
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await setPipeline(yaml, `/api/v1/teams/main/pipelines/${name}`)
  const ask = async (encoding: string) => api.app.inject({ method: 'GET', url: '/api/v1/pipelines', headers: { authorization: `Bearer ${await tokenOf('admin')}`, 'accept-encoding': encoding } })
  const plain = await ask('identity')
  expect(plain.headers).toMatchObject({ 'content-type': 'application/json', vary: 'Accept-Encoding', 'content-length': String(plain.rawPayload.length) })
  for (let time = 0; time < 2; time += 1) {
    const packed = await ask('gzip')
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(gunzipSync(packed.rawPayload).equals(plain.rawPayload)).toBe(true)
  }
})

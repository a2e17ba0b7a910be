import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { useApi } from './testing/database-world.ts'

const world = useApi()

const yaml = 'jobs:\n- name: j\n  plan:\n  - task: t\n    config: {platform: linux, run: {path: "true"}}\n'
const at = '/api/v1/teams/main/pipelines/p'

const config = { 'content-type': 'application/x-yaml' }

test('a pipeline is set, read back, and refused when it was set from an old version', async () => {
  const { call } = world()
  const set = await call('PUT', `${at}/config`, yaml, { headers: { ...config, 'x-concourse-config-version': '' } })
  expect([set.statusCode, set.headers['content-type']]).toEqual([201, 'application/json'])
  const got = await call('GET', `${at}/config`)
  const version = String(got.headers['x-concourse-config-version'])
  expect(got.json<{ config: unknown }>().config).toEqual({ jobs: [{ name: 'j', plan: [{ task: 't', config: { platform: 'linux', run: { path: 'true' } } }] }] })
  expect((await call('PUT', `${at}/config`, yaml, { headers: { ...config, 'x-concourse-config-version': version } })).statusCode).toBe(200)
  expect((await call('PUT', `${at}/config`, yaml, { headers: { ...config, 'x-concourse-config-version': version } })).statusCode).toBe(409)
  expect((await call('GET', at)).json()).toMatchObject({ name: 'p', paused: true, paused_by: 'admin' })
  expect((await call('GET', `${at}/jobs`)).json()).toHaveLength(1)
})

test('a config that is not valid is answered with what is wrong, by names', async () => {
  const { call } = world()
  const set = await call('PUT', `${at}/config`, 'jobs: [{name: unit, plan: [{get: nothing}]}]', { headers: config })
  expect([set.statusCode, set.headers['content-type']]).toEqual([400, 'application/json'])
  expect(set.json<{ errors: string[] }>().errors[0]).toMatch(/^jobs\.unit\.plan\[0\]/)
  expect((await call('PUT', `${at}/config`, yaml, { headers: { 'content-type': 'text/plain' } })).statusCode).toBe(415)
  expect((await call('PUT', `${at}/config`, yaml, { headers: { ...config, 'x-concourse-config-version': 'x' } })).statusCode).toBe(400)
})

test('a job is triggered, also with an empty body that calls itself JSON', async () => {
  const { call } = world()
  await call('PUT', `${at}/config`, yaml, { headers: config })
  const made = await call('POST', `${at}/jobs/j/builds`, '', { headers: { 'content-type': 'application/json' } })
  expect(made.json()).toMatchObject({ id: 1, name: '1', status: 'pending', created_by: 'admin' })
  expect((await call('POST', `${at}/jobs/unknown/builds`)).statusCode).toBe(404)
  const list = await call('GET', '/api/v1/builds?limit=1')
  expect(list.json()).toHaveLength(1)
  expect((await call('GET', '/api/v1/builds?from=2&to=1')).statusCode).toBe(400)
})

test('a public pipeline is seen by strangers without names of people; a private one is not told apart from none', async () => {
  const { call } = world()
  await call('PUT', `${at}/config`, yaml, { headers: config })
  const stranger = (url: string) => call('GET', url, undefined, { as: 'nobody' })
  expect([(await stranger(at)).statusCode, (await stranger(`${at}x`)).statusCode]).toEqual([401, 401])
  await call('PUT', `${at}/expose`)
  expect((await stranger(at)).json()).not.toHaveProperty('paused_by')
  expect((await stranger(`${at}/config`)).statusCode).toBe(401)
})

test('fly logs in with a password, and logs out', async () => {
  const { api } = world()
  const login = (password: string, headers: Record<string, string> = { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }) =>
    api.app.inject({ method: 'POST', url: '/sky/issuer/token', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, payload: new URLSearchParams({ grant_type: 'password', username: 'admin', password }).toString() })
  expect((await login('wrong')).json()).toMatchObject({ error_description: 'Invalid username or password' })
  expect((await login('right', {})).statusCode).toBe(401)
  const { access_token: token } = (await login('right')).json<{ access_token: string }>()
  const user = () => api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `bearer ${token}` } })
  expect((await user()).json()).toMatchObject({ is_admin: true, teams: { main: ['owner'] } })
  expect((await api.app.inject({ method: 'GET', url: '/sky/logout', headers: { cookie: `skymarshal_auth="bearer ${token}"` } })).statusCode).toBe(200)
  expect((await user()).statusCode).toBe(401)
  expect((await api.app.inject({ method: 'GET', url: '/api/v1/info' })).json()).toMatchObject({ version: '8.2.5' })
})

test('ten failed logins close the door for a while; the same wrong password twice counts once', async () => {
  const { api, clock } = world()
  const login = async (password: string) =>
    (await api.app.inject({ method: 'POST', url: '/sky/issuer/token', headers: { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }, payload: `grant_type=password&username=admin&password=${password}` })).statusCode
  for (let i = 0; i < 10; i++) expect([await login(`wrong${i}`), await login(`wrong${i}`)].at(-1)).toBe(i === 9 ? 429 : 401)
  expect(await login('right')).toBe(429)
  await clock.advance(5 * 60_000)
  expect(await login('right')).toBe(200)
})

test('a NUL in a path or a body is no failure of the server', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml)
  const answered = async (method: 'GET' | 'PUT', path: string, body?: object) => (await call(method, `/api/v1/teams/main${path}`, body)).statusCode
  expect([await answered('GET', '/pipelines/a%00b'), await answered('GET', '/pipelines/p/jobs/a%00b'), await answered('GET', '%00/pipelines')]).toEqual([400, 404, 404])
  expect([await answered('PUT', '/pipelines/p/rename', { name: 'a\0' }), await answered('PUT', '/pipelines/ordering', ['a\0'])]).toEqual([400, 400])
  const job = { name: 'a\0', plan: [{ task: 't', file: 'a/b' }] }
  const set = await call('PUT', '/api/v1/teams/main/pipelines/q/config', JSON.stringify({ jobs: [job] }), { headers: { ...config, 'x-concourse-config-version': '' } })
  expect([set.statusCode, set.json<{ errors: string[] }>().errors.at(-1)]).toEqual([400, expect.stringContaining('NUL')])
})

test('B10: jobs that would swap names by old_name are refused', async () => {
  const { call } = world()
  const jobs = (...names: [string, string?][]) => JSON.stringify({ jobs: names.map(([name, old]) => ({ name, plan: [{ task: 't', file: 'a/b' }], ...(old !== undefined && { old_name: old }) })) })
  const set = async (body: string) => {
    const version = (await call('GET', `${at}/config`)).headers['x-concourse-config-version']
    return call('PUT', `${at}/config`, body, { headers: { ...config, 'x-concourse-config-version': String(version ?? '') } })
  }
  expect((await set(jobs(['a'], ['b']))).statusCode).toBe(201)
  const swapped = await set(jobs(['a', 'b'], ['b', 'a']))
  expect([swapped.statusCode, swapped.json()]).toEqual([400, { errors: ['jobs b, a: their old_name would have them swap names; give one of them a name of its own first'] }])
})

test('a dry run of a config tells what it would do, and sets nothing', async () => {
  const { call } = world()
  const put = (path: string, version = '') => call('POST', `${path}/config/dry-run`, yaml, { headers: { ...config, 'x-concourse-config-version': version } })
  const first = await put(at)
  expect([first.statusCode, first.json()]).toEqual([200, { changes: ['job j is new'], warnings: [] }])
  expect((await call('GET', at)).statusCode).toBe(404)
  await call('PUT', `${at}/config`, yaml, { headers: { ...config, 'x-concourse-config-version': '' } })
  const version = String((await call('GET', `${at}/config`)).headers['x-concourse-config-version'])
  expect([(await put(at, version)).json(), (await put(at, '999999')).statusCode, (await put('/api/v1/teams/none/pipelines/p')).statusCode]).toEqual([{ changes: [], warnings: [] }, 409, 404])
  expect((await call('GET', `${at}/config`)).headers['x-concourse-config-version']).toBe(version)
})

test('answers of more than a kilobyte are compressed for those who take gzip', async () => {
  const { call, setPipeline } = world()
  await setPipeline(`jobs: [${Array.from({ length: 20 }, (_, n) => `{name: job-${n}, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}`).join(', ')}]`)
  const plain = await call('GET', `${at}/jobs`)
  const packed = await call('GET', `${at}/jobs`, undefined, { headers: { 'accept-encoding': 'deflate, gzip' } })
  expect([plain.headers['content-encoding'], packed.headers['content-encoding'], packed.headers['content-type']]).toEqual([undefined, 'gzip', 'application/json'])
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.payload)
  expect((await call('GET', '/api/v1/info', undefined, { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding']).toBeUndefined()
})

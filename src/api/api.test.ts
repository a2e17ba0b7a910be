import { expect, test } from 'vitest'
import { apiWorld, type ApiWorld } from './testing/world.ts'
import { buildSchema, configSchema, infoSchema, jobSummarySchema, pipelineSchema, saveConfigSchema, userSchema } from './schemas.ts'

const yaml = 'jobs:\n- name: j\n  plan:\n  - task: t\n    config: {platform: linux, run: {path: "true"}}\n'
const at = '/api/v1/teams/main/pipelines/p'

async function authorized(world: ApiWorld) {
  const authorization = `Bearer ${await world.tokenOf('admin')}`
  return (method: 'GET' | 'PUT' | 'POST', url: string, payload?: string, headers: Record<string, string> = {}) =>
    world.api.app.inject({ method, url, headers: { authorization, ...headers }, ...(payload !== undefined && { payload }) })
}
const config = { 'content-type': 'application/x-yaml' }

test('a pipeline is set, read back, and refused when it was set from an old version', async () => {
  const call = await authorized(await apiWorld())
  const set = await call('PUT', `${at}/config`, yaml, { ...config, 'x-concourse-config-version': '' })
  expect([set.statusCode, set.headers['content-type']]).toEqual([201, 'application/json'])
  saveConfigSchema.parse(set.json())
  const got = await call('GET', `${at}/config`)
  const version = String(got.headers['x-concourse-config-version'])
  expect(configSchema.parse(got.json()).config).toEqual({ jobs: [{ name: 'j', plan: [{ task: 't', config: { platform: 'linux', run: { path: 'true' } } }] }] })
  expect((await call('PUT', `${at}/config`, yaml, { ...config, 'x-concourse-config-version': version })).statusCode).toBe(200)
  expect((await call('PUT', `${at}/config`, yaml, { ...config, 'x-concourse-config-version': version })).statusCode).toBe(409)
  expect(pipelineSchema.parse((await call('GET', at)).json())).toMatchObject({ name: 'p', paused: true, paused_by: 'admin' })
  expect(jobSummarySchema.array().parse((await call('GET', `${at}/jobs`)).json())).toHaveLength(1)
})

test('a config that is not valid is answered with what is wrong, by names', async () => {
  const call = await authorized(await apiWorld())
  const set = await call('PUT', `${at}/config`, 'jobs: [{name: unit, plan: [{get: nothing}]}]', config)
  expect([set.statusCode, set.headers['content-type']]).toEqual([400, 'application/json'])
  expect(saveConfigSchema.parse(set.json()).errors?.[0]).toMatch(/^jobs\.unit\.plan\[0\]/)
  expect((await call('PUT', `${at}/config`, yaml, { 'content-type': 'text/plain' })).statusCode).toBe(415)
  expect((await call('PUT', `${at}/config`, yaml, { ...config, 'x-concourse-config-version': 'x' })).statusCode).toBe(400)
})

test('a job is triggered, also with an empty body that calls itself JSON', async () => {
  const world = await apiWorld()
  const call = await authorized(world)
  await call('PUT', `${at}/config`, yaml, config)
  const made = await call('POST', `${at}/jobs/j/builds`, '', { 'content-type': 'application/json' })
  expect(buildSchema.parse(made.json())).toMatchObject({ id: 1, name: '1', status: 'pending', created_by: 'admin' })
  expect((await call('POST', `${at}/jobs/unknown/builds`)).statusCode).toBe(404)
  const list = await call('GET', '/api/v1/builds?limit=1')
  expect(buildSchema.array().parse(list.json())).toHaveLength(1)
  expect((await call('GET', '/api/v1/builds?from=2&to=1')).statusCode).toBe(400)
})

test('a public pipeline is seen by strangers without names of people; a private one is not told apart from none', async () => {
  const world = await apiWorld()
  const call = await authorized(world)
  await call('PUT', `${at}/config`, yaml, config)
  const stranger = (url: string) => world.api.app.inject({ method: 'GET', url })
  expect([(await stranger(at)).statusCode, (await stranger(`${at}x`)).statusCode]).toEqual([401, 401])
  await call('PUT', `${at}/expose`)
  expect(pipelineSchema.parse((await stranger(at)).json())).not.toHaveProperty('paused_by')
  expect((await stranger(`${at}/config`)).statusCode).toBe(401)
})

test('fly logs in with a password, and logs out', async () => {
  const { api } = await apiWorld()
  const login = (password: string, headers: Record<string, string> = { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }) =>
    api.app.inject({ method: 'POST', url: '/sky/issuer/token', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, payload: new URLSearchParams({ grant_type: 'password', username: 'admin', password }).toString() })
  expect((await login('wrong')).json()).toMatchObject({ error_description: 'Invalid username or password' })
  expect((await login('right', {})).statusCode).toBe(401)
  const { access_token: token } = (await login('right')).json<{ access_token: string }>()
  const user = () => api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `bearer ${token}` } })
  expect(userSchema.parse((await user()).json())).toMatchObject({ is_admin: true, teams: { main: ['owner'] } })
  expect((await api.app.inject({ method: 'GET', url: '/sky/logout', headers: { cookie: `skymarshal_auth="bearer ${token}"` } })).statusCode).toBe(200)
  expect((await user()).statusCode).toBe(401)
  infoSchema.parse((await api.app.inject({ method: 'GET', url: '/api/v1/info' })).json())
})

test('ten failed logins close the door for a while; the same wrong password twice counts once', async () => {
  const { api, clock } = await apiWorld()
  const login = async (password: string) =>
    (await api.app.inject({ method: 'POST', url: '/sky/issuer/token', headers: { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }, payload: `grant_type=password&username=admin&password=${password}` })).statusCode
  for (let i = 0; i < 10; i++) expect([await login(`wrong${i}`), await login(`wrong${i}`)].at(-1)).toBe(i === 9 ? 429 : 401)
  expect(await login('right')).toBe(429)
  await clock.advance(5 * 60_000)
  expect(await login('right')).toBe(200)
})

import pino from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { newToken } from '../auth/tokens.ts'
import { about } from '../lib/about.ts'
import { withOverrides } from '../lib/with-overrides.ts'
import { routes } from './routes.ts'
import { useApi } from './testing/database-world.ts'

let lines: string[] = []
const log = pino({ level: 'debug', base: null, timestamp: false, mixin: about }, { write: (line: string) => void lines.push(line) })
const world = useApi(({ jobs }) => ({
  log,
  jobs: withOverrides(jobs, { trigger: () => Promise.reject(new Error('broken')) }),
}))
beforeEach(() => {
  lines = []
})

const yaml = (name: string) => `resources: [{name: r, type: git, source: {}, webhook_token: hook-secret}]\njobs: [{name: ${name}, plan: [{get: r}]}]`
const other = '/api/v1/teams/other/pipelines/p'

test('S2: the team of the path counts, whatever query, body and headers say', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml('of-main'))
  const said = 'team_name=main&team=main&team_name=other&team_name=main'
  const headers = { 'content-type': 'application/x-yaml', 'x-team': 'main', team_name: 'main' }
  expect((await call('PUT', `${other}/config?${said}`, yaml('of-other'), { headers, as: 'member' })).statusCode).toBe(403)
  expect((await call('PUT', `${other}/config?${said}`, `team: main\nteam_name: main\n${yaml('of-other')}`, { headers, as: 'member' })).statusCode).toBe(403)
  expect((await call('PUT', `${other}/config?${said}`, yaml('of-other'), { headers, as: 'stranger' })).statusCode).toBe(201)
  const jobsOf = async (team: string) => (await call('GET', `/api/v1/teams/${team}/pipelines/p/jobs?team_name=other&team=other`)).json<{ name: string }[] | string>()
  expect(await jobsOf('main')).toMatchObject([{ name: 'of-main', team_name: 'main' }])
  // An encoded name is that name, and a slash in one leads nowhere else.
  expect(await jobsOf('%6dain')).toMatchObject([{ name: 'of-main' }])
  for (const team of ['main%2f..%2fother', 'other%2f..%2fmain', '..%2fmain', 'main%00', 'main%2fpipelines%2fp']) {
    const { statusCode } = await call('GET', `/api/v1/teams/${team}/pipelines/p/config`, undefined, { as: 'member' })
    expect([400, 403, 404], team).toContain(statusCode)
  }
})

test('S4, O4: passwords, tokens and cookies stand in no line of the log, no error and no entry of the audit', async () => {
  const made = world()
  const { api, db, setPipeline, tokenOf } = made
  await setPipeline(yaml('j'))
  const token = await tokenOf('member')
  const [bearer, cookie] = [{ authorization: `Bearer ${token}` }, { cookie: `skymarshal_auth="bearer ${token}"` }]
  const form = (password: string) => new URLSearchParams({ grant_type: 'password', username: 'admin', password }).toString()
  const basic = { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }
  const answers = [
    await api.app.inject({ method: 'POST', url: '/api/v1/teams/main/pipelines/p/jobs/j/builds', headers: bearer }),
    await api.app.inject({ method: 'POST', url: '/api/v1/teams/main/pipelines/p/jobs/j/builds', headers: cookie }),
    await api.app.inject({ method: 'GET', url: `/api/v1/teams/other/pipelines/p/config?token=${token}`, headers: bearer }),
    await api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `Bearer ${token}x` } }),
    await api.app.inject({ method: 'POST', url: '/sky/issuer/token', headers: basic, payload: form('wrong-password') }),
    await api.app.inject({ method: 'POST', url: '/api/v1/teams/main/pipelines/p/resources/r/check/webhook?webhook_token=hook-secreT' }),
    await api.app.inject({ method: 'GET', url: `/sky/logout`, headers: cookie }),
  ]
  expect(answers.map(({ statusCode }) => statusCode).slice(0, 5)).toEqual([500, 401, 403, 401, 401])
  const shown = [...lines, ...answers.map(({ payload, headers: { 'set-cookie': _, ...headers } }) => `${payload} ${JSON.stringify(headers)}`), JSON.stringify(await db.query('select * from audit'))].join('\n')
  expect(shown).toContain('a request failed')
  for (const secret of [token, token.slice(3, 30), 'wrong-password', 'hook-secre', 'Zmx5']) expect(shown.includes(secret), secret).toBe(false)
})

test('O1: no text lets anybody in but a token that was issued', async () => {
  const { api, tokenOf } = world()
  const token = await tokenOf('admin')
  const status = async (authorization: string) => (await api.app.inject({ url: '/api/v1/users', headers: { authorization } })).statusCode
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"admin","admin":true}').toString('base64url')}.`
  expect(await status(`Bearer ${token}`)).toBe(200)
  for (const text of ['', 'x', 'admin', 'null', 'undefined', 'true', newToken(), token.slice(0, -1), `${token}=`, token.toUpperCase(), unsigned]) expect(await status(`Bearer ${text}`), text).toBe(401)
  for (const text of [token, `Basic ${token}`, `Token ${token}`]) expect(await status(text), text).toBe(401)
})

test('O3: an archived pipeline is refused by the routes by which Concourse refuses it, whichever leads to what it holds', () => {
  const refused = ['CheckPrototype', 'CheckResource', 'CheckResourceType', 'CreateJobBuild', 'DisableResourceVersion', 'EnableResourceVersion', 'PausePipeline', 'PinResourceVersion', 'RerunJobBuild', 'ScheduleJob', 'SetPinCommentOnResource', 'UnpausePipeline', 'UnpinResource']
  const ours = ['RestoreConfig']
  expect(routes.filter(({ archived }) => archived === 'refused').map(({ name }) => name).toSorted()).toEqual([...refused, ...ours].toSorted())
})

test("O6: what a webhook's headers say of servers counts for nothing", async () => {
  const { api, db, setPipeline, call } = world()
  await setPipeline(yaml('j'))
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-github-enterprise-host': 'evil.example', 'x-gitlab-instance': 'https://evil.example', forwarded: 'host=evil.example' }
  expect((await api.app.inject({ method: 'POST', url: '/api/v1/teams/main/pipelines/p/resources/r/check/webhook?webhook_token=hook-secret', headers })).statusCode).toBe(201)
  expect(JSON.stringify([await db.query('select * from resources'), (await call('GET', '/api/v1/info', undefined, { headers })).json()])).not.toContain('evil.example')
})

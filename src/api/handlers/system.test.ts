import { expect, test } from 'vitest'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const job = (name: string): string => `{name: ${name}, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}`

test('the wall has a message with the time that is left of it', async () => {
  const { call, clock } = world()
  expect((await call('GET', '/api/v1/wall')).json()).toEqual({})
  expect((await call('PUT', '/api/v1/wall', { message: 'down at noon', TTL: 60e9 })).statusCode).toBe(200)
  await clock.advance(20_000)
  expect((await call('GET', '/api/v1/wall', undefined, { as: 'nobody' })).json()).toEqual({ message: 'down at noon', TTL: 40e9 })
  await clock.advance(40_000)
  expect((await call('GET', '/api/v1/wall')).json()).toEqual({})
  await call('PUT', '/api/v1/wall', { message: 'stays' })
  await call('DELETE', '/api/v1/wall')
  expect((await call('GET', '/api/v1/wall')).json()).toEqual({})
  expect((await call('PUT', '/api/v1/wall', {})).payload).toBe('Wall message cannot be empty')
  for (const body of [{ message: '' }, { message: 1 }, 'no JSON', '']) expect((await call('PUT', '/api/v1/wall', body)).statusCode).toBe(400)
})

test('the log level is one of Concourse’s', async () => {
  const { call } = world()
  expect((await call('GET', '/api/v1/log-level')).payload).toBe('info')
  expect((await call('PUT', '/api/v1/log-level', 'debug')).statusCode).toBe(200)
  expect((await call('GET', '/api/v1/log-level')).payload).toBe('debug')
  expect((await call('PUT', '/api/v1/log-level', 'trace')).payload).toContain('must be one of debug, info, error, fatal')
})

test('people who logged in since a day are listed', async () => {
  const { call, tokenOf } = world()
  await tokenOf('viewer')
  const names = (await call('GET', '/api/v1/users')).json<{ username: string }[]>().map(({ username }) => username)
  expect(names.toSorted()).toEqual(['admin', 'viewer'])
  expect((await call('GET', '/api/v1/users?since=2999-01-01')).json()).toEqual([])
  const wrong = await call('GET', '/api/v1/users?since=yesterday')
  expect([wrong.statusCode, wrong.json()]).toEqual([400, { error: 'wrong date format (yyyy-mm-dd)' }])
})

test('what workers of Concourse call is answered with what Airside has instead', async () => {
  const { call } = world()
  expect((await call('POST', '/api/v1/workers', '{}')).statusCode).toBe(501)
  expect((await call('PUT', '/api/v1/workers/docker/land')).payload).toBe('workers are Kubernetes nodes or the container engine; drain the node')
  expect((await call('PUT', '/api/v1/workers/docker/prune')).json<{ stderr: string }>().stderr).toContain('container engine')
  for (const what of ['land', 'retire', 'prune']) expect((await call('PUT', `/api/v1/workers/gone/${what}`)).statusCode).toBe(404)
})

test('badges show the last build of a job, and the worst of a pipeline', async () => {
  const { call, setPipeline, builds, options } = world()
  await setPipeline(`jobs: [${job('good')}, ${job('bad')}]`)
  const at = '/api/v1/teams/main/pipelines/p'
  expect((await call('GET', `${at}/badge`)).payload).toContain('unknown')
  for (const [index, status] of (['succeeded', 'failed'] as const).entries()) {
    const [{ id: jobId } = { id: 0 }] = (await options.pipelines.jobs((await options.pipelines.list())[0]?.id ?? 0)).slice(index)
    const id = await options.jobs.trigger(jobId, 'jo', 0)
    await builds.start(id, {}, 1)
    await builds.claim(`engine ${id}`, 1, 1_000, id)
    await builds.commit(id, `engine ${id}`, 2_000, { finish: { status } })
  }
  const good = await call('GET', `${at}/jobs/good/badge?title=${encodeURIComponent('a<b')}`)
  expect(good.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache, no-store, must-revalidate', expires: '0' })
  expect(good.payload).toContain('a&#60;b')
  expect(good.payload).toContain('passing')
  expect((await call('GET', `${at}/badge`)).payload).toContain('failing')
  const main = await call('GET', '/api/v1/pipelines/p/jobs/good/badge?title=x')
  expect([main.statusCode, main.headers.location]).toEqual([301, '/api/v1/teams/main/pipelines/p/jobs/good/badge'])
})

test('cc.xml lists jobs with a finished build: of public pipelines only to strangers', async () => {
  const { call, setPipeline, builds, options } = world()
  const path = '/api/v1/teams/main/pipelines/p?vars.a="1"&vars.b.c=true'
  await setPipeline(`jobs: [${job('unit')}, ${job('new')}]`, path)
  const [{ id: jobId } = { id: 0 }] = await options.pipelines.jobs((await options.pipelines.list())[0]?.id ?? 0)
  const id = await options.jobs.trigger(jobId, 'jo', 0)
  await builds.start(id, {}, 1)
  await builds.claim('engine', 1, 1_000, id)
  await builds.commit(id, 'engine', 2_000, { finish: { status: 'errored' } })
  await options.jobs.trigger(jobId, 'jo', 0)
  const cc = async (as: 'viewer' | 'nobody', team = 'main') => (await call('GET', `/api/v1/teams/${team}/cc.xml`, undefined, { as })).payload
  expect(await cc('viewer')).toContain(
    '<Project activity="Building" lastBuildLabel="1" lastBuildStatus="Exception" lastBuildTime="1970-01-01T00:00:02Z" name="p/a:&#34;1&#34;,b.c:true/unit" webUrl="http://ci.example/teams/main/pipelines/p/jobs/unit?vars.a=%221%22&#38;vars.b.c=true"/>',
  )
  expect(await cc('viewer')).not.toContain('/new')
  const none = '<?xml version="1.0" encoding="UTF-8"?>\n<Projects></Projects>\n'
  expect([await cc('nobody'), await cc('nobody', 'unknown')]).toEqual([none, none])
  expect((await call('GET', '/api/v1/teams/unknown/cc.xml')).statusCode).toBe(404)
  expect((await call('PUT', path.replace('?', '/expose?'))).statusCode).toBe(200)
  expect(await cc('nobody')).toContain('<Project ')
})

test('anybody may read who signs tokens and with which keys', async () => {
  const { call } = world()
  expect((await call('GET', '/.well-known/openid-configuration', undefined, { as: 'nobody' })).json()).toMatchObject({ issuer: 'http://ci.example', jwks_uri: 'http://ci.example/.well-known/jwks.json', id_token_signing_alg_values_supported: ['RS256', 'ES256'] })
  expect((await call('GET', '/.well-known/jwks.json', undefined, { as: 'nobody' })).json()).toEqual({ keys: [{ kid: 'k', kty: 'EC' }] })
})

import { expect, test } from 'vitest'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const yaml = 'jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]'
const of = (name: string): string => `/api/v1/teams/main/pipelines/${name}`

async function names(): Promise<string[]> {
  const listed = (await world().call('GET', '/api/v1/teams/main/pipelines')).json<{ name: string; instance_vars?: object }[]>()
  return listed.map(({ name, instance_vars: vars }) => `${name}${vars === undefined ? '' : ` ${JSON.stringify(vars)}`}`)
}

test('an archived pipeline keeps its name and loses its config until it is set again', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml, of('p'))
  await call('PUT', `${of('p')}/unpause`)
  expect((await call('PUT', `${of('p')}/archive`)).statusCode).toBe(200)
  expect((await call('GET', of('p'))).json()).toMatchObject({ archived: true, paused: true })
  expect((await call('GET', `${of('p')}/config`)).statusCode).toBe(404)
  expect((await call('PUT', `${of('p')}/unpause`)).payload).toBe('action not allowed for an archived pipeline')
  expect((await call('POST', `${of('p')}/jobs/j/builds`)).statusCode).toBe(409)
  await setPipeline(yaml, of('p'))
  expect((await call('GET', of('p'))).json()).toMatchObject({ archived: false, paused: true })
})

test('a pause of a pipeline or a job has a reason where one is given, which members see', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml, of('p'))
  await call('PUT', `${of('p')}/expose`)
  for (const path of [of('p'), `${of('p')}/jobs/j`]) {
    await call('PUT', `${path}/unpause`)
    const shown = async (as: 'admin' | 'nobody' = 'admin') => (await call('GET', path, undefined, { as })).json<{ paused?: boolean; paused_by?: string; paused_at?: number; paused_why?: string }>()
    const pause = (body: object | undefined, as: 'admin' | 'member' = 'admin') => call('PUT', `${path}/pause`, body, { as })
    expect((await pause(undefined)).statusCode).toBe(200)
    const first = await shown()
    expect(first).not.toHaveProperty('paused_why')
    // A reason that comes later leaves who paused it and when.
    expect((await pause({ reason: ' freeze until Monday ' }, 'member')).statusCode).toBe(200)
    expect(await shown()).toEqual({ ...first, paused_why: 'freeze until Monday' })
    expect(await shown('nobody')).not.toHaveProperty('paused_why')
    await pause(undefined, 'member')
    expect((await shown()).paused_why).toBe('freeze until Monday')
    await pause({ reason: '' })
    expect(await shown()).not.toHaveProperty('paused_why')
    expect((await pause({ reason: 'x'.repeat(1_000) })).statusCode).toBe(200)
    for (const bad of [{ reason: 'x'.repeat(1_001) }, { reason: 1 }, []]) expect((await pause(bad)).statusCode, JSON.stringify(bad).slice(0, 40)).toBe(400)
    await call('PUT', `${path}/unpause`)
    expect(await shown()).not.toHaveProperty('paused_why')
  }
  await call('PUT', `${of('p')}/pause`, { reason: 'freeze' })
  const card = async (as: 'admin' | 'nobody') => (await call('GET', '/api/v1/dashboard', undefined, { as })).json<{ pipelines: { paused?: { why?: string } }[] }>().pipelines[0]?.paused
  expect([(await card('admin'))?.why, (await card('nobody'))?.why]).toEqual(['freeze', undefined])
})

test('a pipeline is destroyed, as fly asks for it', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml, of('p'))
  expect((await call('DELETE', of('p'), '', { headers: { 'content-type': 'application/json' } })).statusCode).toBe(204)
  expect((await call('DELETE', of('p'))).statusCode).toBe(404)
})

test('all instances of a name are renamed, but not to a name that is taken or none', async () => {
  const { call, setPipeline } = world()
  for (const name of ['p?vars.a=1', 'p?vars.a=2', 'q?vars.a=2']) await setPipeline(yaml, of(name))
  const rename = (from: string, name: string) => call('PUT', `${of(from)}/rename`, { name })
  expect((await rename('p', 'Neu')).json()).toMatchObject({ warnings: [{ type: 'invalid_identifier', message: "pipeline: 'Neu' is not a valid identifier: must start with a lowercase letter or a number" }] })
  expect(await names()).toEqual(['Neu {"a":1}', 'Neu {"a":2}', 'q {"a":2}'])
  expect([(await rename('Neu', 'q')).json(), (await rename('Neu', '')).json()]).toEqual([{ errors: ['pipeline: there is a pipeline "q" already'] }, { errors: ['pipeline: name is empty'] }])
  expect((await rename('Neu', 'x'.repeat(1025))).statusCode).toBe(400)
  expect((await rename('Neu', 'x\0')).json()).toEqual({ errors: ['pipeline: name is not Unicode without NUL'] })
  expect((await rename('p', 'x')).statusCode).toBe(404)
})

test('setting a pipeline warns of its team’s name too, and says what is wrong with a version', async () => {
  const { call } = world()
  await call('PUT', '/api/v1/teams/Web', { auth: { owner: { users: ['local:admin'] } } })
  const set = (team: string, headers = {}) => call('PUT', `/api/v1/teams/${team}/pipelines/p/config`, yaml, { headers: { 'content-type': 'application/x-yaml', ...headers } })
  expect((await set('Web')).json()).toEqual({ warnings: [{ type: 'invalid_identifier', message: "team: 'Web' is not a valid identifier: must start with a lowercase letter or a number" }] })
  expect((await set('main')).json()).toEqual({})
  const refused = await set('main', { 'x-concourse-config-version': 'x' })
  expect([refused.statusCode, refused.json()]).toEqual([400, { errors: ['config version is malformed: expected integer'] }])
})

test('a pipeline without a name is not set: nobody could name it to destroy it', async () => {
  const set = await world().call('PUT', '/api/v1/teams/main/pipelines//config', yaml, { headers: { 'content-type': 'application/x-yaml' } })
  expect([set.statusCode, set.json()]).toEqual([400, { errors: ['pipeline: name is empty'] }])
  expect(await names()).toEqual([])
  await world().setPipeline(yaml, of('x'.repeat(1024)))
  expect((await names())[0]?.length).toBe(1024)
})

test('pipelines and their instances are put in order', async () => {
  const { call, setPipeline } = world()
  for (const name of ['a', 'b?vars.n=1', 'b?vars.n=2', 'c']) await setPipeline(yaml, of(name))
  expect((await call('PUT', '/api/v1/teams/main/pipelines/ordering', ['c', 'a'])).statusCode).toBe(200)
  expect((await call('PUT', `${of('b')}/ordering`, [{ n: 2 }, { n: 1 }])).statusCode).toBe(200)
  expect(await names()).toEqual(expect.arrayContaining(['c', 'a']))
  expect((await names()).filter((name) => name.startsWith('b'))).toEqual(['b {"n":2}', 'b {"n":1}'])
  expect((await names()).filter((name) => !name.startsWith('b'))).toEqual(['c', 'a'])
  expect((await call('PUT', '/api/v1/teams/main/pipelines/ordering', ['x'])).payload).toBe("pipeline 'x' not found")
  expect((await call('PUT', `${of('b')}/ordering`, [{ n: 3 }])).payload).toBe("pipeline 'b/n:3' not found")
  expect((await call('PUT', '/api/v1/teams/main/pipelines/ordering', { a: 1 })).statusCode).toBe(400)
})

test('a pipeline is found by its instance vars, however the query writes them', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml, `${of('p')}?vars.a.b="x"&vars.c=true`)
  for (const query of ['vars={"c":true,"a":{"b":"x"}}', 'vars={"a":{"b":"x"}}&vars.c=true', 'vars.a={"b":"x"}&vars.c=true']) expect((await call('GET', `${of('p')}?${query}`)).statusCode, query).toBe(200)
  await setPipeline(yaml, `${of('q')}?vars."a.b"=1`)
  expect((await call('GET', `${of('q')}?vars={"a.b":1}`)).json()).toMatchObject({ instance_vars: { 'a.b': 1 } })
  for (const query of ['vars=x', 'vars=[]', 'vars.a=x', 'vars.a..b=1', 'vars.=1']) expect((await call('GET', `${of('p')}?${query}`)).statusCode, query).toBe(400)
  expect((await call('GET', of('p'))).statusCode).toBe(404)
})

test('check_creds refuses a config whose vars are not there, and asks its var sources', async () => {
  const { call } = world()
  const config = (source: string) => `var_sources: [{name: d, type: dummy, config: {vars: {there: x}}}]\nresources: [{name: r, type: git, source: {${source}}}]\njobs: [{name: j, plan: [{get: r}]}]`
  const set = (source: string, to = `${of('p')}/config?check_creds=`) => call('PUT', to, config(source), { headers: { 'content-type': 'application/x-yaml' } })
  const refused = await set('a: ((unknown)), b: "((d:not-there))"')
  expect([refused.statusCode, refused.json()]).toEqual([400, { errors: ['credential validation failed\n\nresource r: undefined vars: d:not-there, unknown'] }])
  expect((await call('GET', of('p'))).statusCode).toBe(404)
  expect((await set('a: ((known)), b: "((d:there))"')).statusCode).toBe(201)
  expect((await set('a: ((unknown))', `${of('q')}/config`)).statusCode).toBe(201)
})

test('a pipeline is set to a config that it had, which becomes its newest version', async () => {
  const { call, setPipeline, db } = world()
  const at = `${of('p')}/config`
  const versions = async () => (await call('GET', `${at}/versions?vars.a=1`, undefined, { as: 'viewer' })).json<{ version: number; set_by: string; set_by_build?: number; time: number; current: boolean }[]>()
  const jobs = async () => (await call('GET', `${of('p')}/jobs?vars.a=1`)).json<{ name: string }[]>().map(({ name }) => name)
  await setPipeline(yaml, `${of('p')}?vars.a=1`)
  const [{ version } = { version: 0 }] = await versions()
  const headers = { 'content-type': 'application/x-yaml', 'x-concourse-config-version': String(version) }
  expect((await call('PUT', `${at}?vars.a=1`, yaml.replace('name: j', 'name: k'), { headers })).statusCode).toBe(200)
  const [second, first] = await versions()
  expect([second?.current, first?.current]).toEqual([true, false])
  const restore = (version: number | string, as: 'member' | 'pipeline-operator' = 'member') => call('PUT', `${at}/versions/${version}/restore?vars.a=1`, undefined, { as })
  expect((await restore(first?.version ?? 0, 'pipeline-operator')).statusCode).toBe(403)
  expect(await jobs()).toEqual(['k'])
  expect([second, first].map((one) => [one?.set_by, one?.set_by_build])).toEqual([['admin', undefined], ['admin', undefined]])
  await db.query('update pipeline_configs set set_by_build = 7 where version = $1', [first?.version ?? 0])
  expect((await versions())[1]?.set_by_build).toBe(7)
  // Whoever restores it may look at it first, and names what was there then.
  const kept = (version: number | string) => call('GET', `${at}/versions/${version}?vars.a=1`, undefined, { as: 'viewer' })
  expect((await kept(first?.version ?? 0)).json()).toMatchObject({ config: { jobs: [{ name: 'j' }] } })
  expect((await kept(second?.version ?? 0)).json()).toMatchObject({ config: { jobs: [{ name: 'k' }] } })
  expect([(await kept('x')).statusCode, (await kept(999_999)).payload]).toEqual([404, 'the pipeline has no config version "999999" any more; GET …/config/versions lists those that are kept'])
  const from = (known: string) => call('PUT', `${at}/versions/${first?.version ?? 0}/restore?vars.a=1`, undefined, { headers: { 'x-concourse-config-version': known } })
  expect([(await from(String(first?.version))).statusCode, (await from('x')).statusCode, await jobs()]).toEqual([409, 400, ['k']])
  expect((await restore(first?.version ?? 0)).statusCode).toBe(200)
  expect(await jobs()).toEqual(['j'])
  const [third, ...others] = await versions()
  expect([third?.current, others.map(({ version }) => version)]).toEqual([true, [second?.version, first?.version]])
  expect(third?.version).toBeGreaterThan(second?.version ?? 0)
  for (const missing of [999_999, 'x', '0']) expect((await restore(missing)).statusCode).toBe(404)
  // One of another pipeline is none of this one's.
  await setPipeline(yaml, of('q'))
  const [foreign] = (await call('GET', `${of('q')}/config/versions`)).json<{ version: number }[]>()
  expect((await restore(foreign?.version ?? 0)).payload).toContain('has no config version')
  await call('PUT', `${of('q')}/archive`)
  expect((await call('PUT', `${of('q')}/config/versions/${foreign?.version ?? 0}/restore`)).statusCode).toBe(409)
})

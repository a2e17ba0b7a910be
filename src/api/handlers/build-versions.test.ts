import { expect, test } from 'vitest'
import { ResourceCaches } from '../../db/resource-caches.ts'
import { Versions } from '../../db/versions.ts'
import { useApi, type ApiWorld } from '../testing/database-world.ts'

const world = useApi()
const at = '/api/v1/teams/main/pipelines/p'
const yaml = `
resources: [{name: repo, type: git, tags: [t], source: {uri: u, password: secret}}]
jobs:
- {name: unit, plan: [{get: code, resource: repo, params: {depth: 1}, tags: [special]}]}
- {name: no-rerun, disable_reruns: true, plan: [{get: code, resource: repo}]}
- {name: ship, plan: [{get: code, resource: repo, passed: [unit]}, {task: t, file: code/t.yml, params: {WHERE: staging}}]}`

interface Populated extends ApiWorld {
  readonly versions: readonly number[]
  readonly resourceId: number
}

/** Pipeline p with versions r1 and r2, and builds 1 (took r1, made r2) of unit and 2 of no-rerun, both finished. */
async function populate(): Promise<Populated> {
  const made = world()
  const { db, options, setPipeline, call, builds } = made
  await setPipeline(yaml)
  const pipelineId = (await options.pipelines.list())[0]?.id ?? 0
  const store = new Versions(db)
  const { id: scope } = await store.enter({ scope: 's', resource: { pipelineId, name: 'repo' } }, 0)
  await store.save(scope, [{ ref: 'r1' }, { ref: 'r2' }], { now: 0 })
  const versions = (await db.query<{ id: number }>(`select id from versions where version ->> 'ref' in ('r1', 'r2') order by version ->> 'ref'`)).map(({ id }) => id)
  const [{ id: resourceId } = { id: 0 }] = await options.resources.list([pipelineId])
  for (const [job, id] of [['unit', 1], ['no-rerun', 2]] as const) {
    await call('POST', `${at}/jobs/${job}/builds`)
    await builds.start(id, {}, 1)
    await db.query(`insert into build_inputs (build_id, name, resource_id, version_id, first_occurrence) values ($1, 'code', $2, $3, true)`, [id, resourceId, versions[0] ?? 0])
    await db.query('update builds set adopted = true where id = $1', [id])
  }
  await db.query(`insert into build_outputs (build_id, plan_id, name, resource_id, version_id) values (1, 'x', 'out', $1, $2)`, [resourceId, versions[1] ?? 0])
  return { ...made, versions, resourceId }
}

test('a build shows the versions that it took and made', async () => {
  const { call, options } = await populate()
  expect((await call('GET', '/api/v1/builds/1/resources')).json()).toEqual({
    inputs: [{ name: 'code', version: { ref: 'r1' }, pipeline_id: (await options.pipelines.list())[0]?.id, first_occurrence: true }], outputs: [{ name: 'out', version: { ref: 'r2' } }],
  })
})

test('a version shows the builds that took it and that made it, the newest first', async () => {
  const { call, versions } = await populate()
  const ids = async (version: number | undefined, what: string) => {
    const answer = await call('GET', `${at}/resources/repo/versions/${version}/${what}`)
    return answer.statusCode === 200 ? answer.json<{ id: number }[]>().map(({ id }) => id) : answer.statusCode
  }
  expect([await ids(versions[0], 'input_to'), await ids(versions[0], 'output_of'), await ids(versions[1], 'output_of')]).toEqual([[2, 1], [], [1]])
  expect(await ids(999_999, 'input_to')).toBe(404)
})

test('a version leads down to the builds that took it and what they made, and up to where it came from', async () => {
  const { call, versions, resourceId, options } = await populate()
  const [unit, noRerun] = await options.pipelines.jobs((await options.pipelines.list())[0]?.id ?? 0)
  const [r1, r2] = versions
  const graph = async (version: number | undefined, direction: string) => (await call('GET', `${at}/resources/repo/versions/${version}/${direction}`)).json<unknown>()
  const made = { id: 1, name: '1', job_id: unit?.id, status: 'started' }
  expect(await graph(r1, 'downstream')).toEqual({
    jobs: [{ id: unit?.id, name: 'unit', build_ids: [1] }, { id: noRerun?.id, name: 'no-rerun', build_ids: [2] }],
    builds: [{ ...made, resource_version_ids: [r2] }, { id: 2, name: '1', job_id: noRerun?.id, status: 'started' }],
    resources: [{ id: resourceId, name: 'repo', version_ids: [r1, r2] }],
    resource_versions: [{ id: r1, resource_id: resourceId, version: { ref: 'r1' }, build_ids: [1, 2] }, { id: r2, resource_id: resourceId, version: { ref: 'r2' } }],
  })
  expect(await graph(r2, 'upstream')).toEqual({
    jobs: [{ id: unit?.id, name: 'unit', build_ids: [1] }],
    builds: [{ ...made, resource_version_ids: [r1] }],
    resources: [{ id: resourceId, name: 'repo', version_ids: [r1, r2] }],
    resource_versions: [{ id: r1, resource_id: resourceId, version: { ref: 'r1' } }, { id: r2, resource_id: resourceId, version: { ref: 'r2' }, build_ids: [1] }],
  })
  const none = { jobs: [], builds: [], resources: [], resource_versions: [] }
  expect([await graph(r2, 'downstream'), await graph(r1, 'upstream')]).toEqual([none, none])
  const status = async (version: string) => (await call('GET', `${at}/resources/repo/versions/${version}/upstream`)).statusCode
  expect([await status('999999'), await status('x')]).toEqual([404, 400])
})

test('builds that lead back to themselves end the search, and of too many the newest are told', async () => {
  const { call, db, versions, resourceId } = await populate()
  await db.query(`insert into build_outputs (build_id, plan_id, name, resource_id, version_id) values (1, 'y', 'out', $1, $2)`, [resourceId, versions[0] ?? 0])
  const ask = () => call('GET', `${at}/resources/repo/versions/${versions[0]}/downstream`)
  expect((await ask()).json<{ builds: unknown[] }>().builds).toHaveLength(2)
  await db.query(`insert into builds (kind, pipeline_id, team_id, job_id, name, status, created_at) select kind, pipeline_id, team_id, job_id, 'x' || n, 'aborted', 0 from builds, generate_series(1, 5000) n where id = 1`)
  await db.query(`insert into build_inputs (build_id, name, resource_id, version_id, first_occurrence) select id, 'code', $1, $2, false from builds where name like 'x%'`, [resourceId, versions[0] ?? 0])
  const cut = (await ask()).json<{ left_out: string; builds: { id: number }[]; resource_versions: { id: number }[] }>()
  expect(cut.left_out).toBe('Of 5,002 builds the newest 5,000 are here, with the newest of those that had the version themselves; older ones, and versions that only those had, are left out.')
  const [newest] = await db.query<{ id: number }>('select max(id) as id from builds')
  expect([cut.builds.length, cut.builds.at(-1)?.id, cut.builds.some(({ id }) => id <= 2)]).toEqual([5_000, newest?.id, false])
  expect(cut.resource_versions.map(({ id }) => id)).toContain(versions[0])
})

test('caches of a resource are cleared, all of them or those of one version', async () => {
  const { call, db } = await populate()
  const caches = new ResourceCaches(db)
  const value = (ref: string) => ({ artifact: { digest: `sha256:${'a'.repeat(64)}` as const, size: 1 }, version: { ref }, metadata: [] })
  for (const ref of ['r1', 'r2', 'r3']) await caches.put(ref, value(ref), 0, 's')
  await caches.put('other', value('r1'), 0, 'another scope')
  const clear = async (body?: object | string) => {
    const answer = await call('DELETE', `${at}/resources/repo/cache`, body)
    return answer.statusCode === 200 ? answer.json<{ caches_removed: number }>().caches_removed : answer.statusCode
  }
  expect([await clear({ version: { ref: 'r2' } }), await clear({ version: { ref: 'r2' } }), await clear({ version: null }), await clear()]).toEqual([1, 0, 2, 0])
  expect(await caches.get('other', 0)).toBeDefined()
  expect([await clear('{'), await clear({ version: 1 })]).toEqual([400, 400])
  expect((await call('DELETE', `${at}/resources/none/cache`)).statusCode).toBe(404)
})

test('the inputs that a job would take next are those of its gets, with source and params', async () => {
  const { call, db } = await populate()
  expect((await call('GET', `${at}/jobs/unit/inputs`)).json()).toEqual([
    { name: 'code', resource: 'repo', type: 'git', source: { uri: 'u', password: 'secret' }, params: { depth: 1 }, version: { ref: 'r2' }, tags: ['special'] },
  ])
  await db.query('delete from scope_versions')
  expect((await call('GET', `${at}/jobs/unit/inputs`)).statusCode).toBe(404)
})

test('a build is run again with a name of its own, and stands behind its original in lists', async () => {
  const { call, db } = await populate()
  const again = await call('POST', `${at}/jobs/unit/builds/1`, '', { headers: { 'content-type': 'application/json' } })
  expect([again.statusCode, again.json()]).toMatchObject([200, { id: 3, name: '1.1', status: 'pending', rerun_number: 1, rerun_of: { id: 1, name: '1' }, created_by: 'admin' }])
  for (const name of ['1', 'gone']) expect((await call('POST', `${at}/jobs/no-rerun/builds/${name}`)).payload).toBe('rerunning builds of this job is disabled')
  expect((await call('POST', `${at}/jobs/unit/builds/9`)).statusCode).toBe(404)
  await db.query('update builds set adopted = false where id = 1')
  expect((await call('POST', `${at}/jobs/unit/builds/1`)).payload).toContain('build 1 never had inputs')
  const page = async (query: string) => {
    const answer = await call('GET', `/api/v1/builds?${query}`)
    return [answer.json<{ id: number }[]>().map(({ id }) => id), answer.headers.link]
  }
  const link = (bound: string, rel: string) => `<http://ci.example/api/v1/builds?${bound}&limit=1>; rel="${rel}"`
  expect(await page('limit=5')).toEqual([[2, 3, 1], undefined])
  expect(await page('to=3&limit=1')).toEqual([[3], `${link('from=2', 'previous')}, ${link('to=1', 'next')}`])
  expect((await page('from=3&limit=1'))[0]).toEqual([3])
})

test('a build is run again from a step only where the steps before it are kept, and the answer says why not', async () => {
  const { call, db, builds, options } = await populate()
  const at1 = `${at}/jobs/unit/builds/1?from=2`
  expect(await call('POST', at1)).toMatchObject({ statusCode: 409, payload: 'build #1 cannot be run again from that step: it has not ended' })
  const context = { plan: { id: '1', do: [{ id: '2', load_var: { name: 'v', file: 'a/b' } }] }, varSources: [] }
  await db.query(`update builds set status = 'pending', context = null where id = 1`)
  await builds.start(1, context, 1)
  await builds.claim('engine', options.clock.now(), 1_000, 1)
  await builds.commit(1, 'engine', options.clock.now(), { finish: { status: 'failed' } })
  expect(await call('POST', at1)).toMatchObject({ statusCode: 409, payload: 'build #1 cannot be run again from that step: step load_var did not run in it' })
  expect(await db.query(`select id from builds where cause = 'rerun'`)).toEqual([])
  await db.query(`insert into steps (build_id, plan_id, record, saved_at) values (1, '2', '{"phase": "finished", "finished": {"outcome": {"kind": "failed"}, "artifacts": {}}, "report": {"times": {}, "waits": [], "outputs": []}}', 0)`)
  expect(await call('POST', at1)).toMatchObject({ statusCode: 200 })
  expect(await db.query(`select name, reuses_build, reuses_before from builds where cause = 'rerun'`)).toEqual([{ name: '1.1', reuses_build: 1, reuses_before: '2' }])
})

test('a build says what was given by hand with it, and so does its rerun; viewers and strangers are not told', async () => {
  const { call, versions, db } = await populate()
  const trigger = async (job: string, body: object) => (await call('POST', `${at}/jobs/${job}/builds`, body)).json<{ id: number }>().id
  const given = async (id: number) => (await call('GET', `/api/v1/builds/${id}/request`)).json<unknown>()
  const chosen = await trigger('unit', { versions: { code: versions[0] } })
  const shown = { versions: [{ name: 'code', version: { ref: 'r1' } }], params: {} }
  expect(await given(chosen)).toEqual(shown)
  const secret = await trigger('ship', { params: { WHERE: 'production' } })
  expect(await given(secret)).toEqual({ versions: [], params: { WHERE: 'production' } })
  expect(await given(await trigger('unit', {}))).toEqual({ versions: [], params: {} })
  await db.query(`update builds set adopted = true where id = $1`, [secret])
  const again = (await call('POST', `${at}/jobs/ship/builds/1`)).json<{ id: number; rerun_of: { id: number } }>()
  expect(again.rerun_of.id).toBe(secret)
  expect(await given(again.id)).toEqual({ versions: [], params: { WHERE: 'production' } })
  // In public, too.
  await call('PUT', `${at}/expose`)
  for (const as of ['viewer', 'nobody'] as const) {
    const refused = await call('GET', `/api/v1/builds/${secret}/request`, undefined, { as })
    expect([refused.statusCode, refused.payload.includes('production')]).toEqual([as === 'viewer' ? 403 : 401, false])
  }
})

test('a job says whether its inputs have versions that it has not used', async () => {
  const { call, db } = await populate()
  expect((await call('GET', `${at}/jobs/unit`)).json()).toMatchObject({ has_new_inputs: true })
  expect((await call('GET', `${at}/jobs`)).json()).toMatchObject([{ name: 'unit', has_new_inputs: true }, {}, {}])
  await db.query(`update job_schedule set has_new = false where job_id = (select id from jobs where name = 'unit')`)
  expect((await call('GET', `${at}/jobs/unit`)).json()).not.toHaveProperty('has_new_inputs')
  expect((await call('GET', `${at}/jobs`)).json<object[]>()[0]).not.toHaveProperty('has_new_inputs')
})

test('what versions are chosen by is dumped for debugging', async () => {
  const { call, versions, resourceId } = await populate()
  await call('POST', `${at}/jobs/unit/builds/1`)
  const dump = (await call('GET', `${at}/versions-db`)).json<Record<string, Record<string, unknown>[]>>()
  expect(dump['Jobs']?.map(({ Name }) => Name)).toEqual(['unit', 'no-rerun', 'ship'])
  expect(dump['ResourceVersions']).toMatchObject([{ VersionID: versions[1], CheckOrder: 2, ResourceID: resourceId }, { VersionID: versions[0], CheckOrder: 1 }])
  expect(dump['BuildInputs']).toMatchObject([{ BuildID: 2, InputName: 'code' }, { BuildID: 1, VersionID: versions[0] }])
  expect(dump['BuildReruns']).toMatchObject([{ BuildID: 3, RerunOf: 1 }])
})

test('a build is triggered with chosen versions and params; what cannot be had is refused with the reason', async () => {
  const { call, versions, db } = await populate()
  const trigger = (job: string, body: object | string) => call('POST', `${at}/jobs/${job}/builds`, body)
  expect((await trigger('unit', { versions: { code: versions[0] } })).statusCode).toBe(200)
  expect((await trigger('ship', { params: { WHERE: 'production' } })).json()).toMatchObject({ job_name: 'ship', status: 'pending' })
  const rows = await db.query<{ chosen_versions: string | null; params: string | null }>('select chosen_versions, params from builds order by id desc limit 2')
  expect(rows.map((row) => [row.chosen_versions, typeof row.params])).toEqual([[null, 'string'], [`{"code": ${versions[0]}}`, 'object']])
  for (const [job, body, status, reason] of [
    ['ship', { versions: { code: versions[0] } }, 422, 'no usable version of code has passed unit'],
    ['ship', { versions: { other: 1 } }, 422, 'ship has no input other: its inputs are code'],
    ['ship', { versions: { code: 999_999 } }, 422, 'input code: resource repo has no version with the id 999999'],
    ['ship', { params: { LD_PRELOAD: 'x' } }, 422, 'no task of ship has a param LD_PRELOAD: the config has WHERE'],
    ['ship', { params: { WHERE: ['((secret))'] } }, 422, 'param WHERE: ((vars)) are not filled in here; give the value itself'],
    ['unit', { params: { WHERE: 'x' } }, 422, 'no task of unit has a param WHERE: the config has none'],
    ['ship', { versions: { code: 'v1' } }, 400, 'versions.code: Invalid input: expected number, received string'],
    ['ship', 'nonsense', 400, expect.stringContaining('the body must be JSON')],
  ] as const) {
    const answer = await trigger(job, body)
    expect([answer.statusCode, answer.body]).toEqual([status, reason])
  }
})

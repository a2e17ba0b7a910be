import { expect, test } from 'vitest'
import { Versions } from '../../db/versions.ts'
import { useApi, type ApiWorld } from '../testing/database-world.ts'

const world = useApi()
const at = '/api/v1/teams/main/pipelines/p'
const yaml = `
resources: [{name: repo, type: git, tags: [t], source: {uri: u, password: secret}}]
jobs:
- {name: unit, plan: [{get: code, resource: repo, params: {depth: 1}, tags: [special]}]}
- {name: no-rerun, disable_reruns: true, plan: [{get: code, resource: repo}]}`

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
  expect((await call('POST', `${at}/jobs/no-rerun/builds/1`)).payload).toBe('rerunning builds of this job is disabled')
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

test('a job says whether its inputs have versions that it has not used', async () => {
  const { call, db } = await populate()
  expect((await call('GET', `${at}/jobs/unit`)).json()).not.toHaveProperty('has_new_inputs')
  await db.query(`update job_schedule set has_new = true where job_id = (select id from jobs where name = 'unit')`)
  expect((await call('GET', `${at}/jobs/unit`)).json()).toMatchObject({ has_new_inputs: true })
  expect((await call('GET', `${at}/jobs`)).json()).toMatchObject([{ has_new_inputs: true }, {}])
})

test('what versions are chosen by is dumped for debugging', async () => {
  const { call, versions, resourceId } = await populate()
  await call('POST', `${at}/jobs/unit/builds/1`)
  const dump = (await call('GET', `${at}/versions-db`)).json<Record<string, Record<string, unknown>[]>>()
  expect(dump['Jobs']?.map(({ Name }) => Name)).toEqual(['unit', 'no-rerun'])
  expect(dump['ResourceVersions']).toMatchObject([{ VersionID: versions[1], CheckOrder: 2, ResourceID: resourceId }, { VersionID: versions[0], CheckOrder: 1 }])
  expect(dump['BuildInputs']).toMatchObject([{ BuildID: 2, InputName: 'code' }, { BuildID: 1, VersionID: versions[0] }])
  expect(dump['BuildReruns']).toMatchObject([{ BuildID: 3, RerunOf: 1 }])
})

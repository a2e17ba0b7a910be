import { expect, test } from 'vitest'
import type { Found } from '../../client/web-shapes.ts'
import { Versions } from '../../db/versions.ts'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
type Caller = 'admin' | 'viewer' | 'stranger' | 'nobody'

const config = (jobs: readonly string[], resources: readonly string[] = []): string =>
  JSON.stringify({ jobs: jobs.map((name) => ({ name, plan: [...resources.map((get) => ({ get })), { task: 't', config: { platform: 'linux', run: { path: 'true' } } }] })), resources: resources.map((name) => ({ name, type: 'git', source: { uri: name } })) })
const found = async (q: string, { as = 'admin', limit }: { as?: Caller; limit?: number } = {}): Promise<Found[]> =>
  (await world().call('GET', `/api/v1/search?q=${encodeURIComponent(q)}${limit === undefined ? '' : `&limit=${limit}`}`, undefined, { as })).json<Found[]>()
const titles = async (...asked: Parameters<typeof found>): Promise<string[]> => (await found(...asked)).map(({ kind, title }) => `${kind} ${title}`)

test('names are found by their letters, the closest first', async () => {
  const { setPipeline } = world()
  await setPipeline(config(['unit', 'my-unit', 'u-n-i-t', 'units'], ['nuit']), '/api/v1/teams/main/pipelines/p')
  await setPipeline(config(['x']), '/api/v1/teams/main/pipelines/UNIT?vars.branch="a%20b"')
  expect(await found('unit')).toEqual([
    { kind: 'pipeline', title: 'UNIT/branch:"a b"', where: 'pipeline of team main', url: '/teams/main/pipelines/UNIT?vars.branch=%22a+b%22' },
    { kind: 'job', title: 'unit', where: 'job of main/p', url: '/teams/main/pipelines/p/jobs/unit' },
    { kind: 'job', title: 'units', where: 'job of main/p', url: '/teams/main/pipelines/p/jobs/units' },
    { kind: 'job', title: 'my-unit', where: 'job of main/p', url: '/teams/main/pipelines/p/jobs/my-unit' },
    { kind: 'job', title: 'u-n-i-t', where: 'job of main/p', url: '/teams/main/pipelines/p/jobs/u-n-i-t' },
  ])
  expect(await titles('NUIT')).toEqual(['resource nuit'])
  expect(await titles('unit', { limit: 2 })).toEqual(['pipeline UNIT/branch:"a b"', 'job unit'])
  for (const none of ['%', '_', '\\', 'unit%', "'"]) expect(await found(none), none).toEqual([])
})

test('builds are found by their id, and by job and number', async () => {
  const { setPipeline, call } = world()
  await setPipeline(config(['unit', 'unit-slow']))
  const { id } = (await call('POST', '/api/v1/teams/main/pipelines/p/jobs/unit/builds')).json<{ id: number }>()
  await call('POST', '/api/v1/teams/main/pipelines/p/jobs/unit-slow/builds')
  const build = { kind: 'build', title: 'unit #1', where: 'build of main/p', url: '/teams/main/pipelines/p/jobs/unit/builds/1', status: 'pending' }
  for (const asked of [String(id), `#${id}`]) expect((await found(asked))[0], asked).toEqual(build)
  expect(await titles('unit #1')).toEqual(['build unit #1', 'build unit-slow #1'])
  expect(await titles('unit-slow#1')).toEqual(['build unit-slow #1'])
  expect(await found('unit #2')).toEqual([])
  expect(await found(`${id}0`)).toEqual([])
})

test('a version is found by the beginning of a value, with the builds that had it', async () => {
  const { setPipeline, call, db } = world()
  await setPipeline(config(['unit'], ['repo']))
  const versions = new Versions(db)
  const [resource] = await db.query<{ id: number; pipeline: number; name: string }>('select id, pipeline_id as pipeline, name from resources')
  const scope = await versions.enter({ scope: 'k', resource: { pipelineId: resource?.pipeline ?? 0, name: resource?.name ?? '' } }, 1)
  await versions.save(scope.id, [{ ref: 'ABCdef0123', branch: 'main' }, { ref: 'abcdef9999' }, { ref: 'fedcba0000' }], { now: 1 })
  const [version] = await db.query<{ id: number }>(`select id from versions where version ->> 'ref' = 'ABCdef0123'`)
  const { id } = (await call('POST', '/api/v1/teams/main/pipelines/p/jobs/unit/builds')).json<{ id: number }>()
  await db.query('insert into build_inputs (build_id, name, resource_id, version_id, first_occurrence) values ($1, $2, $3, $4, true)', [id, 'repo', resource?.id ?? 0, version?.id ?? 0])
  expect(await found('abcDEF0')).toEqual([
    { kind: 'version', title: 'ref: ABCdef0123, branch: main', where: 'version of repo in main/p', url: '/teams/main/pipelines/p/resources/repo?filter=ref%3AABCdef0123&filter=branch%3Amain' },
    { kind: 'build', title: 'unit #1', where: 'build of main/p', url: '/teams/main/pipelines/p/jobs/unit/builds/1', status: 'pending' },
  ])
  expect((await titles('abcdef')).filter((title) => title.startsWith('version'))).toHaveLength(2)
  expect(await found('abcde')).toEqual([])
  expect(await found('bcdef0')).toEqual([])
  expect(await found('main')).toEqual([])
  await db.query('delete from build_inputs')
  await db.query('delete from scope_versions')
  await db.query('delete from versions')
  expect(await db.query('select 1 as one from version_values')).toEqual([])
})

test('nobody finds what is not theirs to see', async () => {
  const { setPipeline, call, db } = world()
  await setPipeline(config(['unit'], ['unite']))
  const { id } = (await call('POST', '/api/v1/teams/main/pipelines/p/jobs/unit/builds')).json<{ id: number }>()
  const [resource] = await db.query<{ id: number; pipeline: number; name: string }>('select id, pipeline_id as pipeline, name from resources')
  const versions = new Versions(db)
  const scope = await versions.enter({ scope: 'k', resource: { pipelineId: resource?.pipeline ?? 0, name: resource?.name ?? '' } }, 1)
  await versions.save(scope.id, [{ ref: 'unit-abcdef' }], { now: 1 })
  const asked = ['unit', 'unit #1', String(id), 'unit-abc']
  const seen = async (as: Caller) => (await Promise.all(asked.map((q) => found(q, { as })))).map(({ length }) => length)
  expect([await seen('viewer'), await seen('stranger'), await seen('nobody')]).toEqual([[2, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]])
  await call('PUT', '/api/v1/teams/main/pipelines/p/expose')
  expect(await seen('nobody')).toEqual([2, 1, 1, 1])
})

test('what is asked for has bounds', async () => {
  const { call } = world()
  const status = async (query: string) => (await call('GET', `/api/v1/search?${query}`)).statusCode
  for (const bad of ['', 'q=', 'q=%20', 'q=a%00b', `q=${'a'.repeat(201)}`, 'q=a&limit=0', 'q=a&limit=31', 'q=a&limit=x']) expect(await status(bad), bad).toBe(400)
  for (const good of [`q=${'a'.repeat(200)}`, 'q=a&limit=30', 'q=%F0%9F%98%80']) expect(await status(good), good).toBe(200)
})

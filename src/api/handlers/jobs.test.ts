import { expect, test, vi } from 'vitest'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const job = '{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}'

test('GET /jobs asks the database as often for many pipelines as for one', async () => {
  const { call, db, setPipeline } = world()
  const queries = async (): Promise<number> => {
    // Configs are read once a version.
    await call('GET', '/api/v1/jobs')
    const query = vi.spyOn(db, 'query')
    const { length } = (await call('GET', '/api/v1/jobs')).json<unknown[]>()
    const asked = query.mock.calls.length
    query.mockRestore()
    expect(length).toBe((await call('GET', '/api/v1/pipelines')).json<unknown[]>().length)
    return asked
  }
  await setPipeline(`jobs: [${job}]`)
  const ofOne = await queries()
  for (const name of ['b', 'c', 'd']) await setPipeline(`jobs: [${job}]`, `/api/v1/teams/main/pipelines/${name}`)
  expect(await queries()).toBe(ofOne)
})

test('lists show all pipelines where the config of one cannot be read', async () => {
  const { call, db, setPipeline } = world()
  const resources = 'resources: [{name: r, type: mock, source: {}}]'
  const gets = `${resources}\njobs: [{name: j, plan: [{get: r}]}]`
  await setPipeline(gets)
  await setPipeline(gets, '/api/v1/teams/main/pipelines/poisoned')
  await db.query(`update pipeline_configs set config = 'poison' where pipeline_id = (select id from pipelines where name = 'poisoned')`)
  const names = async (path: string): Promise<string[]> => (await call('GET', path)).json<{ name: string; pipeline_name?: string }[]>().map(({ name, pipeline_name: of = '' }) => `${of} ${name}`.trim())
  expect(await names('/api/v1/pipelines')).toEqual(['p', 'poisoned'])
  expect(await names('/api/v1/jobs')).toEqual(['p j'])
  expect(await names('/api/v1/resources')).toEqual(['p r', 'poisoned r'])
  expect(await names('/api/v1/teams/main/pipelines/poisoned/resources')).toEqual(['poisoned r'])
  expect((await call('GET', '/api/v1/teams/main/pipelines/poisoned')).statusCode).toBe(200)
  expect((await call('GET', '/api/v1/teams/main/cc.xml')).statusCode).toBe(200)
  const config = await call('GET', '/api/v1/teams/main/pipelines/poisoned/config')
  expect([config.statusCode, config.payload]).toEqual([500, expect.stringMatching(/^the stored config of pipeline \d+ cannot be read: .*destroy the pipeline and set it anew/)])
  expect((await call('DELETE', '/api/v1/teams/main/pipelines/poisoned')).statusCode).toBe(204)
})

test('a job shows its inputs and outputs by their names', async () => {
  const { call, setPipeline } = world()
  await setPipeline(`resources: [{name: b, type: mock, source: {}}, {name: a, type: mock, source: {}}]
jobs: [{name: j, plan: [{get: b}, {get: a}, {put: b}, {put: a}]}]`)
  const names = (list: { name: string }[]) => list.map(({ name }) => name)
  const at = '/api/v1/teams/main/pipelines/p/jobs'
  for (const job of [(await call('GET', at)).json<[Shown]>()[0], (await call('GET', `${at}/j`)).json<Shown>()]) expect([names(job.inputs), names(job.outputs)]).toEqual([['a', 'b'], ['a', 'b']])
})

test('clearing a task’s cache names the job that is not there', async () => {
  const { call, setPipeline } = world()
  await setPipeline(`jobs: [${job}]`)
  const at = '/api/v1/teams/main/pipelines/p/jobs'
  expect((await call('DELETE', `${at}/j/tasks/t/cache`)).json()).toEqual({ caches_removed: 0 })
  const answer = await call('DELETE', `${at}/gone/tasks/t/cache`)
  expect([answer.statusCode, answer.headers['content-type'], answer.json()]).toEqual([404, 'application/vnd.api+json', { errors: [{ title: 'Job Not Found Error', detail: `Job with name 'gone' not found.`, status: '404' }] }])
})

interface Shown {
  readonly inputs: { name: string }[]
  readonly outputs: { name: string }[]
}

test('the jobs of an archived pipeline are listed', async () => {
  const { call, setPipeline } = world()
  await setPipeline(`jobs: [${job}, ${job.replace('name: j', 'name: other')}]`)
  const at = '/api/v1/teams/main/pipelines/p'
  await call('POST', `${at}/jobs/j/builds`)
  await call('PUT', `${at}/archive`)
  const listed = (await call('GET', `${at}/jobs`)).json<unknown[]>()
  expect(listed).toMatchObject([{ name: 'j', pipeline_name: 'p' }, { name: 'other' }])
})

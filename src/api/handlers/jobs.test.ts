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

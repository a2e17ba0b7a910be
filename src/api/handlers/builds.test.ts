import { expect, test } from 'vitest'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const job = '{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}'
const at = '/api/v1/teams/main/pipelines/p'

test('lists of builds lead to the pages next to them, and nowhere at their ends', async () => {
  const { call, setPipeline } = world()
  await setPipeline(`jobs: [${job}]`, `${at}?vars.a=1`)
  for (let i = 0; i < 5; i++) await call('POST', `${at}/jobs/j/builds?vars.a=1`)
  const page = async (query: string) => {
    const { headers, statusCode, ...answer } = await call('GET', `${at}/jobs/j/builds?vars.a=1&${query}`)
    return { ids: answer.json<{ id: number }[]>().map(({ id }) => id), links: headers.link }
  }
  const link = (bound: string, rel: string) => `<http://ci.example${at}/jobs/j/builds?${bound}&limit=2&vars.a=1>; rel="${rel}"`
  expect(await page('limit=2')).toEqual({ ids: [5, 4], links: link('to=3', 'next') })
  expect(await page('to=3&limit=2')).toEqual({ ids: [3, 2], links: `${link('from=4', 'previous')}, ${link('to=1', 'next')}` })
  expect(await page('from=1&limit=2')).toEqual({ ids: [2, 1], links: link('from=3', 'previous') })
  expect(await page('from=2&to=3&limit=2')).toMatchObject({ ids: [2, 3] })
  expect(await page('limit=0')).toMatchObject({ ids: [5, 4, 3, 2, 1] })
  expect((await call('GET', `${at}/jobs/j/builds?vars.a=1&from=3&to=2`)).statusCode).toBe(400)
  expect((await call('GET', '/api/v1/builds?limit=10001')).payload).toBe('limit is at most 10000')
  expect((await call('GET', '/api/v1/builds?status=odd')).payload).toContain('there is no status "odd"')
  expect((await call('GET', '/api/v1/builds?status=pending,started&limit=1')).headers.link).toBe('<http://ci.example/api/v1/builds?to=4&limit=1&status=pending%2Cstarted>; rel="next"')
})

test('builds are listed between two times by their start, without links', async () => {
  const { call, setPipeline, builds } = world()
  await setPipeline(`jobs: [${job}]`)
  for (const at of [10_500, 20_999, 30_000]) await builds.start((await call('POST', '/api/v1/teams/main/pipelines/p/jobs/j/builds')).json<{ id: number }>().id, {}, at)
  const listed = await call('GET', '/api/v1/builds?timestamps=true&from=11&to=20')
  expect([listed.json<{ id: number }[]>().map(({ id }) => id), listed.headers.link]).toEqual([[2], undefined])
  expect((await call('GET', '/api/v1/builds?timestamps=true&from=20')).json()).toHaveLength(2)
})

test('builds of a team that is not there are not an empty list, for an admin either', async () => {
  const { call } = world()
  expect([(await call('GET', '/api/v1/teams/main/builds')).json(), (await call('GET', '/api/v1/teams/none/builds')).statusCode]).toEqual([[], 404])
})

test('a comment is for members, and of a public job for strangers too', async () => {
  const { call, setPipeline } = world()
  await setPipeline(`jobs: [${job}]`)
  await call('POST', `${at}/jobs/j/builds`)
  await call('PUT', `${at}/expose`)
  expect((await call('PUT', '/api/v1/builds/1/comment', { comment: 'flaky' }, { as: 'pipeline-operator' })).statusCode).toBe(200)
  const seen = async (as: 'viewer' | 'nobody') => (await call('GET', '/api/v1/builds/1', undefined, { as })).json<{ comment?: string }>().comment
  expect([await seen('viewer'), await seen('nobody')]).toEqual(['flaky', undefined])
  expect((await call('GET', `${at}/jobs/j/builds`)).json()).toMatchObject([{ comment: 'flaky' }])
  expect((await call('GET', '/api/v1/builds')).json<object[]>()[0]).not.toHaveProperty('comment')
  await call('PUT', `${at}/config`, `jobs: [{public: true, ${job.slice(1)}]`, { headers: { 'content-type': 'application/x-yaml', 'x-concourse-config-version': String((await call('GET', `${at}/config`)).headers['x-concourse-config-version']) } })
  expect(await seen('nobody')).toBe('flaky')
  expect((await call('PUT', '/api/v1/builds/1/comment', { comment: 7 })).statusCode).toBe(400)
})

test('a job’s newest build is found by the name latest', async () => {
  const { call, setPipeline } = world()
  await setPipeline(`jobs: [${job}]`)
  expect((await call('GET', `${at}/jobs/j/builds/latest`)).statusCode).toBe(404)
  for (const name of ['1', '2']) {
    await call('POST', `${at}/jobs/j/builds`)
    expect((await call('GET', `${at}/jobs/j/builds/latest`)).json()).toMatchObject({ name })
  }
})

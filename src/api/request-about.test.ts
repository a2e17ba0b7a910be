import pino from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { about } from '../lib/about.ts'
import { withOverrides } from '../lib/with-overrides.ts'
import { useApi } from './testing/database-world.ts'

let lines: Record<string, unknown>[] = []
const log = pino({ level: 'debug', base: null, timestamp: false, mixin: about }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) })
let failing = false
const world = useApi(({ configs, jobs }) => ({
  log,
  configs,
  jobs: withOverrides(jobs, {
    trigger(...asked) {
      if (!failing) return jobs.trigger(...asked)
      log.warn({}, 'deep below')
      throw new Error('broken')
    },
  }),
}))
beforeEach(() => {
  lines = []
  failing = false
})

const yaml = 'jobs:\n- name: j\n  plan:\n  - task: t\n    config: {platform: linux, run: {path: "true"}}\n'
const triggered = '/api/v1/teams/main/pipelines/p/jobs/j/builds'

test('the answer has the id that the client gave, or a new one when that cannot be in a log', async () => {
  const { call } = world()
  const idOf = async (given?: string) => (await call('GET', '/api/v1/teams', undefined, given === undefined ? {} : { headers: { 'x-request-id': given } })).headers['x-request-id']
  expect(await idOf('trace-1.a_B')).toBe('trace-1.a_B')
  const [none, long, odd] = [await idOf(), await idOf('x'.repeat(65)), await idOf('a b')]
  for (const id of [none, long, odd]) expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(none).not.toBe(long)
})

test('refusals, unknown paths, pages and logins have ids too', async () => {
  const { api } = world()
  for (const url of ['/api/v1/made-up', '/api/v1/teams/main/pipelines/p/config', '/sky/login', `/api/v1/teams/${'x'.repeat(2000)}`, '/']) {
    expect((await api.app.inject({ url, headers: { 'x-request-id': 'mine' } })).headers, url).toMatchObject({ 'x-request-id': 'mine' })
  }
})

test('each line that a request causes has its id, its route and what its path names', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml)
  lines = []
  await call('POST', triggered, '{}', { headers: { 'x-request-id': 'mine', 'content-type': 'application/json' } })
  const of = { request: 'mine', route: 'CreateJobBuild', team: 'main', pipeline: 'p', job: 'j' }
  expect(lines).toEqual([
    expect.objectContaining({ ...of, component: 'audit', msg: 'audit' }),
    expect.objectContaining({ ...of, component: 'api', method: 'POST', status: 200, msg: 'request answered' }),
  ])
  lines = []
  await call('PUT', '/api/v1/builds/1/abort', undefined, { headers: { 'x-request-id': 'other' } })
  expect(lines.map(({ request, build }) => [request, build])).toEqual([['other', 1], ['other', 1]])
})

test('a request that fails is told with its id, also by code that knows nothing of requests', async () => {
  const { api, tokenOf, setPipeline } = world()
  await setPipeline(yaml)
  const token = await tokenOf('admin')
  lines = []
  failing = true
  const answer = await api.app.inject({ method: 'POST', url: triggered, payload: '{}', headers: { authorization: `Bearer ${token}`, 'x-request-id': 'mine', 'content-type': 'application/json' } })
  expect(answer.statusCode).toBe(500)
  expect(lines.map(({ request, route, job, msg }) => ({ request, route, job, msg }))).toEqual(['deep below', 'a request failed', 'request answered'].map((msg) => ({ request: 'mine', route: 'CreateJobBuild', job: 'j', msg })))
})

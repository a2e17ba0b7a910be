import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Dashboard as Answered } from '../../client/web-shapes.ts'
import type { DashboardPipeline } from '../web-ports.ts'
import { presentCard } from '../present/cards.ts'
import { useApi } from '../testing/database-world.ts'

const world = useApi()

const config = (...jobs: string[]): string => `jobs: [${jobs.map((name) => `{name: ${name}, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}`).join(', ')}]`

test('each caller sees the pipelines of their teams and public ones, and people’s names of their own teams alone', async () => {
  const { setPipeline, call, clock } = world()
  const at = clock.now()
  await setPipeline(config('a', 'b'))
  await setPipeline(config('a'), '/api/v1/teams/main/pipelines/open')
  await call('PUT', '/api/v1/teams/main/pipelines/open/expose')
  await call('PUT', '/api/v1/teams/main/pipelines/p/unpause')
  const seen = async (as: 'admin' | 'viewer' | 'stranger' | 'nobody') => (await call('GET', '/api/v1/dashboard', undefined, { as })).json<Answered>().pipelines
  const p = { id: expect.any(Number) as number, team: 'main', name: 'p', pos: 0, jobs: 'pp', names: 'a\nb', s: 'pending', n: { kind: 'new' } }
  const open = { id: expect.any(Number) as number, team: 'main', name: 'open', pos: 1, jobs: 'p', names: 'a', s: 'paused', n: { kind: 'paused', at }, public: true }
  for (const as of ['admin', 'viewer'] as const) expect(await seen(as)).toEqual([p, { ...open, paused: { by: 'admin', at } }])
  for (const as of ['stranger', 'nobody'] as const) expect(await seen(as)).toEqual([{ ...open, pos: 0, paused: { at } }])
})

test('rev changes with what is shown, and with nothing else', async () => {
  const { setPipeline, call } = world()
  await setPipeline(config('a'))
  const rev = async () => (await call('GET', '/api/v1/dashboard')).json<Answered>().rev
  const before = await rev()
  expect(await rev()).toBe(before)
  await call('PUT', '/api/v1/teams/main/pipelines/p/unpause')
  expect(await rev()).not.toBe(before)
})

test('the dashboard of 1 000 pipelines with 10 jobs stays under 220 kB, 20 compressed', async () => {
  const { db, call } = world()
  await db.query(`insert into pipelines (team_id, name, created_at, updated_at, config_version, ordering) select teams.id, 'pipeline-' || n, 0, 0, 1, n from teams, generate_series(1, 1000) n where teams.name = 'main'`)
  await db.query(`insert into jobs (pipeline_id, name, active, public, created_at, place) select p.id, 'job-' || n, true, false, 0, n from pipelines p, generate_series(1, 10) n`)
  await db.query(`with made as (insert into builds (kind, name, team_id, pipeline_id, job_id, status, context, created_at, started_at, ended_at) select 'job', '1', p.team_id, p.id, j.id, 'succeeded', '', 0, 0, 1700000000000 from jobs j join pipelines p on p.id = j.pipeline_id returning id, job_id) update jobs set finished_build = made.id from made where jobs.id = made.job_id`)
  const { payload, statusCode } = await call('GET', '/api/v1/dashboard')
  expect(statusCode).toBe(200)
  expect(JSON.parse(payload)).toMatchObject({ pipelines: { length: 1000, 999: { jobs: 'ssssssssss', names: Array.from({ length: 10 }, (_, n) => `job-${n + 1}`).join('\n'), s: 'succeeded', n: { kind: 'succeeded', at: 1_700_000_000_000 } } } })
  expect(payload.length).toBeLessThan(220_000)
  expect(gzipSync(payload).length).toBeLessThan(20_000)
})

const plain: DashboardPipeline = { id: 1, team: 'main', name: 'p', place: 0, public: false, archived: false, groups: [], jobs: 's', jobNames: 'j', pinned: false }
const done = { status: 'succeeded', job: 'j', at: 5 } as const
const running = { job: 'k', at: 6 }
const failing = { resource: 'r', error: '  denied: token 1\nmore', count: 2 }

test.each<[string, Partial<DashboardPipeline>, object]>([
  ['that is new', {}, { s: 'pending', n: { kind: 'new' } }],
  ['that succeeded', { finished: done }, { s: 'succeeded', n: { kind: 'succeeded', at: 5 } }],
  ['that runs', { finished: done, running }, { s: 'running', n: { kind: 'running', job: 'k', at: 6 } }],
  ['that runs, and failed in another job', { finished: { ...done, status: 'failed' }, running }, { s: 'failed', n: { kind: 'failed', job: 'j', at: 5 } }],
  ['whose resource cannot be checked', { finished: done, failing }, { s: 'succeeded', n: { kind: 'check', job: 'r', text: 'denied: token 1' }, checks: 2 }],
  ['that failed, and whose resource cannot be checked', { finished: { ...done, status: 'errored' }, failing }, { s: 'errored', n: { kind: 'errored', job: 'j', at: 5 } }],
  ['that is paused', { finished: { ...done, status: 'failed' }, paused: { by: 'jo', at: 7 } }, { s: 'paused', n: { kind: 'paused', at: 7 }, paused: { by: 'jo', at: 7 } }],
  ['that was paused by nobody knows whom', { paused: {} }, { s: 'paused', n: { kind: 'paused' }, paused: {} }],
])('the card of a pipeline %s says so', (_what, given, expected) => {
  expect(presentCard({ ...plain, ...given }, true)).toMatchObject(expected)
})

test('strangers are not told what a check says', () => {
  expect(presentCard({ ...plain, failing }, false).n).toEqual({ kind: 'check', job: 'r' })
})

test('what is not checked has no checks that fail', () => {
  expect(presentCard({ ...plain, failing, paused: {} }, true)).not.toHaveProperty('checks')
  expect(presentCard({ ...plain, failing, archived: true }, true)).not.toHaveProperty('checks')
})

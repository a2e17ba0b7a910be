import { expect, test } from 'vitest'
import type { BuildSteps, Why } from '../../client/web-shapes.ts'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const p = '/api/v1/teams/main/pipelines/p'

test('a build’s steps are there for members, and for strangers of a public job', async () => {
  const { setPipeline, call, db, builds } = world()
  await setPipeline('jobs: [{name: j, public: true, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]')
  const [row] = await db.query<{ pipeline: number; job: number; team: number }>('select p.id as pipeline, j.id as job, p.team_id as team from pipelines p join jobs j on j.pipeline_id = p.id')
  const plan = { id: '1', task: { name: 't', privileged: false, config: { platform: 'linux', run: { path: 'true' } } } }
  const id = await builds.createStarted({ kind: 'job', name: '1', createdBy: 'jo', scope: { teamId: row?.team ?? 0, pipelineId: row?.pipeline ?? 0, jobId: row?.job ?? 0 } }, { plan }, 0)
  await builds.claim('me', 1, 1_000_000)
  await builds.commit(id, 'me', 2, { steps: [{ planId: '1', record: { phase: 'assigned', handle: 'h', image: {}, report: { times: { turn: 5 }, waits: [], outputs: [] } } }], containers: [{ handle: 'h', planId: '1', state: 'assigned', guess: false, log: { acked: 0 } }] })
  const steps = async (as: 'admin' | 'nobody') => (await call('GET', `/api/v1/builds/${id}/steps`, undefined, { as })).json<BuildSteps>()
  const one = { id: '1', kind: 'task', role: 'step', name: 't', state: 'running', t: { turn: 5 }, waits: [], outputs: [] }
  expect(await steps('admin')).toMatchObject({ build: { id, created_by: 'jo' }, steps: [{ ...one, container: { handle: 'h', state: 'running' } }] })
  await call('PUT', `${p}/expose`)
  const shown = await steps('nobody')
  expect(shown.steps).toEqual([one])
  expect(shown.build).not.toHaveProperty('created_by')
})

test('a build says to members from which config it was planned: that of now, an older one, or one that is not kept', async () => {
  const { setPipeline, call, db, builds, pipelines } = world()
  const yaml = (path: string) => `jobs: [{name: j, public: true, plan: [{task: t, config: {platform: linux, run: {path: "${path}"}}}]}]`
  await setPipeline(yaml('0'))
  const [row] = await db.query<{ pipeline: number; job: number; team: number; version: number }>('select p.id as pipeline, j.id as job, p.team_id as team, p.config_version as version from pipelines p join jobs j on j.pipeline_id = p.id')
  const version = row?.version ?? 0
  const id = await builds.createStarted({ kind: 'job', name: '1', scope: { teamId: row?.team ?? 0, pipelineId: row?.pipeline ?? 0, jobId: row?.job ?? 0 } }, {}, 0)
  const config = async (as: 'viewer' | 'nobody' = 'viewer') => (await call('GET', `/api/v1/builds/${id}/steps`, undefined, { as })).json<BuildSteps>().config
  expect(await config()).toBeUndefined()
  await db.query('update builds set config_version = $2 where id = $1', [id, version])
  expect(await config()).toEqual({ version, state: 'current' })
  const set = async (path: string) => {
    const expected = (await pipelines.get(row?.pipeline ?? 0))?.configVersion
    const headers = { 'content-type': 'application/x-yaml', 'x-concourse-config-version': String(expected) }
    expect((await call('PUT', `${p}/config`, yaml(path), { headers })).statusCode).toBe(200)
  }
  for (let i = 1; i < 20; i++) await set(String(i))
  expect(await config()).toEqual({ version, state: 'older' })
  await set('20')
  expect(await config()).toEqual({ version, state: 'gone' })
  await call('PUT', `${p}/expose`)
  expect(await config('nobody')).toBeUndefined()
  // Archiving keeps no config.
  await db.query('update builds set config_version = (select config_version from pipelines) where id = $1', [id])
  expect((await config())?.state).toBe('current')
  await call('PUT', `${p}/archive`)
  expect((await config())?.state).toBe('gone')
})

test('a step’s image is compared with what the same step had in the last build before, also where its plan has another id', async () => {
  const { setPipeline, call, db, builds } = world()
  await setPipeline('jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]')
  const [row] = await db.query<{ pipeline: number; job: number; team: number }>('select p.id as pipeline, j.id as job, p.team_id as team from pipelines p join jobs j on j.pipeline_id = p.id')
  const task = (id: string, name: string) => ({ id, task: { name, privileged: false, config: { platform: 'linux', run: { path: 'true' } } } })
  const run = async (name: string, steps: readonly object[], digests: Readonly<Record<string, string>>) => {
    const id = await builds.createStarted({ kind: 'job', name, scope: { teamId: row?.team ?? 0, pipelineId: row?.pipeline ?? 0, jobId: row?.job ?? 0 } }, { plan: { id: '0', do: steps as never } }, 10)
    await builds.claim('me', 11, 1_000_000)
    const record = (digest: string) => ({ phase: 'finished', finished: { outcome: { kind: 'succeeded' }, artifacts: {} }, report: { times: {}, waits: [], outputs: [], image: { reference: 'repo:1', digest, by: 'check', requests: 1, layerBytes: 0 } } })
    await builds.commit(id, 'me', 50, { steps: Object.entries(digests).map(([planId, digest]) => ({ planId, record: record(digest) })), finish: { status: 'succeeded' } })
    return id
  }
  const first = await run('1', [task('1', 'unit')], { 1: 'sha256:a' })
  const second = await run('2', [task('1', 'lint'), task('2', 'unit')], { 1: 'sha256:l', 2: 'sha256:b' })
  const third = await run('3', [task('1', 'lint'), task('2', 'unit')], { 1: 'sha256:l' })
  const former = async (id: number) => (await call('GET', `/api/v1/builds/${id}/steps`)).json<BuildSteps>().steps.flatMap(({ name, image }) => (image === undefined ? [] : [[name, image.former]]))
  expect(await former(first)).toEqual([['unit', undefined]])
  expect(await former(second)).toEqual([['lint', undefined], ['unit', { build: '1', digest: 'sha256:a' }]])
  expect(await former(third)).toEqual([['lint', { build: '2', digest: 'sha256:l' }]])
  const fourth = await run('4', [task('2', 'unit')], { 2: 'sha256:b' })
  expect(await former(fourth)).toEqual([['unit', { build: '2', digest: 'sha256:b' }]])
})

test('a build that has no plan yet has no steps, and its job says why it waits', async () => {
  const { setPipeline, call, db } = world()
  await setPipeline('jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]')
  const why = async () => (await call('GET', `${p}/jobs/j/why`)).json<Why>()
  expect(await why()).toEqual({ sentence: '', reasons: [] })
  await db.query(`update job_schedule set why = '{"kind":"no-trigger"}'`)
  expect((await why()).reasons).toMatchObject([{ kind: 'no-trigger' }])
  const { id } = (await call('POST', `${p}/jobs/j/builds`)).json<{ id: number }>()
  expect((await call('GET', `/api/v1/builds/${id}/steps`)).json()).toMatchObject({ steps: [] })
  await db.query(`update builds set pending_reason = '{"kind":"job-limit","running":2,"limit":2}'`)
  expect(await why()).toEqual({ sentence: '2 of at most 2 builds run', reasons: [{ kind: 'job-limit', text: '2 of at most 2 builds run', link: '/teams/main/pipelines/p/jobs/j' }] })
  await db.query(`update builds set status = 'started', context = ''`)
  expect((await why()).sentence).toBe('build #1 runs')
})

test('a job’s stats say how long its last builds and their steps took, steps to those who may see them', async () => {
  const { setPipeline, call, db, builds } = world()
  await setPipeline('jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]')
  await call('PUT', `${p}/expose`)
  const [row] = await db.query<{ pipeline: number; job: number; team: number }>('select p.id as pipeline, j.id as job, p.team_id as team from pipelines p join jobs j on j.pipeline_id = p.id')
  const task = (id: string, name: string) => ({ id, task: { name, privileged: false, config: { platform: 'linux', run: { path: 'true' } } } })
  const run = async (name: string, steps: readonly object[], times: Readonly<Record<string, object>>) => {
    const id = await builds.createStarted({ kind: 'job', name, scope: { teamId: row?.team ?? 0, pipelineId: row?.pipeline ?? 0, jobId: row?.job ?? 0 } }, { plan: { id: '0', do: steps as never } }, 10)
    await builds.claim('me', 11, 1_000_000)
    await builds.commit(id, 'me', 50, { steps: Object.entries(times).map(([planId, report]) => ({ planId, record: { phase: 'finished', finished: { outcome: { kind: 'succeeded' }, artifacts: {} }, report: { times: report as never, waits: [], outputs: [] } } })), finish: { status: 'succeeded' } })
    return id
  }
  const one = await run('1', [task('1', 'unit'), task('2', 'lint')], { '1': { turn: 1, start: 10, end: 30 }, '2': { turn: 30, end: 35 } })
  const two = await run('2', [task('1', 'unit')], { '1': { start: 5, end: 9 } })
  const stats = async (as: 'admin' | 'nobody', query = '') => (await call('GET', `${p}/jobs/j/stats${query}`, undefined, { as })).json<object>()
  const shown = [{ id: one, name: '1', status: 'succeeded', start: 10, end: 50 }, { id: two, name: '2', status: 'succeeded', start: 10, end: 50 }]
  expect(await stats('admin')).toEqual({ builds: shown, steps: [{ name: 'task unit', ms: [20, 4] }, { name: 'task lint', ms: [5, null] }] })
  expect(await stats('admin', '?last=1')).toEqual({ builds: shown.slice(1), steps: [{ name: 'task unit', ms: [4] }] })
  expect(await stats('nobody')).toEqual({ builds: shown, steps: [] })
  for (const last of ['0', '201', 'x', '-1']) expect((await call('GET', `${p}/jobs/j/stats?last=${last}`)).statusCode).toBe(400)
  expect((await call('GET', `${p}/jobs/j/stats?last=200`)).statusCode).toBe(200)
})

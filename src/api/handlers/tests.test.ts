import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import type { BuildTests } from '../../client/web-shapes.ts'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const p = '/api/v1/teams/main/pipelines/p'
const report = (name: string, inside = ''): string => `<testsuite name="s"><testcase name="${name}" time="0.5">${inside}</testcase></testsuite>`

/** A build of a get, whose files are no reports, and a task, which fails, with an output of these files. */
async function built(files: Readonly<Record<string, string>>): Promise<number> {
  const { setPipeline, db, builds, options } = world()
  await setPipeline('jobs: [{name: j, public: true, plan: [{task: unit, config: {platform: linux, run: {path: "true"}}}]}]')
  const [row] = await db.query<{ pipeline: number; job: number; team: number }>('select p.id as pipeline, j.id as job, p.team_id as team from pipelines p join jobs j on j.pipeline_id = p.id')
  const plan = { id: '0', do: [{ id: '1', get: { name: 'src', type: 'mock', source: {}, version: {} } }, { id: '2', task: { name: 'unit', privileged: false, config: { platform: 'linux', run: { path: 'true' } } } }] }
  const id = await builds.createStarted({ kind: 'job', name: '1', scope: { teamId: row?.team ?? 0, pipelineId: row?.pipeline ?? 0, jobId: row?.job ?? 0 } }, { plan: plan as never, secrets: ['hunter2'] }, 0)
  const stored = async (content: Readonly<Record<string, string>>) => {
    const tar = pack()
    for (const [name, text] of Object.entries(content)) tar.entry({ name }, text)
    tar.finalize()
    const put = await options.artifacts.store(tar as AsyncIterable<Uint8Array>)
    if (!put.ok) throw new Error(put.error.message)
    return { ...put.value }
  }
  await builds.claim('me', 1, 1_000_000)
  const finished = (kind: string, artifacts: Record<string, { digest: string; size: number }>) => ({ phase: 'finished', finished: { outcome: { kind }, artifacts }, report: { times: {}, waits: [], outputs: [] } })
  await builds.commit(id, 'me', 2, {
    steps: [
      { planId: '1', record: finished('succeeded', { src: await stored({ 'junit.xml': report('fixture') }) }) },
      { planId: '2', record: finished('failed', { reports: await stored(files) }), secrets: ['s3cret'] },
    ],
  })
  return id
}

test('a build’s tests are those that its tasks report, with what its log hides hidden', async () => {
  const { call } = world()
  const id = await built({ 'junit.xml': report('ok'), 'deep/TEST-a.xml': report('bad', '<failure message="hunter2 and s3cret"/>'), 'TEST-bomb.xml': '<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>' })
  const read = await call('GET', `/api/v1/builds/${id}/tests`)
  expect(read.json<BuildTests>()).toEqual({
    counts: { passed: 1, failed: 1, errored: 0, skipped: 0 },
    suites: [
      { plan: '2', file: 'reports/deep/TEST-a.xml', name: 's', counts: { passed: 0, failed: 1, errored: 0, skipped: 0 }, cases: [{ name: 'bad', state: 'failed', ms: 500, message: '((redacted)) and ((redacted))' }] },
      { plan: '2', file: 'reports/junit.xml', name: 's', counts: { passed: 1, failed: 0, errored: 0, skipped: 0 }, cases: [{ name: 'ok', state: 'passed', ms: 500 }] },
    ],
    left_out: ['reports/TEST-bomb.xml: it has a document type (DOCTYPE), which reports do not need and which is not read'],
  })
  const as = async (who: 'viewer' | 'stranger' | 'nobody') => (await call('GET', `/api/v1/builds/${id}/tests`, undefined, { as: who })).statusCode
  expect([await as('viewer'), await as('stranger'), await as('nobody')]).toEqual([200, 403, 401])
  await call('PUT', `${p}/expose`)
  expect([await as('stranger'), await as('nobody')]).toEqual([200, 200])
})

test('of the cases those that failed can be asked for, at most twenty of a suite, with the counts of all', async () => {
  const { call } = world()
  const failures = Array.from({ length: 25 }, (_, at) => `<testcase name="f${at}"><${at === 3 ? 'error' : 'failure'}/></testcase>`).join('')
  const id = await built({ 'junit.xml': report('ok'), 'TEST-many.xml': `<testsuite name="many"><testcase name="fine"/>${failures}</testsuite>` })
  const read = (await call('GET', `/api/v1/builds/${id}/tests?cases=failed`)).json<BuildTests>()
  expect(read.counts).toEqual({ passed: 2, failed: 24, errored: 1, skipped: 0 })
  expect(read.suites.map(({ name, cases }) => [name, cases.map((one) => one.name)])).toEqual([['many', Array.from({ length: 20 }, (_, at) => `f${at}`)], ['s', []]])
  expect(read.suites.map(({ counts }) => counts)).toEqual([{ passed: 1, failed: 24, errored: 1, skipped: 0 }, { passed: 1, failed: 0, errored: 0, skipped: 0 }])
  const refused = await call('GET', `/api/v1/builds/${id}/tests?cases=passed`)
  expect([refused.statusCode, refused.payload]).toEqual([400, 'cases must be "failed"; without it, all cases are listed'])
})

test('a build without reports, without a plan or of a job that reports none has no tests', async () => {
  const { call } = world()
  const none = { counts: { passed: 0, failed: 0, errored: 0, skipped: 0 }, suites: [], left_out: [] }
  const id = await built({ 'a.txt': 'a' })
  expect((await call('GET', `/api/v1/builds/${id}/tests`)).json()).toEqual(none)
  const { id: pending } = (await call('POST', `${p}/jobs/j/builds`)).json<{ id: number }>()
  expect((await call('GET', `/api/v1/builds/${pending}/tests`)).json()).toEqual(none)
})


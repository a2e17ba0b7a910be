import { describe, expect, test } from 'vitest'
import { parsePipeline } from '../config/parse-pipeline.ts'
import { Engine } from '../engine/engine.ts'
import { decodeStoredBuild } from '../engine/stored-build.ts'
import { fakeServices } from '../engine/testing/kit.ts'
import { MemoryStore, memoryScope } from '../engine/testing/memory-store.ts'
import { fakeClock } from '../lib/clock.ts'
import { fail, ok } from '../model/result.ts'
import { planCheck } from '../planner/check-plan.ts'
import { encodePlan } from '../planner/plan-json.ts'
import { createRun, type NewRun } from './create-run.ts'
import { createdBuild } from './created-build.ts'
import { endAbandonedChecks } from './end-abandoned-checks.ts'
import type { BuildPorts, CreatedBuild } from './ports.ts'
import type { RunNotice } from './run-notice.ts'

const pipeline = `
resources:
- {name: repo, type: git, source: {versions: [{ref: v1}, {ref: v2}]}}
- {name: pinned, type: git, source: {uri: y}, version: {ref: v7}}
- {name: out, type: git, source: {uri: z}}
jobs:
- name: job
  plan:
  - {get: repo, passed: [other]}
  - {get: pinned}
  - {put: out, no_get: true}
- name: other
  plan: [{get: repo}]
`
const digest = `sha256:${'0'.repeat(64)}` as const
const never = new AbortController().signal

function world(ports: Partial<BuildPorts> = {}) {
  const store = new MemoryStore()
  const services = fakeServices()
  const engine = new Engine(services, store, 'test')
  const all: BuildPorts = {
    builds: store,
    scopes: { ensure: () => Promise.resolve(memoryScope) },
    engine,
    events: { stream: () => { throw new Error('not asked') } },
    refusal: () => Promise.resolve(undefined),
    runtime: { kind: 'docker' },
    clock: fakeClock(),
    ...ports,
  }
  const notices: RunNotice[] = []
  const checks: CreatedBuild[] = []
  const observer = {
    notice: (notice: RunNotice) => void notices.push(notice),
    checking: (build: CreatedBuild) => Promise.resolve(void checks.push(build)),
  }
  const create = (run: Partial<NewRun> = {}, text = pipeline) => createRun(all, { ...runOf(text), ...run }, observer, never)
  return { store, services, engine, ports: all, notices, checks, create }
}

function runOf(text: string): NewRun {
  const { config, findings } = parsePipeline(text, { file: 'p.yml' })
  const [job] = config?.jobs ?? []
  if (config === undefined || job === undefined) throw new Error(JSON.stringify(findings))
  return { config, job, pipeline: 'p', stored: {}, localInputs: new Map(), inputVersions: new Map(), skipPuts: 'none' }
}

describe('creating a run', () => {
  test('checks the inputs that nothing pins, and plans the job with what was found', async () => {
    const { create, store, notices, checks } = world()
    const created = await create({ stored: { revealed: ['a'] } })
    if (!created.ok) throw new Error(JSON.stringify(created.error))
    expect(checks).toHaveLength(1)
    expect((await store.get(checks[0]!.buildId))?.status).toBe('succeeded')
    const build = await store.get(created.value.buildId)
    expect(build).toMatchObject({ kind: 'job', status: 'started' })
    expect(decodeStoredBuild(build?.context ?? {})).toEqual(ok({ plan: created.value.plan, varSources: [], revealed: ['a'], artifacts: {}, runtime: { kind: 'docker' } }))
    expect(notices.map(({ kind }) => kind)).toEqual(['passed-ignored', 'pinned-input', 'input-version', 'input-version', 'put'])
    expect(notices).toContainEqual({ kind: 'input-version', input: 'repo', version: { ref: 'v2' } })
    expect(notices).toContainEqual({ kind: 'input-version', input: 'pinned', version: { ref: 'v7' } })
  })

  test('gives both builds the var sources of the pipeline', async () => {
    const { create, checks, store } = world()
    const created = await create({}, `var_sources: [{name: d, type: dummy, config: {vars: {a: b}}}]\n${pipeline}`)
    if (!created.ok) throw new Error(JSON.stringify(created.error))
    for (const id of [checks[0]!.buildId, created.value.buildId]) {
      expect(decodeStoredBuild((await store.get(id))?.context ?? {})).toMatchObject({ ok: true, value: { varSources: [{ name: 'd', type: 'dummy', config: { vars: { a: 'b' } } }] } })
    }
  })

  test('checks nothing when every input is local or has a version', async () => {
    const { create, checks, notices } = world()
    const created = await create({ localInputs: new Map([['repo', () => Promise.resolve(ok({ digest, size: 1 }))]]), inputVersions: new Map([['pinned', { ref: 'v1' }]]) })
    expect(created).toMatchObject({ ok: true })
    expect(checks).toEqual([])
    expect(notices).toContainEqual({ kind: 'local-input', input: 'repo' })
    expect(notices).toContainEqual({ kind: 'pinned-input', input: 'pinned', by: { kind: 'request' } })
  })

  test('leaves out puts', async () => {
    const { create, notices } = world()
    const created = await create({ skipPuts: new Set(['out']) })
    expect(notices[0]).toEqual({ kind: 'put-left-out', put: 'out' })
    expect(JSON.stringify(created)).not.toContain('"put"')
  })

  test('refuses a job before its inputs are stored or checked', async () => {
    const { create, checks, store } = world({ refusal: () => Promise.resolve('privileged') })
    const stored = new Map([['repo', () => Promise.reject(new Error('stored'))]])
    expect(await create({ localInputs: stored })).toEqual(fail({ kind: 'refused', reason: 'privileged' }))
    expect([checks, await store.list()]).toEqual([[], []])
  })

  test('names an input that the job does not have, and one that cannot be stored', async () => {
    const { create } = world()
    const inputs = (name: string, error = '') => new Map([[name, () => Promise.resolve(fail(error))]])
    expect(await create({ localInputs: inputs('nope') })).toEqual(fail({ kind: 'unknown-input', job: 'job', input: 'nope', inputs: ['repo', 'pinned'] }))
    expect(await create({ inputVersions: new Map([['nope', {}]]) })).toMatchObject({ error: { kind: 'unknown-input' } })
    expect(await create({ localInputs: inputs('repo', 'no such folder') })).toEqual(fail({ kind: 'input-not-stored', input: 'repo', reason: 'no such folder' }))
  })

  test('says how the checks ended when they did not succeed, and which resource has no version', async () => {
    const { create, store } = world()
    const withSource = (source: string) => create({}, pipeline.replace('{versions: [{ref: v1}, {ref: v2}]}', source))
    expect(await withSource('{exit: "1"}')).toEqual(fail({ kind: 'checks-not-succeeded', status: 'failed' }))
    expect(await withSource('{versions: []}')).toEqual(fail({ kind: 'no-version', resource: 'repo' }))
    expect((await store.list()).map(({ kind }) => kind)).toEqual(['check', 'check'])
  })

  test('waits for the end of checks that another process runs', async () => {
    const asked: number[] = []
    const { ports, store } = world()
    const elsewhere = new Engine(fakeServices(), store, 'elsewhere')
    const created = await createRun(
      {
        ...ports,
        engine: { claim: () => Promise.resolve(undefined) },
        events: {
          async *stream(buildId) {
            asked.push(buildId)
            await (await elsewhere.claim(buildId))?.end
            yield []
          },
        },
      },
      runOf(pipeline),
      { notice: () => undefined, checking: () => Promise.resolve() },
      never,
    )
    expect(created).toMatchObject({ ok: true })
    expect(asked).toHaveLength(1)
  })
})

test('abandoned checks are aborted and ended; builds of jobs are left alone', async () => {
  const { ports, store, create } = world()
  const created = await create()
  const { config } = runOf(pipeline.replace('{versions: [{ref: v1}, {ref: v2}]}', '{hang: "1"}'))
  const plan = encodePlan(planCheck(config, config.resources![0]!, '1'))
  const check = await store.createStarted({ kind: 'check', scope: memoryScope }, { plan }, 0)
  await (await endAbandonedChecks(ports)).ended
  expect((await store.get(check))?.status).toBe('aborted')
  expect(created.ok && (await store.get(created.value.buildId))?.status).toBe('started')
})

test('a created build is found again with its plan, unless it has none, or one that cannot be read', async () => {
  const { store, create } = world()
  const created = await create()
  if (!created.ok) throw new Error(created.error.kind)
  expect(await createdBuild({ builds: store }, created.value.buildId)).toEqual(created)
  const pending = await store.create({ kind: 'job', scope: memoryScope }, 0)
  expect(await createdBuild({ builds: store }, pending)).toEqual(fail({ kind: 'no-plan' }))
  expect(await createdBuild({ builds: store }, 4711)).toEqual(fail({ kind: 'no-plan' }))
  const broken = store.insertStarted({ kind: 'job', scope: memoryScope }, { plan: { id: 'x' } })
  expect(await createdBuild({ builds: store }, broken)).toEqual(fail({ kind: 'unreadable', message: 'plan: expected exactly one step, found none' }))
})

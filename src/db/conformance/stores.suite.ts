import { beforeEach, describe, expect, it } from 'vitest'
import { finishedRecord } from '../../engine/step-record.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { FinishedStep } from '../../steps/ports.ts'
import { BuildLogs } from '../build-logs.ts'
import { Builds } from '../builds.ts'
import { Containers } from '../containers.ts'
import type { Db } from '../db.ts'
import { ResourceCaches } from '../resource-caches.ts'
import { Scopes } from '../scopes.ts'
import { Settings } from '../settings.ts'
import { StepArtifacts } from '../step-artifacts.ts'
import { StepDurations } from '../step-durations.ts'
import { TaskCaches } from '../task-caches.ts'
import { WorkerArtifacts } from '../worker-artifacts.ts'
import { cipher, scopeIn, startedBuild } from './build-fixtures.ts'
import type { Target } from './target.ts'

const artifact = (digit: string, size = 10): ArtifactRef => ({ digest: `sha256:${digit.repeat(64)}`, size })
const now = 1_000

export function storesSuite(target: Target): void {
  describe('settings, caches, artifacts, containers', () => {
    let db: Db
    beforeEach(async () => {
      db = await target.fresh()
    })

    it('gives every server the value that was set first', async () => {
      const settings = new Settings(db, cipher)
      const other = new Settings(await target.another(), cipher)
      const got = await Promise.all([settings, other, settings, other].map((each, index) => each.getOrPut('id', () => `made ${index}`)))
      expect(new Set(got).size).toBe(1)
      expect(await settings.get('id')).toBe(got[0])
      await settings.put('id', 'new', { secret: true })
      expect(await other.get('id')).toBe('new')
      expect(await settings.get('other')).toBeUndefined()
    })

    it('stores no secret in plain text in any table', async () => {
      const canary = 'canary-9f2c'
      await new Settings(db, cipher).put('server key', canary, { secret: true })
      const id = await new Builds(db, cipher).createStarted({ kind: 'job', scope: await scopeIn(db) }, { vars: { password: canary } }, now)
      expect(await new Settings(db, cipher).get('server key')).toBe(canary)
      expect(JSON.stringify((await new Builds(db, cipher).get(id))?.context)).toContain(canary)
      const builds = new Builds(db, cipher)
      await builds.claim('a', now, 1000, id)
      const digest = `sha256:${'a'.repeat(64)}` as const
      await builds.commit(id, 'a', now, { steps: [{ planId: '1', record: { digest }, secrets: [canary] }, { planId: '2', record: { value: canary }, secret: true }] })
      expect(JSON.stringify([...(await builds.steps(id))]).split(canary)).toHaveLength(3)
      // What a step mentions beside its secrets stays readable, or its artifacts would be collected while the build runs.
      expect([...(await new StepArtifacts(db).referenced())]).toContain(digest)
      const tables = await db.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = current_schema()`)
      const dump = (await Promise.all(tables.map(({ name }) => db.query<{ row: string }>(`select t::text as row from ${name} t`)))).flat()
      expect(dump.length).toBeGreaterThan(2)
      const text = dump.map(({ row }) => row).join('\n')
      expect(text).not.toContain(canary)
      expect(text).not.toContain(Buffer.from(canary).toString('base64').slice(0, 12))
    })

    it('does not decrypt a value that was moved to another row', async () => {
      const builds = new Builds(db, cipher)
      const [first, second] = [await startedBuild(db), await startedBuild(db)]
      await db.query('update builds set context = (select context from builds where id = $1) where id = $2', [first, second])
      await expect(builds.get(second)).rejects.toThrow('altered, or stood elsewhere')
    })

    it('keeps resource caches while they are used', async () => {
      const caches = new ResourceCaches(db)
      const value = { artifact: artifact('a'), version: { ref: 'x\0', __proto__x: '1' }, metadata: [{ name: 'n', value: '\ud800' }] }
      await caches.put('key', value, now)
      await caches.put('old', value, now)
      expect(await caches.get('key', now + 5)).toEqual(value)
      expect(await caches.deleteUnusedSince(now + 5)).toBe(1)
      expect(await caches.get('old', now + 6)).toBeUndefined()
      await caches.put('key', { ...value, artifact: artifact('b') }, now)
      expect((await caches.get('key', now))?.artifact).toEqual(artifact('b'))
      expect(await caches.delete('key')).toBe(true)
      expect(await caches.delete('key')).toBe(false)
    })

    it('clears resource caches by the config that they were fetched from, and by version', async () => {
      const caches = new ResourceCaches(db)
      const value = (version: Record<string, string>) => ({ artifact: artifact('a'), version, metadata: [] })
      await caches.put('1', value({ ref: '1\0', more: 'x' }), now, 's')
      await caches.put('2', value({ ref: '2' }), now, 's')
      await caches.put('3', value({ ref: '2' }), now, 'other')
      await caches.put('4', value({ ref: '2' }), now)
      expect(await caches.clear('s', { more: 'x', ref: '1\0' })).toBe(1)
      expect(await caches.clear('s')).toBe(1)
      expect(await caches.clear('s')).toBe(0)
      expect([await caches.get('3', now), await caches.get('4', now)]).not.toContain(undefined)
    })

    it('keeps task caches by job, step and path', async () => {
      const caches = new TaskCaches(db)
      const { jobId } = await scopeIn(db)
      const other = (await new Scopes(db).ensure({ team: 'main', pipeline: 'p', job: 'other' }, 0)).jobId ?? 0
      await caches.put({ jobId, step: 'build', path: 'cache' }, artifact('a'), now)
      await caches.put({ jobId, step: 'build', path: '.m2' }, artifact('b'), now)
      await caches.put({ jobId, step: 'test', path: 'cache' }, artifact('c'), now)
      await caches.put({ jobId, step: 'build', path: 'cache' }, artifact('d'), now + 1)
      expect(await caches.get({ jobId, step: 'build', path: 'cache' })).toEqual(artifact('d'))
      expect(await caches.get({ jobId: other, step: 'build', path: 'cache' })).toBeUndefined()
      expect(await caches.clear(jobId, 'build', '.m2')).toBe(1)
      expect(await caches.clear(jobId, 'build')).toBe(1)
      expect(await caches.get({ jobId, step: 'test', path: 'cache' })).toEqual(artifact('c'))
      expect(await caches.deleteUnusedSince(now + 1)).toBe(1)
    })

    it('lists the artifacts that are still referenced', async () => {
      const artifacts = new StepArtifacts(db)
      const { jobId } = await scopeIn(db)
      const builds = new Builds(db, cipher)
      const sorted = async () => [...(await artifacts.referenced())].toSorted()
      const digests = (...digits: string[]) => digits.map((digit) => artifact(digit).digest)
      expect(await sorted()).toEqual([])
      const id = await startedBuild(db)
      await builds.claim('a', now, 1_000)
      await new ResourceCaches(db).put('key', { artifact: artifact('2'), version: {}, metadata: [] }, now)
      await new TaskCaches(db).put({ jobId, step: 's', path: 'p' }, artifact('3'), now)
      await new TaskCaches(db).put({ jobId, step: 's', path: 'q' }, artifact('2'), now)
      const finished = { phase: 'finished', finished: { outcome: { kind: 'succeeded' }, artifacts: { out: { ...artifact('4') }, more: { ...artifact('5') } } } }
      const assigned = { phase: 'assigned', image: { source: { kind: 'artifact', artifact: { ...artifact('6') } } } }
      await builds.commit(id, 'a', now, { steps: [{ planId: '1', record: finished }, { planId: '2', record: assigned }, { planId: '3', record: { artifacts: {} } }] })
      expect(await sorted()).toEqual(digests('2', '3', '4', '5', '6'))
      await new ResourceCaches(db).delete('key')
      await new TaskCaches(db).put({ jobId, step: 's', path: 'q' }, artifact('3'), now)
      await builds.commit(id, 'a', now, { finish: { status: 'succeeded' } })
      expect(await sorted()).toEqual(digests('3', '4', '5'))
      await artifacts.forget(now + 1)
      expect(await sorted()).toEqual(digests('3'))
    })

    it('names what finished steps of a build stored, until some time after its end or its log goes', async () => {
      const artifacts = new StepArtifacts(db)
      const builds = new Builds(db, cipher)
      const id = await startedBuild(db)
      await builds.claim('a', now, 1_000)
      const step = (planId: string, artifacts: FinishedStep['artifacts']) => ({ planId, record: finishedRecord({ outcome: { kind: 'failed' }, artifacts }, { times: {}, waits: [], outputs: [] }) })
      await builds.commit(id, 'a', now, { steps: [step('2', { out: artifact('1'), 'it’s "so"': artifact('2') }), step('1/image-get', { repo: artifact('2') }), step('3', {})] })
      // A step of which an earlier run was recorded too.
      await builds.commit(id, 'a', now, { steps: [step('2', { out: artifact('9') }), step('2', { out: artifact('3') })] })
      expect(await artifacts.ofBuild(id)).toEqual([
        { planId: '1/image-get', name: 'repo', artifact: artifact('2') },
        { planId: '2', name: 'it’s "so"', artifact: artifact('2') },
        { planId: '2', name: 'out', artifact: artifact('3') },
      ])
      await artifacts.forget(now + 1_000)
      expect(await artifacts.ofBuild(id)).toHaveLength(3)
      await builds.commit(id, 'a', now, { finish: { status: 'failed' } })
      await artifacts.forget(now)
      expect(await artifacts.ofBuild(id)).toHaveLength(3)
      await new BuildLogs(db).dropLogs([id], now)
      expect(await artifacts.ofBuild(id)).toEqual([])
    })

    it('commits steps whose outputs have names that are no text of the database', async () => {
      const builds = new Builds(db, cipher)
      const id = await startedBuild(db)
      await builds.claim('a', now, 1_000)
      for (const [planId, name] of [['1', 'nul\0'], ['2', '\ud83d'], ['3', '\udc00'], ['4', 'fine 😀']] as const) {
        expect(await builds.commit(id, 'a', now, { steps: [{ planId, record: { phase: 'finished', finished: { artifacts: { [name]: { ...artifact('1') } } } } }] })).toBe('committed')
      }
      expect((await new StepArtifacts(db).ofBuild(id)).map(({ name }) => name)).toEqual(['fine 😀'])
      expect((await builds.steps(id)).size).toBe(4)
    })

    it('keeps uploads and outputs of one-off builds for twelve hours', async () => {
      const store = new WorkerArtifacts(db)
      const { teamId } = await scopeIn(db)
      const build = await startedBuild(db)
      const uploaded = await store.upload(teamId, artifact('1'), now)
      expect(uploaded).toMatchObject({ name: '', artifact: artifact('1'), createdAt: now })
      await store.put(build, 'out', artifact('2'), now)
      await store.put(build, 'out', artifact('3'), now + 1)
      expect(await store.ofBuild(build, now)).toMatchObject([{ name: 'out', artifact: artifact('3'), buildId: build }])
      expect([await store.find(teamId, uploaded.id, now), await store.find(teamId + 1, uploaded.id, now)]).toEqual([uploaded, undefined])
      expect([...(await new StepArtifacts(db).referenced())].toSorted()).toEqual([artifact('1').digest, artifact('3').digest])
      const later = now + 12 * 3_600_000
      expect([await store.find(teamId, uploaded.id, later - 1), await store.find(teamId, uploaded.id, later)]).toEqual([uploaded, undefined])
      await store.expire(later)
      expect([...(await new StepArtifacts(db).referenced())]).toEqual([artifact('3').digest])
    })

    it('remembers how long steps of a job took', async () => {
      const durations = new StepDurations(db)
      const { jobId } = await scopeIn(db)
      const other = (await new Scopes(db).ensure({ team: 'main', pipeline: 'p', job: 'other' }, 0)).jobId ?? 0
      expect(await durations.ofJob(jobId)).toEqual(new Map())
      await durations.put(jobId, 'unit', 600_000.4, now)
      await durations.put(jobId, 'unit', 7_200_000, now + 1)
      await durations.put(jobId, 'it’s', 900_000, now)
      await durations.put(other, 'unit', 1, now)
      expect(await durations.ofJob(jobId)).toEqual(new Map([['unit', 7_200_000], ['it’s', 900_000]]))
      await durations.delete(jobId, 'unit')
      await durations.delete(jobId, 'unknown')
      expect(await durations.ofJob(jobId)).toEqual(new Map([['it’s', 900_000]]))
    })

    it('lists kept containers, with who was in them and whether a later build of the job has ended', async () => {
      const containers = new Containers(db)
      const { teamId, pipelineId, jobId } = await scopeIn(db)
      const build = async (status: string, of: number | null, cause: 'automatic' | null = of === null ? null : 'automatic') => {
        const [{ id = 0 } = {}] = await db.query<{ id: number }>(
          `insert into builds (kind, name, team_id, pipeline_id, job_id, status, cause, context, created_at) values ('job', '1', $1, $2, $3, $4, $5, '', 0) returning id`,
          [teamId, pipelineId, of, status, cause],
        )
        await db.query(`insert into containers (handle, build_id, plan_id, state, guess, log, created_at, updated_at) values ($1, $2, '1', 'kept', false, '{}', 0, 0)`, [`of-${id}`, id])
        return id
      }
      const [first, oneOff, ofRun, last, running] = [await build('failed', jobId), await build('failed', null), await build('failed', jobId, null), await build('failed', jobId), await build('started', jobId)]
      await db.query('update jobs set finished_build = $1 where id = $2', [last, jobId])
      await containers.entered(`of-${oneOff}`, 7)
      expect(await containers.kept()).toEqual([
        { handle: `of-${first}`, buildId: first, superseded: true },
        { handle: `of-${oneOff}`, buildId: oneOff, superseded: false, enteredAt: 7 },
        { handle: `of-${ofRun}`, buildId: ofRun, superseded: false },
        { handle: `of-${last}`, buildId: last, superseded: false },
        { handle: `of-${running}`, buildId: running, superseded: false },
      ])
    })

    it('lists containers of all builds', async () => {
      const builds = new Builds(db, cipher)
      const containers = new Containers(db)
      const id = await startedBuild(db)
      await builds.claim('a', now, 1_000)
      const kept = { handle: 'kept', planId: '1', state: 'kept', guess: false, host: 'node', log: { acked: 3 } } as const
      const ready = { ...kept, handle: 'ready', state: 'ready' } as const
      await builds.commit(id, 'a', now, { containers: [kept, ready] })
      expect(await containers.list(['kept', 'removed'])).toEqual([{ ...kept, buildId: id }])
      await containers.markRemoved(['kept', 'unknown'], now + 1)
      expect(await containers.find('kept')).toEqual({ ...kept, state: 'removed', buildId: id })
      expect(await containers.find('unknown')).toBeUndefined()
      expect(await containers.list(['ready'])).toEqual([{ ...ready, buildId: id }])
    })
  })
}

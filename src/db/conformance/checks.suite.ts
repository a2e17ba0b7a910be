import { beforeEach, describe, expect, it } from 'vitest'
import { shardCount } from '../../checks/ports.ts'
import { BuildEvents } from '../build-events.ts'
import { Builds } from '../builds.ts'
import { WantedChecks } from '../check-requests.ts'
import { Checks } from '../checks.ts'
import { CheckShards } from '../check-shards.ts'
import type { Db } from '../db.ts'
import { Pipelines } from '../pipelines.ts'
import { Versions } from '../versions.ts'
import { cipher } from './build-fixtures.ts'
import { parsed, resourceId, setPipeline } from './check-fixtures.ts'
import type { Target } from './target.ts'

const shards = Array.from({ length: shardCount }, (_, shard) => shard)
const config = parsed(`
resources:
- {name: triggers, type: git, source: {uri: a}, check_every: 10m}
- {name: input, type: git, source: {uri: b}, version: {ref: "1"}}
- {name: put, type: git, source: {uri: c}}
jobs:
- {name: first, plan: [{get: triggers, trigger: true}, {get: input}, {put: put}]}
- {name: second, plan: [{get: put, trigger: true, passed: [first]}, {get: triggers}]}`)

export function checksSuite(target: Target): void {
  describe('checks', () => {
    let db: Db
    let checks: Checks
    let versions: Versions
    let pipelineId: number
    beforeEach(async () => {
      db = await target.fresh()
      checks = new Checks(db, cipher)
      versions = new Versions(db)
      pipelineId = await setPipeline(db, config)
    })
    const load = async (wanted: Partial<Parameters<Checks['load']>[0]> = {}) => checks.load({ shards, ...wanted }, 5)
    const wantedJobs = async (): Promise<string[]> => (await db.query<{ name: string }>('select name from jobs join job_schedule on job_id = id where wanted > done order by name')).map(({ name }) => name)

    it('C1: are read with what decides whether a resource is checked', async () => {
      const { resources, times } = await load()
      expect(resources).toMatchObject([
        { name: 'triggers', pipelineId, pipeline: 'p', team: 'main', paused: false, checkEvery: '10m', triggers: true, isInput: true, hasVersions: false, pinFound: true },
        { name: 'input', triggers: false, isInput: true, pinFound: false, pin: { ref: '1' } },
        { name: 'put', triggers: false, isInput: false },
      ])
      expect(times.map(({ failures, endedAt }) => [failures, endedAt])).toEqual([[0, undefined], [0, undefined], [0, undefined]])
      const input = await versions.enter({ scope: 's', resource: { pipelineId, name: 'input' } }, 1)
      await versions.save(input.id, [{ ref: '1' }], { now: 1 })
      expect((await load({ scopeIds: [input.id] })).resources).toMatchObject([{ name: 'input', scopeId: input.id, hasVersions: true, pinFound: true }])
      expect((await load({ pipelineIds: [pipelineId + 1] })).resources).toEqual([])
      expect((await load({ shards: shards.filter((shard) => shard !== input.id % shardCount) })).resources.map(({ name }) => name)).not.toContain('input')
    })

    it('B3: are wanted from the latest time on that somebody names, also before a resource has a scope', async () => {
      const told = Promise.withResolvers<readonly number[] | undefined>()
      const stop = await checks.onWanted(told.resolve)
      const wanted = new WantedChecks(db)
      const [id, other] = await Promise.all([resourceId(db, pipelineId, 'input'), resourceId(db, pipelineId, 'put')])
      await wanted.want([{ resource: id, after: 7 }, { resource: other, after: 8 }], 9)
      const scopes = await told.promise
      await stop()
      await wanted.want([{ resource: id, after: 5 }], 9)
      const { resources, times } = await load({ scopeIds: scopes ?? [] })
      expect(resources.map(({ name }) => name)).toEqual(['input', 'put'])
      expect(times.map(({ wantedAt }) => wantedAt)).toEqual([7, 8])
    })

    it('B8: a pipeline’s mark tells that it was paused or set anew, and an archived one has none', async () => {
      const pipelines = new Pipelines(db, cipher)
      const before = (await checks.pipelines()).get(pipelineId)
      await pipelines.setPaused(pipelineId, { by: 'jo', at: 1 })
      const paused = (await checks.pipelines()).get(pipelineId)
      expect((await load()).resources.map((resource) => resource.paused)).toEqual([true, true, true])
      await pipelines.setPaused(pipelineId, undefined)
      expect((await checks.pipelines()).get(pipelineId)).toBe(before)
      await setPipeline(db, config)
      expect(new Set([before, paused, (await checks.pipelines()).get(pipelineId)]).size).toBe(3)
      await db.query('update pipelines set archived = true')
      expect((await checks.pipelines()).size).toBe(0)
      expect((await load()).resources).toEqual([])
    })

    it('new versions wake the jobs that they can trigger, and no other', async () => {
      const { resources } = await load()
      await db.query('update job_schedule set done = wanted')
      const versions = new Versions(db)
      const found = (resource: string) => versions.save(resources.find(({ name }) => name === resource)?.scopeId ?? 0, [{ ref: 'new' }], { now: 1 })
      expect(await found('input')).toBe(true)
      expect(await wantedJobs()).toEqual([])
      expect(await found('put')).toBe(true)
      expect(await wantedJobs()).toEqual([])
      expect(await found('triggers')).toBe(true)
      expect(await wantedJobs()).toEqual(['first'])
      await db.query('update job_schedule set done = wanted')
      expect(await found('triggers')).toBe(false)
      expect(await wantedJobs()).toEqual([])
    })

    it('the end of a check wakes the jobs with a build that may have waited for it', async () => {
      const { resources } = await load()
      const [triggers, put] = ['triggers', 'put'].map((name) => resources.find((resource) => resource.name === name)?.scopeId ?? 0)
      await db.query('update job_schedule set done = wanted')
      const ended = (endedAt: number, ...scopes: (number | undefined)[]) => checks.saveEnds(scopes.map((scopeId = 0) => ({ scopeId, startedAt: endedAt, endedAt, urgent: true })))
      await ended(10, triggers, put)
      expect(await wantedJobs()).toEqual([])
      const [{ id: job, team_id: teamId } = { id: 0, team_id: 0 }] = await db.query<{ id: number; team_id: number }>(`select jobs.id, team_id from jobs join pipelines p on p.id = pipeline_id where jobs.name = 'second'`)
      await new Builds(db, cipher).create({ kind: 'job', name: '1', scope: { teamId, pipelineId, jobId: job } }, 1)
      await checks.saveEnds([{ scopeId: triggers ?? 0, startedAt: 11, endedAt: 11, urgent: false }])
      expect(await wantedJobs()).toEqual([])
      await ended(12, triggers, 4711)
      expect(await wantedJobs()).toEqual(['second'])
    })

    it('C6: a wish of a build wants the images of types, too, as long as it is not granted', async () => {
      const wanted = new WantedChecks(db)
      const id = await resourceId(db, pipelineId, 'input')
      const { resources } = await load()
      const scopeId = resources.find(({ name }) => name === 'input')?.scopeId ?? 0
      const state = async () => (await load({ scopeIds: [scopeId] })).times
      await wanted.wantResource(id, 50)
      expect(await state()).toEqual([{ scopeId, failures: 0, wantedAt: 50 }])
      await wanted.want([{ resource: id, after: 40 }], 55)
      expect(await state()).toEqual([{ scopeId, failures: 0, wantedAt: 50, wantedTypes: true }])
      await wanted.wantResource(id, 60)
      expect(await state()).toEqual([{ scopeId, failures: 0, wantedAt: 60, wantedTypes: true }])
      await checks.saveEnds([{ scopeId, startedAt: 60, endedAt: 61, urgent: false }])
      await wanted.wantResource(id, 70)
      expect(await state()).toEqual([{ scopeId, failures: 0, startedAt: 60, endedAt: 61, wantedAt: 70 }])
    })

    it('wishes of many at once, from several servers, are all kept', async () => {
      const [one, other] = [new WantedChecks(db), new WantedChecks(await target.another())]
      const ids = await Promise.all(['triggers', 'input', 'put'].map((name) => resourceId(db, pipelineId, name)))
      await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : other).want((at % 3 === 0 ? ids : ids.toReversed()).map((resource) => ({ resource, after: at })), at)))
      expect((await load()).times.map(({ wantedAt }) => wantedAt)).toEqual([19, 19, 19])
    })

    it('C9: one build shows a scope’s checks: the last that found something or failed', async () => {
      const builds = new Builds(db, cipher)
      const { resources } = await load()
      const [resource] = resources
      if (resource === undefined) throw new Error('there is none')
      const build = { scopeId: resource.scopeId, teamId: resource.teamId, pipelineId, context: { plan: 'x' }, createdAt: 3, endedAt: 9 }
      const status = { key: 'status:final', type: 'status', version: '1.0', payload: '{"status":"failed","time":1}' }
      await checks.saveBuild({ ...build, status: 'succeeded', events: [status] })
      await checks.saveBuild({ ...build, status: 'failed', events: [{ type: 'log', version: '5.1', payload: '{"payload":"\\u0000"}' }, status] })
      const [shown, ...others] = await builds.list()
      expect(others).toEqual([])
      expect(shown).toMatchObject({ kind: 'check', name: 'check', team: 'main', pipeline: 'p', status: 'failed', createdAt: 3, startedAt: 3, endedAt: 9 })
      expect((await builds.get(shown?.id ?? 0))?.context).toEqual({ plan: 'x' })
      expect((await new BuildEvents(db, { clock: { now: () => 0, sleep: () => Promise.resolve() } }).read(shown?.id ?? 0, -1, 10)).map(({ id, type }) => [id, type])).toEqual([[0, 'log'], [1, 'status']])
      expect(await db.query('select count(*) as count from build_events')).toEqual([{ count: 2 }])

      const started = await builds.createStarted({ kind: 'check', name: 'check', scope: { teamId: resource.teamId, pipelineId } }, {}, 1)
      await checks.showBuild(resource.scopeId, started)
      await checks.showBuild(resource.scopeId, started)
      expect((await builds.list()).map(({ id }) => id)).toEqual([started])
      await checks.saveBuild({ ...build, status: 'failed', events: [] })
      expect((await builds.list()).map(({ status: of }) => of)).toEqual(['failed', 'started'])
      await checks.saveBuild({ ...build, scopeId: 4711, status: 'failed', events: [] })
      expect(await builds.list()).toHaveLength(2)
    })

    it('keeps a check that a person asked for when another one follows at once: its watchers still read its events, and ask how it ended', async () => {
      const builds = new Builds(db, cipher)
      const { resources: [resource] } = await load()
      if (resource === undefined) throw new Error('there is none')
      const asked = await builds.createStarted({ kind: 'check', name: 'check', scope: { teamId: resource.teamId, pipelineId }, createdBy: 'ana' }, {}, 1)
      await checks.showBuild(resource.scopeId, asked)
      await builds.claim('one', 1, 1_000, asked)
      await builds.commit(asked, 'one', 2, { events: [{ key: 'status:final', type: 'status', version: '1.0', payload: '{"status":"succeeded","time":1}' }], finish: { status: 'succeeded' } })
      await checks.saveBuild({ scopeId: resource.scopeId, teamId: resource.teamId, pipelineId, context: {}, createdAt: 2, endedAt: 3, status: 'failed', events: [] })
      expect((await builds.get(asked))?.status).toBe('succeeded')
      expect(await new BuildEvents(db, { clock: { now: () => 0, sleep: () => Promise.resolve() } }).read(asked, -1, 10)).toHaveLength(1)
    })
  })

  describe('shards of checks', () => {
    let db: Db
    beforeEach(async () => {
      db = await target.fresh()
    })

    it('are all one server’s while it is alone, and shared evenly among several', async () => {
      const [one, two] = [new CheckShards(db), new CheckShards(await target.another())]
      expect(await one.lease('one', 1_000, 10_000)).toEqual(shards)
      expect(await two.lease('two', 2_000, 10_000)).toEqual([])
      const first = await one.lease('one', 3_000, 10_000)
      const second = await two.lease('two', 4_000, 10_000)
      expect([first.length, second.length]).toEqual([32, 32])
      expect([...first, ...second].toSorted((a, b) => a - b)).toEqual(shards)
      expect(await one.lease('one', 5_000, 10_000)).toEqual(first)
    })

    it('of a server that is gone are the others’ when its lease is over, or at once when it gives them back', async () => {
      const store = new CheckShards(db)
      await store.lease('one', 1_000, 10_000)
      await store.lease('two', 1_000, 10_000)
      await store.lease('one', 2_000, 10_000)
      expect(await store.lease('two', 2_000, 10_000)).toHaveLength(32)
      expect(await store.lease('two', 11_999, 10_000)).toHaveLength(32)
      expect(await store.lease('two', 12_000, 10_000)).toHaveLength(64)
      expect(await store.lease('one', 12_001, 10_000)).toEqual([])
      await store.release('two')
      expect(await store.lease('one', 12_002, 10_000)).toHaveLength(64)
    })

    it('are nobody’s twice, however many servers ask at once', async () => {
      const stores = [new CheckShards(db), new CheckShards(await target.another())]
      const owners = Array.from({ length: 7 }, (_, index) => `server ${index}`)
      const all = () => Promise.all(owners.map((owner, index) => stores[index % 2]?.lease(owner, 1_000, 10_000)))
      await all()
      await all()
      const held = (await all()).flatMap((own) => own ?? [])
      expect(new Set(held).size).toBe(held.length)
      expect(held).toHaveLength(64)
    })
  })
}

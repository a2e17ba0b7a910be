import { beforeEach, describe, expect, it } from 'vitest'
import { withOverrides } from '../../lib/with-overrides.ts'
import { Scenario } from '../../scheduler/testing/scenario.ts'
import { BuildLists } from '../build-lists.ts'
import type { Db } from '../db.ts'
import { addUpListedChanges, ListedChanges } from '../listed-changes.ts'
import { Pipelines } from '../pipelines.ts'
import { Teams } from '../teams.ts'
import { cipher } from './build-fixtures.ts'
import type { Target } from './target.ts'

const config = 'resources: [{name: app, type: mock, source: {}}]\njobs: [{name: unit, plan: [{get: app}]}, {name: ship, plan: [{get: app}]}]'

/** What lists of pipelines and jobs are made of. */
async function listedRows(db: Db): Promise<string> {
  const pipelines = new Pipelines(db, cipher)
  const all = await pipelines.list()
  const ids = all.map(({ id }) => id)
  return JSON.stringify([all, await pipelines.jobsOf(ids), [...(await new BuildLists(db).ofJobs(ids))]])
}

/** Each change of what lists show is counted, so that an answer that is kept is not sent after it. */
export function listedChangesSuite(target: Target): void {
  describe('changes of lists of pipelines and jobs', () => {
    let db: Db
    let given: Scenario
    let changes: ListedChanges
    beforeEach(async () => {
      db = await target.fresh()
      given = new Scenario(db, cipher, 'p')
      await given.set(config)
      // As another server counts.
      changes = new ListedChanges(await target.another())
    })

    const idOf = async (name: string): Promise<number> => (await given.pipelines.find({ team: 'main', name }))?.id ?? 0
    const counted = async (change: () => Promise<unknown>): Promise<void> => {
      const [rows, count] = [await listedRows(db), await changes.count()]
      await change()
      expect(await listedRows(db), 'nothing listed has changed').not.toBe(rows)
      expect(await changes.count()).toBeGreaterThan(count)
    }

    it('are counted for pipelines: set, renamed, paused, shown, put in order, archived, destroyed', async () => {
      const { pipelines } = given
      const pipelineId = await idOf('p')
      await counted(() => given.set(config.replace('ship', 'deliver')))
      await counted(() => given.set(`groups: [{name: g, jobs: [unit, ship]}]\n${config}`))
      await counted(() => new Scenario(db, cipher, 'q').set(config))
      await counted(() => pipelines.rename({ team: 'main', name: 'p' }, 'r'))
      await counted(() => pipelines.setPaused(pipelineId, { by: 'jo', at: 1 }))
      await counted(() => pipelines.setPaused(pipelineId, undefined))
      await counted(() => pipelines.setPublic(pipelineId, true))
      await counted(() => pipelines.order('main', ['q', 'r']))
      await counted(() => pipelines.setParent(pipelineId, { buildId: 7, jobId: 8 }))
      await counted(() => pipelines.archive(pipelineId, 2))
      await counted(() => pipelines.remove(pipelineId, 2))
    })

    it('are counted for instances that are put in order', async () => {
      const { pipelines } = given
      const config1 = { config: {}, by: 'jo', initially: 'paused' as const, changes: () => ({ ok: true as const, value: { jobs: none, resources: none, types: [], inputs: [], serialGroups: [] } }) }
      for (const n of [1, 2]) await pipelines.save({ team: 'main', name: 'i', instanceVars: { n } }, config1, 1)
      await counted(() => pipelines.orderInstances({ team: 'main', name: 'i' }, [{ n: 2 }, { n: 1 }]))
    })

    it('are counted for teams: renamed, destroyed', async () => {
      const teams = new Teams(db)
      await teams.put({ name: 'other', auth: {}, admin: true }, 0)
      await counted(() => teams.rename('main', 'new'))
      await counted(() => teams.remove('new'))
    })

    it('are counted for jobs and their builds, from a version to the end of a rerun', async () => {
      const end = async (job: string, name: string, status: 'succeeded' | 'failed') => counted(() => given.finish(job, name, status))
      await counted(() => given.pause({ job: 'unit' }))
      await counted(() => given.pause({ job: 'unit' }, false))
      // The job's inputs are new, though nothing is triggered.
      await counted(() => given.check('app', '1'))
      const pending = new Scenario(db, cipher, 'p', { lazy: true })
      await pending.set(config)
      await counted(() => pending.trigger('unit'))
      await counted(() => pending.pass(0))
      await end('unit', '1', 'succeeded')
      await counted(() => given.trigger('unit'))
      // A build that somebody triggers waits for a check.
      await given.check('app')
      await end('unit', '2', 'failed')
      await counted(() => given.rerun('unit', '2'))
      await end('unit', '2.1', 'succeeded')
      await counted(() => db.query('update builds set reaped_at = 5'))
      await counted(() => db.query('delete from builds'))
    })

    it('are not counted for what no list shows, nor when their transaction is rolled back', async () => {
      await given.check('app', '1')
      await given.trigger('unit')
      const { id } = await given.build('unit', '1')
      // A pass may find that inputs are no longer new.
      await given.checkFails('app', 'no route to host')
      const count = await changes.count()
      await given.builds.claim('engine', given.clock.now(), 60_000, id)
      await given.builds.renew(id, 'engine', given.clock.now(), 60_000)
      await given.checkFails('app', 'no route to host')
      await db.query(`insert into builds (kind, name, team_id, pipeline_id, status, context, created_at) select 'check', 'check', team_id, id, 'failed', '', 0 from pipelines`)
      await db.query(`delete from builds where kind = 'check'`)
      const rolledBack = db.transaction(async (tx) => {
        await tx.query('update pipelines set public = true')
        throw new Error('no')
      })
      await expect(rolledBack).rejects.toThrow('no')
      expect(await changes.count()).toBe(count)
    })

    it('are known to the embedded database without a question, until it tells of one', async () => {
      const asked: string[] = []
      const counting = new ListedChanges(withOverrides(db, { query: (sql, params) => (asked.push(sql), db.query(sql, params)) }))
      const count = await counting.count()
      expect([await counting.count(), await counting.count()]).toEqual([count, count])
      expect(asked.length).toBe(db.driver === 'pglite' ? 1 : 3)
      await given.pipelines.setPublic(await idOf('p'), true)
      expect([await counting.count(), await counting.count()]).toEqual([count + 1, count + 1])
      expect(asked.length).toBe(db.driver === 'pglite' ? 2 : 5)
    })

    it('keep their count when it is added up, also by two servers at once beside a change', async () => {
      await db.query('insert into listed_changes select 1 from generate_series(1, 1001)')
      const count = await changes.count()
      const { pipelines } = given
      const pipelineId = await idOf('p')
      await Promise.all([changes.count(), pipelines.setPublic(pipelineId, true), new ListedChanges(db).count(), changes.count()])
      expect(await changes.count()).toBe(count + 1)
      await db.query(addUpListedChanges, [0])
      expect([await changes.count(), await db.query('select n from listed_changes')]).toEqual([count + 1, [{ n: count + 1 }]])
    })

    it('are counted when they commit, in whatever order they began', async () => {
      const [began, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const slow = (await target.another()).transaction(async (tx) => {
        await tx.query('update pipelines set public = true')
        began.resolve()
        await go.promise
      })
      await began.promise
      // The embedded database has one connection: there the transaction is over first.
      if (db.driver === 'pglite') go.resolve()
      await new Teams(db).put({ name: 'other', auth: {}, admin: false }, 0)
      const count = await changes.count()
      go.resolve()
      await slow
      expect(await changes.count()).toBe(db.driver === 'pglite' ? count : count + 1)
    })
  })
}

const none = { remove: [], rename: [], insert: [], update: [], deactivate: [] }

import { beforeEach, afterEach, describe, expect, it } from 'vitest'
import type { UiChange } from '../../api/web-ports.ts'
import { rowChanges } from '../../pipelines/row-changes.ts'
import { Builds } from '../builds.ts'
import type { Db } from '../db.ts'
import { PendingBuilds } from '../pending-builds.ts'
import { Pipelines } from '../pipelines.ts'
import { Teams } from '../teams.ts'
import { UiChanges } from '../ui-changes.ts'
import { WallStore } from '../wall.ts'
import { cipher } from './build-fixtures.ts'
import type { Target } from './target.ts'

/** What servers are told of changes that people look at, whichever server makes them. */
export function uiChangesSuite(target: Target): void {
  describe('changes that people look at', () => {
    let db: Db
    let told: UiChange[]
    let came = Promise.withResolvers<void>()
    let stop: () => Promise<void>
    const ref = { team: 'main', name: 'p' }
    let pipelineId: number
    beforeEach(async () => {
      db = await target.fresh()
      await new Teams(db).put({ name: 'main', auth: {}, admin: true }, 0)
      await set()
      pipelineId = (await new Pipelines(db, cipher).find(ref))?.id ?? 0
      told = []
      stop = await new UiChanges(await target.another()).listen((change) => {
        told.push(change)
        came.resolve()
        came = Promise.withResolvers()
      })
    })
    afterEach(() => stop())
    const set = async (): Promise<void> => {
      const pipelines = new Pipelines(db, cipher)
      const expected = (await pipelines.find(ref))?.configVersion
      const config = { jobs: [{ name: 'j', plan: [] }], resources: [{ name: 'r', type: 't', source: {} }] }
      await pipelines.save(ref, { config: {}, by: 'jo', initially: 'unpaused', changes: (present) => rowChanges(present, config), ...(expected !== undefined && { expected }) }, 1)
    }
    const toldOf = async (wanted: UiChange, change: () => Promise<unknown>): Promise<void> => {
      told = []
      await change()
      while (!told.some((one) => JSON.stringify(one) === JSON.stringify(wanted))) await came.promise
    }
    const jobId = async (): Promise<number> => (await new Pipelines(db, cipher).jobs(pipelineId))[0]?.id ?? 0

    it('are told of by the pipeline that they happen in', async () => {
      const pipelines = new Pipelines(db, cipher)
      const pipeline: UiChange = { kind: 'pipeline', id: pipelineId }
      await toldOf(pipeline, set)
      await toldOf(pipeline, () => pipelines.setPaused(pipelineId, { by: 'jo', at: 1 }))
      await toldOf(pipeline, async () => pipelines.setJobPaused(await jobId(), { by: 'jo', at: 1 }))
      await toldOf(pipeline, async () => pipelines.setJobPaused(await jobId(), { by: 'jo', at: 1, why: 'freeze' }))
      await toldOf(pipeline, async () => new PendingBuilds(db, cipher).trigger(await jobId(), 'jo', 1))
      await toldOf(pipeline, () => db.query(`update builds set pending_reason = '{"kind":"job-paused"}'`))
      await toldOf(pipeline, () => db.query('update job_schedule set has_new = true'))
      await toldOf(pipeline, () => db.query(`update resources set pin = '{}'`))
      await toldOf(pipeline, () => pipelines.remove(pipelineId, 2))
    })

    it('are told of as builds, checks and people otherwise', async () => {
      const [team] = await db.query<{ id: number }>('select id from teams')
      await toldOf({ kind: 'builds' }, () => new Builds(db, cipher).createStarted({ kind: 'one-off', scope: { teamId: team?.id ?? 0 } }, {}, 0))
      await toldOf({ kind: 'checks' }, () => db.query(`with made as (insert into resource_config_scopes (key, created_at) values ('k', 0) returning id) insert into scope_checks (scope_id) select id from made`))
      await toldOf({ kind: 'people' }, () => new Teams(db).put({ name: 'other', auth: {}, admin: false }, 0))
      await toldOf({ kind: 'wall' }, () => new WallStore(db).set({ message: 'one' }))
      await toldOf({ kind: 'wall' }, () => new WallStore(db).set({ message: 'two' }))
      await toldOf({ kind: 'wall' }, () => new WallStore(db).clear())
      await toldOf({ kind: 'build', id: 7 }, async () => db.notify('build_events', '7'))
    })

    it('are not told of when their transaction is rolled back', async () => {
      await db
        .transaction(async (tx) => {
          await tx.query('update pipelines set public = true')
          throw new Error('no')
        })
        .catch(() => undefined)
      await toldOf({ kind: 'people' }, () => new Teams(db).put({ name: 'other', auth: {}, admin: false }, 0))
      expect(told).not.toContainEqual({ kind: 'pipeline', id: pipelineId })
    })
  })
}

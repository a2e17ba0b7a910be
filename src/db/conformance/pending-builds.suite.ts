import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from '../../api/ports.ts'
import { BuildLists } from '../build-lists.ts'
import { Dashboard } from '../dashboard.ts'
import type { Db } from '../db.ts'
import { PendingBuilds } from '../pending-builds.ts'
import { JobSchedules } from '../scheduling/scheduler-store.ts'
import { Builds } from '../builds.ts'
import { cipher, scopeIn } from './build-fixtures.ts'
import type { Target } from './target.ts'

export function pendingBuildsSuite(target: Target): void {
  describe('builds that were triggered', () => {
    let db: Db
    let pending: PendingBuilds
    let lists: BuildLists
    let jobId: number
    beforeEach(async () => {
      db = await target.fresh()
      pending = new PendingBuilds(db, cipher)
      lists = new BuildLists(db)
      jobId = (await scopeIn(db)).jobId
    })

    it('are numbered within their job, and announced', async () => {
      const told = Promise.withResolvers<void>()
      const stop = await new JobSchedules(db, cipher).onWanted(told.resolve)
      const ids = [await pending.trigger(jobId, 'jo', 1_000), await pending.trigger(jobId, 'jo', 2_000)]
      await told.promise
      await stop()
      const made = await Promise.all(ids.map((id) => lists.get(id)))
      expect(made).toMatchObject([{ name: '1', status: 'pending', createdBy: 'jo' }, { name: '2', status: 'pending', createdBy: 'jo' }])
      expect((await lists.ofJobs([(await scopeIn(db)).pipelineId])).get(jobId)?.next?.id).toBe(ids[0])
      await expect(pending.trigger(jobId + 1, 'jo', 3_000)).rejects.toThrow('there is no job')
    })

    it('are listed in pages with inclusive bounds', async () => {
      for (let i = 0; i < 4; i++) await pending.trigger(jobId, 'jo', 1_000)
      const page = async (given: { from?: number; to?: number; limit: number }) => (await lists.page({ kind: 'job', jobId }, given)).builds.map(({ name }) => Number(name))
      const base = (await lists.ofJob(jobId, '1'))?.id ?? 0
      expect(await page({ limit: 2 })).toEqual([4, 3])
      expect(await page({ to: base + 1, limit: 10 })).toEqual([2, 1])
      expect(await page({ from: base + 1, limit: 2 })).toEqual([3, 2])
      expect(await page({ from: base, to: base + 2, limit: 2 })).toEqual([1, 2])
      expect(await lists.page({ kind: 'visible', teams: [] }, { limit: 10 })).toEqual({ builds: [] })
      expect((await lists.page({ kind: 'all' }, { limit: 10 })).builds).toHaveLength(4)
    })

    it('are counted for those who see them listed, without checks and those that have ended', async () => {
      const ids: number[] = []
      for (let i = 0; i < 4; i++) ids.push(await pending.trigger(jobId, 'jo', 1_000))
      const builds = new Builds(db, cipher)
      await builds.start(ids[0] ?? 0, {}, 5_000)
      await db.query(`update builds set status = 'aborted', ended_at = 1 where id = $1`, [ids[1] ?? 0])
      await db.query(`insert into builds (kind, name, team_id, status, context, created_at) select 'check', '1', team_id, 'started', '', 0 from builds where id = $1`, [ids[0] ?? 0])
      const team = (await lists.get(ids[0] ?? 0))?.team ?? ''
      const counted = (teams?: readonly string[]) => new Dashboard(db).unfinished(teams)
      expect(await counted()).toEqual({ running: 1, waiting: 2 })
      expect(await counted([team])).toEqual({ running: 1, waiting: 2 })
      expect(await counted([])).toEqual({ running: 0, waiting: 0 })
      await db.query('update pipelines set public = true')
      expect(await counted([])).toEqual({ running: 1, waiting: 2 })
    })

    it('are listed with the ids next to a page, by status and by start time', async () => {
      const ids: number[] = []
      for (let i = 0; i < 4; i++) ids.push(await pending.trigger(jobId, 'jo', 1_000))
      const [first = 0, second = 0, third = 0, fourth = 0] = ids
      const page = (given: Page) => lists.page({ kind: 'job', jobId }, given)
      expect(await page({ from: second, to: third, limit: 10 })).toMatchObject({ older: first, newer: fourth })
      expect(await page({ limit: 4 })).toEqual({ builds: expect.any(Array) as unknown })
      const builds = new Builds(db, cipher)
      await builds.start(second, {}, 5_000)
      await builds.start(third, {}, 7_000)
      const names = async (given: Page) => (await page(given)).builds.map(({ id }) => id)
      expect(await names({ limit: 10, statuses: ['started'] })).toEqual([third, second])
      expect(await page({ limit: 1, statuses: ['started'] })).toMatchObject({ older: second })
      expect(await names({ limit: 10, by: 'start', from: 5_000, to: 6_999 })).toEqual([second])
      expect(await names({ limit: 10, by: 'start', from: 5_001 })).toEqual([third])
      await lists.comment(second, 'why')
      expect((await lists.get(second))?.comment).toBe('why')
      await lists.comment(second, '')
      expect(await lists.get(second)).not.toHaveProperty('comment')
    })
  })
}

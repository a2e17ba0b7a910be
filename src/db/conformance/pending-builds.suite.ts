import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from '../../api/ports.ts'
import { systemClock } from '../../lib/clock.ts'
import { BuildEvents } from '../build-events.ts'
import { BuildLists } from '../build-lists.ts'
import { Builds } from '../builds.ts'
import type { Db } from '../db.ts'
import { PendingBuilds } from '../pending-builds.ts'
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
      pending = new PendingBuilds(db)
      lists = new BuildLists(db)
      jobId = (await scopeIn(db)).jobId
    })

    it('are numbered by their job, wait with a reason, and are told of', async () => {
      const told = Promise.withResolvers<void>()
      const stop = await pending.onWanted(told.resolve)
      const ids = [await pending.trigger(jobId, 'jo', 1_000), await pending.trigger(jobId, 'jo', 2_000)]
      await told.promise
      await stop()
      expect((await pending.pending(10)).map(({ id, name }) => [id, name])).toEqual([[ids[0], '1'], [ids[1], '2']])
      await pending.setReason(ids[0] ?? 0, { kind: 'pipeline-paused' })
      expect(await lists.get(ids[0] ?? 0)).toMatchObject({ status: 'pending', createdBy: 'jo', pendingReason: { kind: 'pipeline-paused' } })
      expect((await lists.ofJobs([(await scopeIn(db)).pipelineId])).get(jobId)?.next?.id).toBe(ids[0])
      await expect(pending.trigger(jobId + 1, 'jo', 3_000)).rejects.toThrow('there is no job')
    })

    it('count as running from their start, and end as errored with an event that says why', async () => {
      const [first, second] = [await pending.trigger(jobId, 'jo', 1_000), await pending.trigger(jobId, 'jo', 1_000)]
      await new Builds(db, cipher).start(first, {}, 2_000)
      expect(await pending.running([jobId])).toBe(1)
      for (const id of [first, second]) await pending.fail(id, 'no such job', 3_000)
      expect([(await lists.get(first))?.status, (await lists.get(second))?.status]).toEqual(['started', 'errored'])
      expect((await new BuildEvents(db, { clock: systemClock }).read(second, -1, 10)).map(({ type }) => type)).toEqual(['error', 'status'])
    })

    it('are listed by pages, whose bounds belong to them', async () => {
      for (let i = 0; i < 4; i++) await pending.trigger(jobId, 'jo', 1_000)
      const page = async (given: { from?: number; to?: number; limit: number }) => (await lists.page({ kind: 'job', jobId }, given)).builds.map(({ name }) => Number(name))
      const [{ id: base } = { id: 0 }] = await pending.pending(1)
      expect(await page({ limit: 2 })).toEqual([4, 3])
      expect(await page({ to: base + 1, limit: 10 })).toEqual([2, 1])
      expect(await page({ from: base + 1, limit: 2 })).toEqual([3, 2])
      expect(await page({ from: base, to: base + 2, limit: 2 })).toEqual([1, 2])
      expect(await lists.page({ kind: 'visible', teams: [] }, { limit: 10 })).toEqual({ builds: [] })
      expect((await lists.page({ kind: 'all' }, { limit: 10 })).builds).toHaveLength(4)
    })

    it('are told with the ids next to a page, by their status and by the time of their start', async () => {
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

import { beforeEach, describe, expect, it } from 'vitest'
import type { Db } from '../db.ts'
import { Scopes } from '../scopes.ts'
import type { Target } from './target.ts'

export function scopesSuite(target: Target): void {
  describe('teams, pipelines and jobs', () => {
    let db: Db
    beforeEach(async () => {
      db = await target.fresh()
    })

    it('have one row for each name within their parent', async () => {
      const scopes = new Scopes(db)
      const team = await scopes.ensure({ team: 'main' }, 1)
      const pipeline = await scopes.ensure({ team: 'main', pipeline: 'p' }, 2)
      const job = await scopes.ensure({ team: 'main', pipeline: 'p', job: 'j' }, 3)
      expect(team).toEqual({ teamId: job.teamId })
      expect(pipeline).toEqual({ teamId: job.teamId, pipelineId: job.pipelineId })
      expect(await scopes.ensure({ team: 'main', pipeline: 'p', job: 'j' }, 4)).toEqual(job)
      const elsewhere = await scopes.ensure({ team: 'other', pipeline: 'p', job: 'j' }, 5)
      expect(elsewhere.teamId).not.toBe(job.teamId)
      expect(elsewhere.pipelineId).not.toBe(job.pipelineId)
      expect(elsewhere.jobId).not.toBe(job.jobId)
      expect(await db.query('select created_at from jobs order by id')).toEqual([{ created_at: 3 }, { created_at: 5 }])
    })

    it('are created once when many servers create them at once', async () => {
      const names = { team: "it's", pipeline: '../p', job: 'ä\u0001' }
      const handles = [new Scopes(db), new Scopes(await target.another())]
      const made = await Promise.all(Array.from({ length: 20 }, (_, index) => handles[index % 2]?.ensure(names, index)))
      expect(new Set(made.map((scope) => JSON.stringify(scope))).size).toBe(1)
      expect(await db.query('select count(*) as count from pipelines')).toEqual([{ count: 1 }])
    })
  })
}

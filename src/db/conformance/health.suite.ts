import { beforeEach, describe, expect, it } from 'vitest'
import type { DatabaseHealth, QueueState } from '../../model/health.ts'
import { resourcesYaml, Scenario } from '../../scheduler/testing/scenario.ts'
import { databaseHealth } from '../database-health.ts'
import type { Db } from '../db.ts'
import { readSchema } from '../migrations.ts'
import { countVolumes } from '../volumes.ts'
import { keptMs } from '../worker-artifacts.ts'
import { cipher } from './build-fixtures.ts'
import type { Target } from './target.ts'

const long = 3_600_000

export function healthSuite(target: Target): void {
  describe('health', () => {
    let db: Db
    let health: DatabaseHealth
    let pipeline: Scenario
    beforeEach(async () => {
      db = await target.fresh()
      health = await databaseHealth(db)
      pipeline = await new Scenario(db, cipher, 'p', { lazy: true }).set(`${resourcesYaml('app')}\njobs:\n- {name: unit, plan: [{get: app, trigger: true}]}`)
    })
    const jobs = async (): Promise<QueueState> => (await health.state()).jobs
    const since = (ms: number) => db.query('update job_schedule set wanted_since = wanted_since - $1::bigint', [ms])
    const want = () => db.query('select want_jobs((select array_agg(job_id) from job_schedule))')

    it('tells the last migration of the database and of the code', async () => {
      const { migrations } = await readSchema()
      expect((await health.state()).migrations).toEqual({ applied: migrations.length, known: migrations.length, appliedAt: expect.any(Number) })
    })

    it('a job waits from the first time that it is wanted until a pass has looked at it', async () => {
      expect((await jobs()).waiting).toBe(1)
      await since(long)
      await want()
      expect((await jobs()).oldestMs).toBeGreaterThanOrEqual(long)
      await pipeline.pass(0)
      expect(await jobs()).toEqual({ waiting: 0, oldestMs: 0 })
      await want()
      const again = await jobs()
      expect([again.waiting, again.oldestMs < long]).toEqual([1, true])
    })

    it('a job whose pass fails goes on waiting, and is wanted all the while', async () => {
      await since(long)
      await db.query(`update pipeline_configs set config = 'poison'`)
      await pipeline.check('app', 'v1')
      await expect(pipeline.pass(0)).rejects.toThrow()
      expect(await jobs()).toEqual({ waiting: 1, oldestMs: expect.any(Number) })
      expect((await jobs()).oldestMs).toBeGreaterThanOrEqual(long)
    })

    it('a job that was wanted during its pass waits from the end of the pass', async () => {
      await since(long)
      await db.query('update job_schedule set done = wanted, wanted = wanted + 1')
      const { waiting, oldestMs } = await jobs()
      expect([waiting, oldestMs < long]).toEqual([1, true])
    })

    it('a job that is to be looked at later does not wait before, unless it is wanted at once', async () => {
      await db.query('update job_schedule set done = wanted, wanted = wanted + 1, not_before = (extract(epoch from clock_timestamp()) * 1000)::bigint + $1::bigint', [long])
      expect(await jobs()).toEqual({ waiting: 0, oldestMs: 0 })
      await want()
      const { waiting, oldestMs } = await jobs()
      expect([waiting, oldestMs < long]).toEqual([1, true])
    })

    it('counts the volumes of each team: caches of tasks, and artifacts that are kept still', async () => {
      const [team, job] = await Promise.all(['select id from teams', 'select id from jobs'].map(async (query) => (await db.query<{ id: number }>(query))[0]?.id ?? 0))
      const now = Date.UTC(2026, 0, 1)
      for (const path of ['.m2', '.npm']) await db.query(`insert into task_caches (job_id, step, path, digest, size, created_at, used_at) values ($1, 'unit', $2, 'sha256:b', 1, 1, 1)`, [job ?? 0, path])
      for (const at of [now, now - keptMs]) await db.query(`insert into worker_artifacts (team_id, name, digest, size, created_at) values ($1, '', 'sha256:c', 1, $2)`, [team ?? 0, at])
      expect(await countVolumes(db, now)).toEqual([{ team: 'main', count: 3 }])
    })
  })
}

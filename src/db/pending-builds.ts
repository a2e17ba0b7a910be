import type { JobTrigger } from '../api/ports.ts'
import type { PendingReason } from '../model/listed-build.ts'
import type { PendingBuild, SchedulerStore } from '../scheduler/ports.ts'
import { type Db, json } from './db.ts'

interface PendingRow {
  readonly id: number
  readonly name: string
  readonly job_id: number
  readonly pipeline_id: number
  readonly pending_reason: string | null
}

/** Builds of jobs from their creation to their start. */
export class PendingBuilds implements JobTrigger, SchedulerStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async trigger(jobId: number, createdBy: string, now: number): Promise<number> {
    const [row] = await this.#db.query<{ id: number }>(
      `with numbered as (
         update jobs set builds_made = builds_made + 1 from pipelines where jobs.id = $1 and pipelines.id = pipeline_id
         returning jobs.id, builds_made, pipeline_id, team_id
       )
       insert into builds (kind, name, team_id, pipeline_id, job_id, status, created_by, created_at)
       select 'job', builds_made::text, team_id, pipeline_id, id, 'pending', $2, $3 from numbered returning id`,
      [jobId, createdBy, now],
    )
    if (row === undefined) throw new Error(`there is no job ${jobId}`)
    this.#db.notify('builds_pending', String(row.id))
    return row.id
  }

  wake(): void {
    this.#db.notify('builds_pending', '')
  }

  async pending(limit: number): Promise<readonly PendingBuild[]> {
    const rows = await this.#db.query<PendingRow>(
      `select id, name, job_id, pipeline_id, pending_reason from builds where status = 'pending' and job_id is not null and pipeline_id is not null order by id limit $1`,
      [limit],
    )
    return rows.map(({ id, name, job_id, pipeline_id, pending_reason }) => ({
      id,
      name,
      jobId: job_id,
      pipelineId: pipeline_id,
      ...(pending_reason !== null && { reason: JSON.parse(pending_reason) as PendingReason }),
    }))
  }

  async running(jobIds: readonly number[]): Promise<number> {
    const [row] = await this.#db.query<{ count: number }>(`select count(*) as count from builds where status = 'started' and job_id = any($1::bigint[])`, [jobIds])
    return row?.count ?? 0
  }

  async succeeded(jobId: number, limit: number): Promise<readonly number[]> {
    const rows = await this.#db.query<{ id: number }>(`select id from builds where job_id = $1 and status = 'succeeded' order by id desc limit $2`, [jobId, limit])
    return rows.map(({ id }) => id)
  }

  async setReason(buildId: number, reason: PendingReason): Promise<void> {
    await this.#db.query(`update builds set pending_reason = $2 where id = $1 and status = 'pending'`, [buildId, json(reason)])
  }

  async fail(buildId: number, message: string, now: number): Promise<void> {
    const time = Math.floor(now / 1000)
    await this.#db.query('select fail_pending_build($1, $2, $3, $4)', [
      buildId,
      now,
      json({ message, origin: { id: '' }, time }),
      json({ status: 'errored', time }),
    ])
    this.#db.notify('build_events', String(buildId))
  }

  onWanted(callback: () => void): Promise<() => Promise<void>> {
    return this.#db.listen('builds_pending', callback)
  }
}

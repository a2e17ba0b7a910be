import type { StepDurationStore } from '../engine/ports.ts'
import type { Queryable } from './db.ts'

/** How long steps of a job took in its last build, where that was long. */
export class StepDurations implements StepDurationStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** By step, ms. */
  async ofJob(jobId: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#db.query<{ step: string; ms: number }>('select step, ms from step_durations where job_id = $1', [jobId])
    return new Map(rows.map(({ step, ms }) => [step, ms]))
  }

  async put(jobId: number, step: string, ms: number, now: number): Promise<void> {
    await this.#db.query(
      `insert into step_durations (job_id, step, ms, saved_at) values ($1, $2, $3, $4)
       on conflict (job_id, step) do update set ms = excluded.ms, saved_at = excluded.saved_at`,
      [jobId, step, Math.round(ms), now],
    )
  }

  async delete(jobId: number, step: string): Promise<void> {
    await this.#db.query('delete from step_durations where job_id = $1 and step = $2', [jobId, step])
  }
}

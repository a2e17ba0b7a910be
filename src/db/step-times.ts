import type { Queryable } from './db.ts'

/** How long steps of a job took in its last build, where that was long. `job` names it with team and pipeline. */
export class StepTimes {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** By step, ms. */
  async ofJob(job: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#db.query<{ step: string; ms: number }>('select step, ms from step_times where job = $1', [job])
    return new Map(rows.map(({ step, ms }) => [step, ms]))
  }

  async put(job: string, step: string, ms: number, now: number): Promise<void> {
    await this.#db.query(
      `insert into step_times (job, step, ms, saved_at) values ($1, $2, $3, $4)
       on conflict (job, step) do update set ms = excluded.ms, saved_at = excluded.saved_at`,
      [job, step, Math.round(ms), now],
    )
  }

  async delete(job: string, step: string): Promise<void> {
    await this.#db.query('delete from step_times where job = $1 and step = $2', [job, step])
  }
}

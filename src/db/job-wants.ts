import type { Db } from './db.ts'
import { ownScopes } from './scope-pointers.ts'
import { jobsWanted } from './scheduling/jobs-wanted.ts'

/** What checks tell the scheduler. */
export class JobWants {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** The order of the scope's versions has changed. */
  async versionsOf(scopeId: number): Promise<void> {
    await this.#db.query('select want_jobs_of_scope($1)', [scopeId])
    this.#db.notify(jobsWanted, '')
  }

  async checkEnded(scopeId: number): Promise<void> {
    await this.#db.query('select want_waiting_jobs($1)', [scopeId])
    this.#db.notify(jobsWanted, '')
  }

  /** The scope that a resource points to: one of its own, while it is not known what its source is filled in with. */
  async scopeOf(resourceId: number, now: number): Promise<{ readonly id: number; readonly startedAt?: number } | undefined> {
    await ownScopes(this.#db, 'r.id = $1', resourceId, now)
    const [row] = await this.#db.query<{ id: number; started_at: number | null }>(
      'select c.scope_id as id, c.started_at from resources r join scope_checks c on c.scope_id = r.scope_id where r.id = $1',
      [resourceId],
    )
    return row && { id: row.id, ...(row.started_at !== null && { startedAt: row.started_at }) }
  }

  async resource(id: number): Promise<{ readonly name: string; readonly pipelineId: number } | undefined> {
    const [row] = await this.#db.query<{ name: string; pipeline_id: number }>('select name, pipeline_id from resources where id = $1 and active', [id])
    return row && { name: row.name, pipelineId: row.pipeline_id }
  }
}

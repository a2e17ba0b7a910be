import type { LoggedBuild } from '../model/build-log.ts'
import type { BuildLogStore, Vacuum } from '../retention/ports.ts'
import type { Db } from './db.ts'

export class BuildLogs implements BuildLogStore, Vacuum {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async logged(of: number | 'one-off', before: number | undefined, limit: number): Promise<readonly LoggedBuild[]> {
    const rows = await this.#db.query<{ id: number; ended_at: number | null; status: string }>(
      `select id, ended_at, status from builds
       where reaped_at is null and ${of === 'one-off' ? `job_id is null and kind = 'one-off'` : 'job_id = $3'} and ($1::bigint is null or id < $1)
       order by id desc limit $2`,
      [before ?? null, limit, ...(of === 'one-off' ? [] : [of])],
    )
    return rows.map(({ id, ended_at, status }) => ({ id, succeeded: status === 'succeeded', ...(ended_at !== null && { endedAt: ended_at }) }))
  }

  async dropLogs(builds: readonly number[], now: number): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const ended = await tx.query<{ id: number }>(
        `update builds set reaped_at = $2, context = null where id = any($1::bigint[]) and ended_at is not null and reaped_at is null returning id`,
        [builds, now],
      )
      const ids = [ended.map(({ id }) => id)]
      // The final status stays: a log without it would look like one of a build that goes on.
      await tx.query(`delete from build_events where build_id = any($1::bigint[]) and type <> 'status'`, ids)
      await tx.query('delete from steps where build_id = any($1::bigint[])', ids)
      await tx.query('delete from step_artifacts where build_id = any($1::bigint[])', ids)
      await tx.query(`delete from containers where build_id = any($1::bigint[]) and state = 'removed'`, ids)
    })
  }

  async tables(): Promise<readonly string[]> {
    if (this.#db.driver === 'pg') return [] // has autovacuum
    return (await this.#db.query<{ name: string }>(`select quote_ident(tablename) as name from pg_tables where schemaname = current_schema() order by 1`)).map(({ name }) => name)
  }

  async vacuum(table: string): Promise<void> {
    await this.#db.script(`vacuum (analyze) ${table}`)
  }
}

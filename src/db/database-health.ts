import type { DatabaseHealth } from '../model/health.ts'
import type { Db } from './db.ts'
import { readSchema } from './migrations.ts'

interface Row {
  readonly applied: number | null
  readonly applied_at: number | null
  readonly waiting: number
  readonly oldest: number
}

/** The database as health tells of it. Waits are measured by the database's clock, as they are written: clocks of servers may differ. */
export async function databaseHealth(db: Db): Promise<DatabaseHealth> {
  const known = (await readSchema()).migrations.length
  return {
    async check() {
      const [row] = await db.query<{ read_only: string }>(`select current_setting('transaction_read_only') as read_only`)
      // A standby, as after a failover to the wrong one.
      if (row?.read_only !== 'off') throw new Error('the database is read-only')
    },
    async state() {
      const [row] = await db.query<Row>(
        `with at as (select (extract(epoch from clock_timestamp()) * 1000)::bigint as now), last as (select number, applied_at from migrations order by number desc limit 1)
         select (select number from last) as applied, (select applied_at from last) as applied_at, count(*)::int as waiting, coalesce(max(at.now - s.wanted_since), 0)::bigint as oldest
         from at join job_schedule s on s.wanted > s.done and s.wanted_since <= at.now`,
      )
      return {
        migrations: { applied: row?.applied ?? 0, known, appliedAt: row?.applied_at ?? 0 },
        jobs: { waiting: row?.waiting ?? 0, oldestMs: row?.oldest ?? 0 },
      }
    },
  }
}

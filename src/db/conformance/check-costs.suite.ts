import { beforeEach, describe, expect, it } from 'vitest'
import { shardCount } from '../../checks/ports.ts'
import { withOverrides } from '../../lib/with-overrides.ts'
import { Checks } from '../checks.ts'
import type { Db, Param, Queryable, Tx } from '../db.ts'
import { Versions } from '../versions.ts'
import { cipher } from './build-fixtures.ts'
import { parsed, setPipeline } from './check-fixtures.ts'
import type { Target } from './target.ts'

const count = 1_500
const shards = Array.from({ length: shardCount }, (_, shard) => shard)
const names = Array.from({ length: count }, (_, index) => `r${index}`)
const config = parsed(`
resources: [${names.map((name) => `{name: ${name}, type: git, source: {uri: ${name}}}`).join(', ')}]
jobs:
- {name: each, plan: [${names.map((name, index) => `{get: ${name}, trigger: ${index % 2 === 0}}`).join(', ')}]}`)

/** What a first round of checks costs where nobody has counted yet what the tables hold: none of it may grow with the number of resources. */
export function checkCostsSuite(target: Target): void {
  describe('the first checks of many resources', () => {
    let db: Db
    beforeEach(async () => {
      db = await target.fresh()
      await setPipeline(db, config)
    })

    it('begin with a scope for each resource, none of which is compared with every other', async () => {
      const statements: { readonly sql: string; readonly params: readonly Param[] }[] = []
      const stopped = withOverrides(db, { query: (sql, params = []) => (statements.push({ sql, params }), Promise.reject(new Error('read'))) })
      await expect(new Checks(stopped, cipher).load({ shards }, 1)).rejects.toThrow('read')
      const [{ sql, params } = { sql: '', params: [] }] = statements
      const [row] = await db.query<{ 'QUERY PLAN': string }>(`explain (analyze, timing off, format json) ${sql}`, params)
      expect(comparedRows(JSON.parse(row?.['QUERY PLAN'] ?? '[]'))).toBeLessThan(count)
      expect(await db.query('select count(*)::int as n, count(distinct scope_id)::int as scopes from resources where active')).toEqual([{ n: count, scopes: count }])
    })

    it('that find a version read no inputs of others, and hold no locks while the disk is waited for', async () => {
      const [, other] = (await new Checks(db, cipher).load({ shards }, 1)).resources
      const scopeId = other?.scopeId ?? 0
      let commits: unknown
      const saved = await readOf(db, ['job_inputs', 'resources'], async (tx) => {
        await new Versions(tx).save(scopeId, [{ ref: '1' }], { now: 2 })
        commits = await tx.query('show synchronous_commit')
      })
      expect([saved < 20, commits]).toEqual([true, [{ synchronous_commit: 'off' }]])
      expect(await db.query(`select has_new from job_schedule join jobs on jobs.id = job_id where name = 'each'`)).toEqual([{ has_new: true }])
      expect(await readOf(db, ['job_inputs', 'resources'], (tx) => new Versions(tx).saveEnds([{ scopeId, startedAt: 3, endedAt: 3, urgent: true }]))).toBeLessThan(20)
    })

    it('are read again without the versions of other resources', async () => {
      const { resources } = await new Checks(db, cipher).load({ shards }, 1)
      const some = resources.slice(0, 64).map(({ scopeId }) => scopeId)
      await db.query(`insert into versions (hash, version) values ('\\x00', '{"ref": "1"}')`)
      await db.query('insert into scope_versions (scope_id, version_id, check_order, created_at) select c.scope_id, v.id, 1, 0 from scope_checks c, versions v')
      let loaded: unknown
      const read = await readOf(db, ['scope_versions'], async (tx) => (loaded = await new Checks(tx, cipher).load({ shards, scopeIds: some }, 1)))
      expect(loaded).toMatchObject({ resources: some.map((_, index) => ({ name: `r${index}`, hasVersions: true })) })
      expect(read).toBeLessThan(200)
    })
  })
}

/** Rows of the tables that the work reads, by an index or without. */
async function readOf(db: Db, tables: readonly string[], work: (db: Db) => Promise<unknown>): Promise<number> {
  return db.transaction(async (tx) => {
    const read = async (): Promise<number> =>
      (await tx.query<{ n: number }>('select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_xact_user_tables where relname = any($1)', [tables]))[0]?.n ?? 0
    const before = await read()
    await work(within(db, tx))
    return (await read()) - before
  })
}

/** The database, all of whose work belongs to the transaction. */
function within(db: Db, tx: Tx): Db {
  const inside: Partial<Db> & Pick<Queryable, 'query'> = { query: (sql, params) => tx.query(sql, params), transaction: (inner) => inner(tx) }
  return withOverrides(db, inside)
}

/** Pairs of rows that joins looked at and left out. */
function comparedRows(plan: unknown): number {
  if (Array.isArray(plan)) return plan.reduce<number>((sum, one) => sum + comparedRows(one), 0)
  if (typeof plan !== 'object' || plan === null) return 0
  return Object.entries(plan).reduce((sum, [key, value]) => sum + (key === 'Rows Removed by Join Filter' ? Number(value) : comparedRows(value)), 0)
}

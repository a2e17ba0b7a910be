import type { ComponentName } from '../model/component.ts'
import type { StaleRowStore } from '../retention/ports.ts'
import type { Db } from './db.ts'
import { addUpListedChanges } from './listed-changes.ts'

/** What is removed of one table: rows that nothing needs any more, some at a time. */
interface Kind {
  readonly what: string
  /** Whose work it is. */
  readonly component: ComponentName
  /** Deletes at most `batch` of them, and returns a row for each. $1 is a time, unix ms: what is younger stays. */
  readonly sql: string
  /** $2. */
  readonly limit?: keyof RowLimits
}

export interface RowLimits {
  /** Newest versions of a scope; more of those that builds of today's pipelines took, made or are kept from. */
  readonly versionsOfScope: number
  /** Newest successes of a job; more of those that alone say of a version that it passed. */
  readonly successesOfJob: number
  /** How long entries of the audit are kept. */
  readonly auditDays: number
}

const defaults: RowLimits = { versionsOfScope: 10_000, successesOfJob: 5_000, auditDays: 400 }

const batch = 500

/** In this order: what is removed first frees what comes later. */
const kinds: readonly Kind[] = [
  {
    what: 'old entries of the audit',
    component: 'audit_collector',
    // $1 is a day ago.
    sql: `delete from audit where id in (select id from audit where at < $1::bigint - ($2::bigint - 1) * 86400000 order by at limit ${batch}) returning id`,
    limit: 'auditDays',
  },
  {
    what: 'checks that another one has followed',
    component: 'collector_checks',
    sql: `with gone as (
        delete from builds where id in (
          select id from builds b where kind = 'check' and ended_at < $1 and not exists (select 1 from scope_checks where build_id = b.id) order by id limit ${batch}
        ) returning id
      ), events as (delete from build_events where build_id in (select id from gone))
      select id from gone`,
  },
  {
    what: 'records of removed containers',
    component: 'collector_containers',
    sql: `delete from containers where handle in (
        select handle from containers c join builds b on b.id = c.build_id where c.state = 'removed' and c.updated_at < $1 and b.ended_at < $1 limit ${batch}
      ) returning handle`,
  },
  {
    what: 'successes beyond the newest of their job',
    component: 'collector_builds',
    sql: `delete from successes where build_id in (
        select old.build_id from jobs, lateral (
          select * from successes where job_id = jobs.id order by ord desc, build_id desc offset $2
        ) old
        where not exists (
          select 1 from unnest(old.versions) version where not exists (
            select 1 from successes newer where newer.job_id = old.job_id and newer.seq > old.seq and newer.versions @> array[version]
          )
        ) and $1::bigint is not null limit ${batch}
      ) returning build_id`,
    limit: 'successesOfJob',
  },
  {
    what: 'versions beyond the newest of their scope',
    component: 'collector_resource_configs',
    sql: `delete from scope_versions gone using (
        select old.scope_id, old.version_id from (select scope_id from scope_versions group by scope_id having count(*) > $2) many, lateral (
          select * from scope_versions where scope_id = many.scope_id order by check_order desc offset $2
        ) old
        where old.created_at < $1
          and not exists (
            select 1 from resources r where r.scope_id = old.scope_id and (
              exists (select 1 from build_inputs i where i.resource_id = r.id and i.version_id = old.version_id)
              or exists (select 1 from build_outputs o where o.resource_id = r.id and o.version_id = old.version_id)
              or exists (select 1 from disabled_versions d where d.resource_id = r.id and d.version_id = old.version_id)
              or exists (select 1 from versions v where v.id = old.version_id and v.version @> r.pin)
            )
          )
        limit ${batch}
      ) stale
      where gone.scope_id = stale.scope_id and gone.version_id = stale.version_id returning gone.version_id`,
    limit: 'versionsOfScope',
  },
  {
    what: 'scopes that no resource has',
    component: 'collector_resource_configs',
    sql: `delete from resource_config_scopes where id in (
        select id from resource_config_scopes s where created_at < $1
          and not exists (select 1 from resources where scope_id = s.id)
          and not exists (select 1 from resource_types where scope_id = s.id)
          and not exists (select 1 from scope_checks c where c.scope_id = s.id and coalesce(c.ended_at, c.wanted_at, 0) >= $1)
        limit ${batch}
      ) returning id`,
  },
  {
    what: 'uses of versions that no scope has any more',
    component: 'collector_builds',
    sql: `delete from job_used u where ctid in (
        select ctid from job_used where not exists (select 1 from scope_versions s where s.version_id = job_used.version_id)
          and not exists (select 1 from builds b where b.id = job_used.last_build and b.created_at >= $1) limit ${batch}
      ) returning u.job_id`,
  },
  {
    what: 'passed versions that no scope has any more',
    component: 'collector_builds',
    sql: `delete from passed_versions p where ctid in (
        select ctid from passed_versions where not exists (select 1 from scope_versions s where s.version_id = passed_versions.version_id)
          and not exists (select 1 from successes s where s.job_id = passed_versions.job_id and s.versions @> array[passed_versions.version_id])
          and $1::bigint is not null limit ${batch}
      ) returning p.job_id`,
  },
  // Last: what is removed before is counted too.
  { what: 'counts of changes of lists', component: 'collector_builds', sql: addUpListedChanges },
]

export class StaleRows implements StaleRowStore {
  readonly #db: Db
  readonly #limits: RowLimits
  readonly kinds = kinds.map(({ what, component }) => ({ what, component }))

  constructor(db: Db, limits: Partial<RowLimits> = {}) {
    this.#db = db
    this.#limits = { ...defaults, ...limits }
  }

  async remove(kind: string, before: number, onBatch: () => Promise<void> | void): Promise<number> {
    const { sql, limit } = kinds.find(({ what }) => what === kind) as Kind
    for (let removed = 0; ; ) {
      await onBatch()
      const { length } = await this.#db.query(sql, [before, ...(limit === undefined ? [] : [this.#limits[limit]])])
      removed += length
      if (length < batch) return removed
    }
  }

  async newestVersion(): Promise<number> {
    return (await this.#db.query<{ id: number | null }>('select max(id) as id from versions'))[0]?.id ?? 0
  }

  /** Goes through the ids in windows. */
  async removeVersions(last: number, onBatch: () => Promise<void> | void): Promise<number> {
    let removed = 0
    for (let from = 0; from < last; ) {
      await onBatch()
      const [window] = await this.#db.query<{ upto: number | null }>(
        'select max(id) as upto from (select id from versions where id > $1 and id <= $2 order by id limit $3) ids',
        [from, last, batch],
      )
      const upto = window?.upto
      if (upto === null || upto === undefined) break
      const rows = await this.#db.query(
        `delete from versions v where id > $1 and id <= $2
           and not exists (select 1 from scope_versions where version_id = v.id)
           and not exists (select 1 from disabled_versions where version_id = v.id)
           and not exists (select 1 from job_used where version_id = v.id)
           and not exists (select 1 from passed_versions where version_id = v.id)
           and not exists (select 1 from build_inputs where version_id = v.id)
           and not exists (select 1 from build_outputs where version_id = v.id)
           and not exists (select 1 from successes where versions @> array[v.id]) returning 1 as one`,
        [from, upto],
      )
      removed += rows.length
      from = upto
    }
    return removed
  }
}

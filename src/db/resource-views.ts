import type { ListedResource, ListedVersion, Page, ResourceViews as ResourceViewsPort, VersionPage } from '../api/ports.ts'
import type { Resource } from '../model/pipeline.ts'
import type { MetadataField, Version } from '../model/version.ts'
import { type Db, json, type Param, type Queryable } from './db.ts'
import { resourceColumns, resourceOf, type ResourceRow } from './resource-row.ts'

interface ViewRow extends ResourceRow {
  readonly checked_at: number | null
  readonly check_build: number | null
}

interface VersionRow {
  readonly id: number
  readonly version: string
  readonly metadata: string | null
  readonly enabled: boolean
}

/** $1: the scope, $2: the resource. A version without an order was made by a build, and no check has shown it yet. */
const versionsOf = `from scope_versions sv join versions v on v.id = sv.version_id
  left join disabled_versions off on off.resource_id = $2 and off.version_id = v.id
  where sv.scope_id = $1 and sv.check_order > 0`
const versionColumns = 'v.id, v.version, sv.metadata, off.version_id is null as enabled'

export class ResourceViews implements ResourceViewsPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async list(pipelineIds: readonly number[]): Promise<readonly ListedResource[]> {
    const rows = await this.#db.query<ViewRow>(
      `select ${resourceColumns}, c.ended_at as checked_at, c.build_id as check_build
       from resources left join scope_checks c using (scope_id) where pipeline_id = any($1::bigint[]) and active order by pipeline_id, id`,
      [pipelineIds],
    )
    return rows.map((row) => ({
      ...resourceOf(row),
      ...(row.checked_at !== null && { checkedAt: row.checked_at }),
      ...(row.check_build !== null && { checkBuildId: row.check_build }),
    }))
  }

  async versions({ id, scopeId }: Resource, { from, to, limit }: Page, filter: Version): Promise<VersionPage> {
    const params = [scopeId ?? null, id, json(filter)]
    const matching = `${versionsOf} and v.version @> $3::jsonb`
    const orderOf = (parameter: string): string => `(select check_order from scope_versions where scope_id = $1 and version_id = ${parameter})`
    const ascending = from !== undefined
    const rows = await this.#versions(
      `${matching} and ($4::bigint is null or sv.check_order >= ${orderOf('$4')}) and ($5::bigint is null or sv.check_order <= ${orderOf('$5')})
       order by sv.check_order ${ascending ? 'asc' : 'desc'} limit ${Math.trunc(limit)}`,
      [...params, from ?? null, to ?? null],
    )
    const ordered = ascending ? rows : rows.toReversed()
    const [oldest, newest] = [ordered[0], ordered.at(-1)]
    const versions = ascending && to !== undefined ? ordered : ordered.toReversed()
    if (oldest === undefined || newest === undefined) return { versions }
    const neighbour = async (comparison: '<' | '>', version: number): Promise<number | undefined> =>
      (await this.#versions(`${matching} and sv.check_order ${comparison} ${orderOf('$4')} order by sv.check_order ${comparison === '<' ? 'desc' : 'asc'} limit 1`, [...params, version]))[0]?.id
    const [older, newer] = await Promise.all([neighbour('<', oldest.id), neighbour('>', newest.id)])
    return { versions, ...(older !== undefined && { older }), ...(newer !== undefined && { newer }) }
  }

  async version({ id, scopeId }: Resource, versionId: number): Promise<ListedVersion | undefined> {
    return (await this.#versions(`${versionsOf} and v.id = $3`, [scopeId ?? null, id, versionId]))[0]
  }

  async setEnabled(resource: Resource, versionId: number, enabled: boolean): Promise<boolean> {
    if ((await this.version(resource, versionId)) === undefined) return false
    await this.#db.transaction(async (tx) => {
      const changed = enabled
        ? await tx.query('delete from disabled_versions where resource_id = $1 and version_id = $2 returning 1 as one', [resource.id, versionId])
        : await tx.query('insert into disabled_versions (resource_id, version_id) values ($1, $2) on conflict do nothing returning 1 as one', [resource.id, versionId])
      if (changed.length > 0) await wantJobs(tx, resource.id)
    })
    return true
  }

  async pin(resource: Resource, versionId: number): Promise<'pinned' | 'unknown' | 'in-config'> {
    const found = await this.version(resource, versionId)
    if (found === undefined) return 'unknown'
    return this.#db.transaction(async (tx) => {
      await wantJobs(tx, resource.id)
      const rows = await tx.query('update resources set pin = $2 where id = $1 and not pin_in_config returning 1 as one', [resource.id, json(found.version)])
      return rows.length > 0 ? 'pinned' : 'in-config'
    })
  }

  async unpin({ id }: Resource): Promise<'unpinned' | 'in-config'> {
    return this.#db.transaction(async (tx) => {
      await wantJobs(tx, id)
      const rows = await tx.query('update resources set pin = null, pin_comment = null where id = $1 and not pin_in_config returning 1 as one', [id])
      return rows.length > 0 ? 'unpinned' : 'in-config'
    })
  }

  async setPinComment(resourceId: number, comment: string): Promise<boolean> {
    const rows = await this.#db.query('update resources set pin_comment = $2 where id = $1 and pin is not null returning 1 as one', [resourceId, comment === '' ? null : comment])
    return rows.length > 0
  }

  async #versions(rest: string, params: readonly Param[]): Promise<ListedVersion[]> {
    const rows = await this.#db.query<VersionRow>(`select ${versionColumns} ${rest}`, params)
    return rows.map(({ id, version, metadata, enabled }) => ({
      id,
      version: JSON.parse(version) as Version,
      ...(metadata !== null && { metadata: JSON.parse(metadata) as MetadataField[] }),
      enabled,
    }))
  }
}

/**
 * Jobs that get the resource are looked at again. Rows are locked by id, and before a resource's, as in setting a pipeline, so that two
 * callers never wait for each other in a circle.
 */
async function wantJobs(tx: Queryable, resourceId: number): Promise<void> {
  await tx.query(
    `update job_schedule set wanted = wanted + 1, not_before = null
     from (select job_id as id from job_schedule where job_id in (select job_id from job_inputs where resource_id = $1) order by job_id for no key update) as locked
     where job_id = locked.id`,
    [resourceId],
  )
}

import type { Queryable } from './db.ts'

/**
 * Until the source of a resource has been filled in, its scope is not known: the state of its checks stands in a scope of its own then, which
 * has no versions and goes when the resource points to another.
 */
const ownKey = "'resource ' || r.id"

/** Makes a resource point to a scope. A credential that has changed leaves its versions: a scope that is new gets those of the one before. */
export async function pointTo(tx: Queryable, resourceId: number, scopeId: number, now: number): Promise<void> {
  // Two checks that point to one new scope at once must not both fill it.
  await tx.query('select id from resource_config_scopes where id = $1 for no key update', [scopeId])
  const [resource] = await tx.query<{ before: number | null }>('select scope_id as before from resources where id = $1 for no key update', [resourceId])
  if (resource === undefined || resource.before === scopeId) return
  const { before } = resource
  await tx.query('update resources set scope_id = $2 where id = $1', [resourceId, scopeId])
  if (before === null) return
  await tx.query(
    `insert into scope_versions (scope_id, version_id, check_order, metadata, created_at)
     select $2, version_id, check_order, metadata, $3 from scope_versions where scope_id = $1 and not exists (select from scope_versions where scope_id = $2)`,
    [before, scopeId, now],
  )
  await tx.query(
    `update scope_checks set wanted_at = greatest(scope_checks.wanted_at, old.wanted_at), wanted_types = scope_checks.wanted_types or old.wanted_types from scope_checks old where scope_checks.scope_id = $2 and old.scope_id = $1 and old.wanted_at is not null`,
    [before, scopeId],
  )
  await tx.query(`delete from resource_config_scopes where id = $1 and key = 'resource ' || $2::bigint`, [before, resourceId])
}

/**
 * Gives each of the resources that points to no scope one of its own. `where`: on `r`, a row of resources; $1 is its parameter. A new scope finds its
 * resource by the key's id, which has an index: joined to the needy ones, without statistics, each is compared with each, for minutes at 40 000.
 * Resources are locked first: of two servers that do this at once, the second would empty the scope that the first has made, and lose the checks
 * that are wanted of it.
 */
export async function ownScopes(db: Queryable, where: string, param: number | readonly number[] | null, now: number): Promise<void> {
  await db.query(
    `with needy as (
       select r.id, ${ownKey} as key from resources r join pipelines p on p.id = r.pipeline_id where r.active and r.scope_id is null and p.config_version is not null and (${where})
       order by r.id for no key update of r
     ), made as (
       insert into resource_config_scopes (key, created_at) select key, $2 from needy order by key
       on conflict (key) do update set created_at = excluded.created_at returning id, key
     ), fresh as (
       insert into scope_checks (scope_id) select id from made
       on conflict (scope_id) do update set wanted_at = null, started_at = null, ended_at = null, failures = 0, error = null, build_id = null
     )
     update resources set scope_id = made.id from made where resources.id = split_part(made.key, ' ', 2)::bigint`,
    [param, now],
  )
}

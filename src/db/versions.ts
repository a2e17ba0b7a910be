import { merge } from '../checks/merge.ts'
import type { CheckEnd, EndedCheck, EnteredScope, ScopeOf, ScopeStore } from '../checks/ports.ts'
import type { MetadataField, Version } from '../model/version.ts'
import { type CheckTimesRow, checkTimesColumns, checkTimesOf } from './check-times-row.ts'
import { DbError } from './db-error.ts'
import { type Db, json, type Queryable } from './db.ts'
import { pointTo } from './scope-pointers.ts'
import { canonicalJson, hashOf } from './version-json.ts'

interface ScopeRow extends CheckTimesRow {
  readonly id: number
  readonly latest: string | null
  /** The resource, while the pipeline's config has it, and the scope that it points to. */
  readonly resource_id: number | null
  readonly pointer: number | null
  /** The custom type or prototype, and the scope that it points to. */
  readonly type_id: number | null
  readonly type_pointer: number | null
}

/** Versions that checks found, in the scope of a resource config, and when it was checked. */
export class Versions implements ScopeStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** Nearly always the scope is there already: a look-up takes no lock and writes nothing. */
  async enter(of: ScopeOf, now: number): Promise<EnteredScope> {
    const row = (await this.#scope(of)) ?? (await this.#rename(of)) ?? (await this.#make(of, now))
    if (row.resource_id !== null && row.pointer !== row.id) {
      await this.#db.transaction((tx) => pointTo(tx, row.resource_id ?? 0, row.id, now))
      return this.enter({ scope: of.scope }, now)
    }
    if (row.type_id !== null && row.type_pointer !== row.id) await this.#db.query('update resource_types set scope_id = $2 where id = $1', [row.type_id, row.id])
    return { id: row.id, times: checkTimesOf(row), ...(row.latest !== null && { latest: JSON.parse(row.latest) as Version }) }
  }

  async save(scopeId: number, found: readonly Version[], { from, now }: { readonly from?: Version | undefined; readonly now: number }): Promise<boolean> {
    if (found.length === 0) return false
    const texts = found.map(canonicalJson)
    const hashes = texts.map(hashOf)
    const fromHash = from && hashOf(canonicalJson(from))
    // Nearly every check that has a version to begin with finds what is known: no transaction, no lock.
    if (from !== undefined && (await onTop(this.#db, { scopeId, hashes, from: fromHash, lock: false })).length === 0) return false
    return this.#db.transaction(async (tx) => {
      const top = await onTop(tx, { scopeId, hashes, from: fromHash, lock: true })
      if (top.length > 0) await tx.query('select put_found_on_top($1, $2, $3, $4, $5)', [scopeId, hashes, texts, top, now])
      return top.length > 0
    })
  }

  async latest(scope: string): Promise<Version | undefined> {
    const [row] = await this.#db.query<{ version: string }>(`select version from ${joined} where scope.key = $1 and check_order > 0 order by check_order desc limit 1`, [scope])
    return row && (JSON.parse(row.version) as Version)
  }

  async saveMetadata(scope: string, version: Version, metadata: readonly MetadataField[]): Promise<void> {
    await this.#db.query(
      `update scope_versions set metadata = $3::json from resource_config_scopes scope, versions
       where scope.id = scope_id and versions.id = version_id and scope.key = $1 and versions.hash = decode($2, 'hex') and metadata::text is distinct from $3::json::text`,
      [scope, hashOf(canonicalJson(version)), json(metadata)],
    )
  }

  async metadata(scope: string, version: Version): Promise<readonly MetadataField[] | undefined> {
    const [row] = await this.#db.query<{ metadata: string | null }>(`select metadata from ${joined} where scope.key = $1 and versions.hash = decode($2, 'hex')`, [
      scope,
      hashOf(canonicalJson(version)),
    ])
    return typeof row?.metadata === 'string' ? (JSON.parse(row.metadata) as readonly MetadataField[]) : undefined
  }

  async saveEnds(ends: readonly (CheckEnd | EndedCheck)[]): Promise<void> {
    // One of a scope, the one that began last; in the scopes' order, so that two that save at once never wait for each other in a circle.
    const inTime = ends.toSorted((a, b) => a.startedAt - b.startedAt)
    const last = new Map(inTime.map((end) => [end.scopeId, end]))
    const rows = [...last.values()].toSorted((a, b) => a.scopeId - b.scopeId)
    // With the ends: builds that waited for them would wait for ever if this server died in between.
    const awaited = new Set(ends.filter((end) => 'urgent' in end && end.urgent).map(({ scopeId }) => scopeId))
    const failed = new Map<number, number>()
    const reset = new Set<number>()
    for (const { scopeId, error, asked } of inTime) {
      failed.set(scopeId, error === undefined ? 0 : (asked ? 0 : (failed.get(scopeId) ?? 0)) + 1)
      if (error === undefined || asked) reset.add(scopeId)
    }
    await this.#db.query(
      `with saved as (
       update scope_checks set started_at = given.started, ended_at = given.ended, error = given.error,
         failures = case when given.error is null then 0 when given.reset then given.failed else failures + given.failed end
       from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::integer[], $6::boolean[]) as given (id, started, ended, error, failed, reset)
       where scope_id = given.id and (started_at is null or started_at <= given.started)
       )
       select want_waiting_jobs(id) from unnest($7::bigint[]) as awaited (id)`,
      [
        rows.map(({ scopeId }) => scopeId),
        rows.map(({ startedAt }) => startedAt),
        rows.map(({ endedAt }) => endedAt),
        rows.map(({ error }) => error?.replaceAll('\0', '\u2400') ?? null),
        rows.map(({ scopeId }) => failed.get(scopeId) ?? 0),
        rows.map(({ scopeId }) => reset.has(scopeId)),
        [...awaited].toSorted((a, b) => a - b),
      ],
    )
  }

  async #scope(of: ScopeOf): Promise<ScopeRow | undefined> {
    const [row] = await this.#db.query<ScopeRow>(`${scopeRow('resource_config_scopes')} where scope.key = $1`, scopeParams(of))
    return row
  }

  /**
   * The resource's scope, where it is the resource's alone, is the same scope under the new key: what its source is filled in with has changed, as a
   * credential does that is another for each check, and its versions need not be copied.
   */
  async #rename(of: ScopeOf): Promise<ScopeRow | undefined> {
    if (of.resource === undefined) return undefined
    try {
      const [row] = await this.#db.query<ScopeRow>(
        `with renamed as (
           update resource_config_scopes set key = $1
           where id = (select scope_id from resources where pipeline_id = $2 and name = $3 and active)
             and (select count(*) from resources where scope_id = resource_config_scopes.id) = 1
             and not exists (select from resource_types where scope_id = resource_config_scopes.id)
             and not exists (select from resource_config_scopes other where other.key = $1)
           returning id
         ) ${scopeRow('renamed')}`,
        scopeParams(of),
      )
      return row
    } catch (error) {
      // Another server has made the scope, or renamed one to it, in the same moment.
      if (error instanceof DbError && error.kind === 'constraint') return undefined
      throw error
    }
  }

  async #make(of: ScopeOf, now: number): Promise<ScopeRow> {
    await this.#db.query(
      `with made as (insert into resource_config_scopes (key, created_at) values ($1, $2) on conflict (key) do nothing returning id)
       insert into scope_checks (scope_id) select id from made`,
      [of.scope, now],
    )
    const row = await this.#scope(of)
    if (row === undefined) throw new Error('a scope of versions was removed while it was made')
    return row
  }
}

interface Found {
  readonly scopeId: number
  readonly hashes: readonly string[]
  readonly from: string | undefined
  readonly lock: boolean
}

/** The hashes that go on top of the scope's order (merge.ts); none, too, where the scope was removed meanwhile: nothing refers to it. */
async function onTop(db: Queryable, { scopeId, hashes, from, lock }: Found): Promise<readonly string[]> {
  const [row] = await db.query<{ known: readonly string[]; latest: string | null }>('select known, latest from scope_order($1, $2, $3)', [scopeId, hashes, lock])
  return row === undefined ? [] : merge({ found: hashes, known: new Set(row.known), latest: row.latest ?? undefined, from })
}

/** $1 is the key; `from`: what has the scope's id. */
const scopeRow = (from: string): string =>
  `select scope.id, ${checkTimesColumns},
     (select version from scope_versions join versions on versions.id = version_id where scope_id = scope.id and check_order > 0 order by check_order desc limit 1) as latest,
     r.id as resource_id, r.scope_id as pointer, ty.id as type_id, ty.scope_id as type_pointer
   from ${from} scope join scope_checks c on c.scope_id = scope.id
     left join resources r on r.pipeline_id = $2 and r.name = $3 and r.active
     left join resource_types ty on ty.pipeline_id = $4 and ty.kind = $5 and ty.name = $6`

const scopeParams = ({ scope, resource, type }: ScopeOf): readonly (string | number | null)[] => [
  scope, resource?.pipelineId ?? null, resource?.name ?? null, type?.pipelineId ?? null, type?.kind ?? null, type?.name ?? null,
]

/** Versions with their place in a scope. */
const joined = 'resource_config_scopes scope join scope_versions on scope_versions.scope_id = scope.id join versions on versions.id = version_id'

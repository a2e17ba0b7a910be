import type { VersionStore } from '../engine/ports.ts'
import type { MetadataField, Version } from '../model/version.ts'
import { type Db, json } from './db.ts'
import { canonicalJson, hashOf } from './version-json.ts'

export interface CheckState {
  readonly startedAt?: number
  readonly endedAt?: number
  /** Why the last check that ended failed; absent: it did not. */
  readonly error?: string
}

/** Versions that checks found, in the scope of a resource config (`scope`: hash of team, type chain and source). */
export class Versions implements VersionStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /**
   * Oldest first, as a check prints them. As in Concourse: when one of them is new, all of them are put behind what is known,
   * in this order, so that the last becomes the latest; when none is, nothing moves.
   */
  async save(scope: string, versions: readonly Version[], now: number): Promise<void> {
    const texts = versions.map(canonicalJson)
    const hashes = texts.map(hashOf)
    if (texts.length > 0 && (await this.#knows(scope, new Set(hashes)))) return
    await this.#db.transaction(async (tx) => {
      // The row's lock comes first: two checks of one scope must not number at once.
      const [row] = await tx.query<{ id: number }>(
        'insert into resource_config_scopes (key, created_at) values ($1, $2) on conflict (key) do update set key = excluded.key returning id',
        [scope, now],
      )
      if (row === undefined || texts.length === 0) return
      // In the hashes' order: scopes that save the same new versions at once must not wait for each other in a circle.
      await tx.query(
        `insert into versions (hash, version)
         select hash, min(version)::jsonb from unnest($1::text[], $2::text[]) as given (hex, version), decode(hex, 'hex') as hash group by hash order by hash
         on conflict (hash) do nothing`,
        [hashes, texts],
      )
      await tx.query(
        `insert into scope_versions (scope_id, version_id, check_order, created_at)
         select $1, id, 0, $3 from versions where hash in (select decode(hex, 'hex') from unnest($2::text[]) as given (hex))
         on conflict (scope_id, version_id) do nothing`,
        [row.id, hashes, now],
      )
      await tx.query(
        `with given as (
           select versions.id as version_id, max(place)::integer as place
           from unnest($2::text[]) with ordinality as each (hex, place) join versions on versions.hash = decode(hex, 'hex') group by versions.id
         ), known as (
           select max(check_order) as top, bool_or(check_order = 0 and version_id in (select version_id from given)) as news from scope_versions where scope_id = $1
         )
         update scope_versions set check_order = known.top + given.place
         from known, given
         where scope_versions.scope_id = $1 and scope_versions.version_id = given.version_id and known.news`,
        [row.id, hashes],
      )
    })
  }

  async latest(scope: string): Promise<Version | undefined> {
    return this.#one('where scope.key = $1 and check_order > 0 order by check_order desc limit 1', [scope])
  }

  /** The newest version that has these keys and values, maybe among others. */
  async find(scope: string, partial: Version): Promise<Version | undefined> {
    return this.#one('where scope.key = $1 and check_order > 0 and version @> $2::jsonb order by check_order desc limit 1', [scope, canonicalJson(partial)])
  }

  async saveMetadata(scope: string, version: Version, metadata: readonly MetadataField[]): Promise<void> {
    await this.#db.query(
      `update scope_versions set metadata = $3 from resource_config_scopes scope, versions
       where scope.id = scope_id and versions.id = version_id and scope.key = $1 and versions.hash = decode($2, 'hex')`,
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

  async checkStarted(scope: string, now: number): Promise<void> {
    await this.#db.query(
      `insert into resource_config_scopes (key, created_at, last_check_started_at) values ($1, $2, $2)
       on conflict (key) do update set last_check_started_at = excluded.last_check_started_at`,
      [scope, now],
    )
  }

  /** `error`: why it failed; absent: it did not. */
  async checkEnded(scope: string, now: number, error?: string): Promise<void> {
    await this.#db.query('update resource_config_scopes set last_check_ended_at = $2, last_check_error = $3 where key = $1', [
      scope,
      now,
      error?.replaceAll('\0', '\u2400') ?? null,
    ])
  }

  async lastCheck(scope: string): Promise<CheckState | undefined> {
    const [row] = await this.#db.query<{ started: number | null; ended: number | null; error: string | null }>(
      'select last_check_started_at as started, last_check_ended_at as ended, last_check_error as error from resource_config_scopes where key = $1',
      [scope],
    )
    return (
      row && {
        ...(row.started !== null && { startedAt: row.started }),
        ...(row.ended !== null && { endedAt: row.ended }),
        ...(row.error !== null && { error: row.error }),
      }
    )
  }

  /** Nearly every check finds what is known: no transaction, no lock. */
  async #knows(scope: string, hashes: ReadonlySet<string>): Promise<boolean> {
    const [row] = await this.#db.query<{ known: number }>(
      `select count(*)::integer as known from ${joined}
       where scope.key = $1 and check_order > 0 and versions.hash in (select decode(hex, 'hex') from unnest($2::text[]) as given (hex))`,
      [scope, [...hashes]],
    )
    return row?.known === hashes.size
  }

  async #one(where: string, params: readonly string[]): Promise<Version | undefined> {
    const [row] = await this.#db.query<{ version: string }>(`select version from ${joined} ${where}`, params)
    return row && (JSON.parse(row.version) as Version)
  }
}

/** Versions with their place in a scope. */
const joined = 'resource_config_scopes scope join scope_versions on scope_versions.scope_id = scope.id join versions on versions.id = version_id'

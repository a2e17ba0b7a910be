import type { ResourceCacheStore } from '../engine/ports.ts'
import type { ArtifactDigest } from '../model/artifact.ts'
import type { CachedResource } from '../model/cached-resource.ts'
import type { MetadataField, Version } from '../model/version.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import { json, type Queryable } from './db.ts'

interface CacheTableRow {
  readonly digest: ArtifactDigest
  readonly size: number
  readonly version: string
  readonly metadata: string
}

/** What a get fetched, by the hash of all that makes two gets the same. */
export class ResourceCaches implements ResourceCacheStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Counts as use. */
  async get(key: string, now: number): Promise<CachedResource | undefined> {
    const [row] = await this.#db.query<CacheTableRow>(
      'update resource_caches set used_at = greatest(used_at, $2::bigint) where key = $1 returning digest, size, version, metadata',
      [key, now],
    )
    return (
      row && {
        artifact: { digest: row.digest, size: row.size },
        version: JSON.parse(row.version) as Version,
        metadata: JSON.parse(row.metadata) as readonly MetadataField[],
      }
    )
  }

  async put(key: string, { artifact, version, metadata }: CachedResource, now: number, scope?: string): Promise<void> {
    await this.#db.query(
      `insert into resource_caches (key, digest, size, version, metadata, created_at, used_at, scope) values ($1, $2, $3, $4, $5, $6, $6, $7)
       on conflict (key) do update
       set digest = excluded.digest, size = excluded.size, version = excluded.version, metadata = excluded.metadata,
           created_at = excluded.created_at, used_at = excluded.used_at, scope = excluded.scope`,
      [key, artifact.digest, artifact.size, json(version), json(metadata), now, scope ?? null],
    )
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#db.query('delete from resource_caches where key = $1 returning 1 as one', [key])).length > 0
  }

  /** Deletes what was fetched from a resource config, or only its one version; gives how many. */
  async clear(scope: string, version?: Version): Promise<number> {
    // Compared here: a version may hold text that jsonb cannot.
    const wanted = version === undefined ? undefined : canonicalJson(version)
    const rows = await this.#db.query<{ key: string; version: string }>('select key, version from resource_caches where scope = $1', [scope])
    const keys = rows.filter((row) => wanted === undefined || canonicalJson(JSON.parse(row.version) as Version) === wanted).map(({ key }) => key)
    return (await this.#db.query('delete from resource_caches where key = any($1::text[]) returning 1 as one', [keys])).length
  }

  /** Deletes those not used since; gives how many. */
  async deleteUnusedSince(time: number): Promise<number> {
    return (await this.#db.query('delete from resource_caches where used_at < $1 returning 1 as one', [time])).length
  }
}

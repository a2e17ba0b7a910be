import type { ResourceCacheStore } from '../engine/ports.ts'
import type { ArtifactDigest } from '../model/artifact.ts'
import type { CachedResource } from '../model/cached-resource.ts'
import type { MetadataField, Version } from '../model/version.ts'
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

  async put(key: string, { artifact, version, metadata }: CachedResource, now: number): Promise<void> {
    await this.#db.query(
      `insert into resource_caches (key, digest, size, version, metadata, created_at, used_at) values ($1, $2, $3, $4, $5, $6, $6)
       on conflict (key) do update
       set digest = excluded.digest, size = excluded.size, version = excluded.version, metadata = excluded.metadata,
           created_at = excluded.created_at, used_at = excluded.used_at`,
      [key, artifact.digest, artifact.size, json(version), json(metadata), now],
    )
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#db.query('delete from resource_caches where key = $1 returning 1 as one', [key])).length > 0
  }

  /** Deletes those not used since; gives how many. */
  async deleteUnusedSince(time: number): Promise<number> {
    return (await this.#db.query('delete from resource_caches where used_at < $1 returning 1 as one', [time])).length
  }
}

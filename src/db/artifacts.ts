import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { Queryable } from './db.ts'

/** Which artifacts the store holds, and which are still of use. */
export class Artifacts {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  async record(artifact: ArtifactRef, now: number): Promise<void> {
    // Stored again means used again: the collector's grace begins anew.
    await this.#db.query(
      `insert into artifacts (digest, size, created_at) values ($1, $2, $3)
       on conflict (digest) do update set created_at = greatest(artifacts.created_at, excluded.created_at)`,
      [artifact.digest, artifact.size, now],
    )
  }

  /** Names an artifact of a build, as long as the build's row lives. */
  async name(buildId: number, name: string, digest: ArtifactDigest): Promise<void> {
    await this.#db.query(
      'insert into build_artifacts (build_id, name, digest) values ($1, $2, $3) on conflict (build_id, name) do update set digest = excluded.digest',
      [buildId, name, digest],
    )
  }

  async named(buildId: number): Promise<ReadonlyMap<string, ArtifactRef>> {
    const rows = await this.#db.query<{ name: string; digest: ArtifactDigest; size: number }>(
      'select name, digest, size from build_artifacts join artifacts using (digest) where build_id = $1 order by name',
      [buildId],
    )
    return new Map(rows.map(({ name, digest, size }) => [name, { digest, size }]))
  }

  /**
   * Artifacts stored before `before` that no cache, no build's name and no step record of an unfinished build mentions: the
   * store may delete them, and then `forget` them. `before` must lie further back than an upload takes.
   */
  unreferenced(before: number, limit: number): Promise<readonly ArtifactRef[]> {
    return this.#db.query<ArtifactRef>(
      `select digest, size from artifacts
       where created_at < $1
         and not exists (select from build_artifacts r where r.digest = artifacts.digest)
         and not exists (select from resource_caches r where r.digest = artifacts.digest)
         and not exists (select from task_caches r where r.digest = artifacts.digest)
         and digest not in (
           select item.value ->> 'digest'
           from builds join steps on steps.build_id = builds.id, json_each(steps.record -> 'artifacts') item
           where builds.status in ('pending', 'started') and item.value ->> 'digest' is not null
         )
       order by created_at limit $2`,
      [before, limit],
    )
  }

  async forget(digests: readonly ArtifactDigest[]): Promise<void> {
    await this.#db.query('delete from artifacts where digest = any($1::text[])', [digests])
  }
}

import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { Queryable } from './db.ts'

/** Names of artifacts, and which artifacts are still referenced. */
export class Artifacts {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  async record(artifact: ArtifactRef, now: number): Promise<void> {
    // An artifact that is stored again counts as used: the collector's grace period starts again.
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
   * Everything that a cache, an upload, a build's output or name, or a step of an unfinished build mentions. Of builds that have ended only names count. What
   * unfinished builds were made with stands encrypted in their rows, and is not among them.
   */
  async referenced(): Promise<ReadonlySet<ArtifactDigest>> {
    const rows = await this.#db.query<{ digest: ArtifactDigest }>(
      `select digest from build_artifacts
       union select digest from resource_caches
       union select digest from task_caches
       union select digest from worker_artifacts
       union select (regexp_matches(steps.record::text, 'sha256:[0-9a-f]{64}', 'g'))[1]
         from builds join steps on steps.build_id = builds.id
         where builds.status in ('pending', 'started')`,
    )
    return new Set(rows.map(({ digest }) => digest))
  }
}

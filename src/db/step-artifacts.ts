import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { Queryable } from './db.ts'

/** What a finished step stored. */
export interface StepArtifact {
  readonly planId: string
  /** Of an output; of a get, the step's name. */
  readonly name: string
  readonly artifact: ArtifactRef
}

/** What steps of builds stored, named when a step finishes (commit_build), and which artifacts are still referenced. */
export class StepArtifacts {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** None, once they have been forgotten. Whether an artifact is still there, the store says. */
  async ofBuild(buildId: number): Promise<readonly StepArtifact[]> {
    const rows = await this.#db.query<{ plan_id: string; name: string; digest: ArtifactDigest; size: number }>(
      'select plan_id, name, digest, size from step_artifacts where build_id = $1 order by plan_id, name',
      [buildId],
    )
    return rows.map(({ plan_id, name, digest, size }) => ({ planId: plan_id, name, artifact: { digest, size } }))
  }

  /** Of builds that ended before: unix ms. */
  async forget(before: number): Promise<void> {
    await this.#db.query('delete from step_artifacts using builds where builds.id = build_id and builds.ended_at < $1', [before])
  }

  /**
   * Everything that a cache, an upload, a step's name or a step of an unfinished build mentions. What unfinished builds were made with stands
   * encrypted in their rows, and is not among them.
   */
  async referenced(): Promise<ReadonlySet<ArtifactDigest>> {
    const rows = await this.#db.query<{ digest: ArtifactDigest }>(
      `select digest from step_artifacts
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

import type { TaskCacheKey, TaskCacheStore } from '../engine/ports.ts'
import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { Queryable } from './db.ts'

/** Folders that a task keeps from one build of its job to the next. */
export class TaskCaches implements TaskCacheStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  async get({ jobId, step, path }: TaskCacheKey): Promise<ArtifactRef | undefined> {
    const [row] = await this.#db.query<{ digest: ArtifactDigest; size: number }>(
      'select digest, size from task_caches where job_id = $1 and step = $2 and path = $3',
      [jobId, step, path],
    )
    return row
  }

  async put({ jobId, step, path }: TaskCacheKey, artifact: ArtifactRef, now: number): Promise<void> {
    await this.#db.query(
      `insert into task_caches (job_id, step, path, digest, size, created_at, used_at) values ($1, $2, $3, $4, $5, $6, $6)
       on conflict (job_id, step, path) do update set digest = excluded.digest, size = excluded.size, used_at = excluded.used_at`,
      [jobId, step, path, artifact.digest, artifact.size, now],
    )
  }

  /** Deletes a step's caches, or the one of `path`; gives how many. */
  async clear(jobId: number, step: string, path?: string): Promise<number> {
    const rows = await this.#db.query('delete from task_caches where job_id = $1 and step = $2 and ($3::text is null or path = $3) returning 1 as one', [
      jobId,
      step,
      path ?? null,
    ])
    return rows.length
  }

  /** Deletes those that no build has saved since; gives how many. */
  async deleteUnusedSince(time: number): Promise<number> {
    return (await this.#db.query('delete from task_caches where used_at < $1 returning 1 as one', [time])).length
  }
}

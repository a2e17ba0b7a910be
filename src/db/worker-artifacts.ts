import type { WorkerArtifact, WorkerArtifactStore } from '../api/ports.ts'
import type { BuildOutputs } from '../engine/ports.ts'
import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { Db } from './db.ts'

interface Row {
  readonly id: number
  readonly build_id: number | null
  readonly name: string
  readonly digest: ArtifactDigest
  readonly size: number
  readonly created_at: number
}

export const keptMs = 12 * 3_600_000

/** Uploaded inputs and outputs of one-off builds; they are of use to `fly execute` alone. */
export class WorkerArtifacts implements WorkerArtifactStore, BuildOutputs {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async upload(teamId: number, { digest, size }: ArtifactRef, now: number): Promise<WorkerArtifact> {
    const [row] = await this.#db.query<Row>(
      `insert into worker_artifacts (team_id, name, digest, size, created_at) values ($1, '', $2, $3, $4) returning id, build_id, name, digest, size, created_at`,
      [teamId, digest, size, now],
    )
    if (row === undefined) throw new Error('an uploaded artifact was not recorded')
    return artifactOf(row)
  }

  async put(buildId: number, name: string, { digest, size }: ArtifactRef, now: number): Promise<void> {
    await this.#db.query(
      `insert into worker_artifacts (team_id, build_id, name, digest, size, created_at) select team_id, id, $2, $3, $4, $5 from builds where id = $1
       on conflict (build_id, name) do update set digest = excluded.digest, size = excluded.size, created_at = excluded.created_at`,
      [buildId, name, digest, size, now],
    )
  }

  async find(teamId: number, id: number, now: number): Promise<WorkerArtifact | undefined> {
    return (await this.#rows('team_id = $1 and id = $2', [teamId, id, now - keptMs]))[0]
  }

  ofBuild(buildId: number, now: number): Promise<readonly WorkerArtifact[]> {
    return this.#rows('build_id = $1 and $2::bigint is null', [buildId, null, now - keptMs])
  }

  /** Deletes those whose time is over. */
  async expire(now: number): Promise<void> {
    await this.#db.query('delete from worker_artifacts where created_at <= $1', [now - keptMs])
  }

  async #rows(condition: string, params: readonly (number | null)[]): Promise<WorkerArtifact[]> {
    const rows = await this.#db.query<Row>(`select id, build_id, name, digest, size, created_at from worker_artifacts where ${condition} and created_at > $3 order by id`, params)
    return rows.map(artifactOf)
  }
}

const artifactOf = ({ id, build_id, name, digest, size, created_at }: Row): WorkerArtifact => ({
  id,
  name,
  artifact: { digest, size },
  createdAt: created_at,
  ...(build_id !== null && { buildId: build_id }),
})

import type { BuildScope, ScopeNames } from '../model/build.ts'
import type { Queryable } from './db.ts'

/** Teams, pipelines and jobs by name: rows that builds, caches and step durations belong to. */
export class Scopes {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** The rows' ids; rows that are missing are made. */
  async ensure({ team, pipeline, job }: ScopeNames, now: number): Promise<BuildScope> {
    const teamId = await this.#id(
      'select id from teams where name = $1',
      'insert into teams (name, created_at) values ($1, $2) on conflict (name) do nothing',
      [team],
      now,
    )
    if (pipeline === undefined) return { teamId }
    const pipelineId = await this.#id(
      'select id from pipelines where team_id = $1 and name = $2 and instance_vars is null',
      'insert into pipelines (team_id, name, created_at) values ($1, $2, $3) on conflict (team_id, name, instance_vars) do nothing',
      [teamId, pipeline],
      now,
    )
    if (job === undefined) return { teamId, pipelineId }
    const jobId = await this.#id(
      'select id from jobs where pipeline_id = $1 and name = $2',
      'insert into jobs (pipeline_id, name, created_at) values ($1, $2, $3) on conflict (pipeline_id, name) do nothing',
      [pipelineId, job],
      now,
    )
    return { teamId, pipelineId, jobId }
  }

  async namesOfJob(jobId: number): Promise<Required<ScopeNames>> {
    const [row] = await this.#db.query<Required<ScopeNames>>(
      `select teams.name as team, pipelines.name as pipeline, jobs.name as job
       from jobs join pipelines on pipelines.id = pipeline_id join teams on teams.id = team_id where jobs.id = $1`,
      [jobId],
    )
    if (row === undefined) throw new Error(`there is no job ${jobId}`)
    return row
  }

  /** Nearly always the row is there already: a look-up takes no lock and writes nothing. */
  async #id(select: string, insert: string, key: readonly (string | number)[], now: number): Promise<number> {
    const [known] = await this.#db.query<{ id: number }>(select, key)
    if (known !== undefined) return known.id
    await this.#db.query(insert, [...key, now])
    const [row] = await this.#db.query<{ id: number }>(select, key)
    if (row === undefined) throw new Error(`a row was removed while it was made: ${select}`)
    return row.id
  }
}

import { canonicalJson } from '../lib/canonical-json.ts'
import type { JsonObject } from '../model/json.ts'
import type { Job, Pause, Pipeline, PipelineRef } from '../model/pipeline.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ConfigToSave, JobChanges, PipelineStore, SaveError } from '../pipelines/ports.ts'
import type { Cipher } from './cipher.ts'
import { type Db, json, type Queryable } from './db.ts'
import { jobColumns, jobOf, type JobRow, pipelineColumns, pipelineOf, type PipelineRow } from './pipeline-row.ts'

/** Configs of a pipeline that are kept. */
const keptConfigs = 20

/** Pipelines that were set. What `airside run` made in the same database has no config, and is none of them. */
export class Pipelines implements PipelineStore {
  readonly #db: Db
  readonly #cipher: Cipher

  constructor(db: Db, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
  }

  async list(team?: string): Promise<readonly Pipeline[]> {
    const rows = await this.#db.query<PipelineRow>(
      `select ${pipelineColumns} from pipelines p join teams team on team.id = p.team_id
       where p.updated_at is not null and ($1::text is null or team.name = $1) order by p.id`,
      [team ?? null],
    )
    return rows.map(pipelineOf)
  }

  async find({ team, name, instanceVars }: PipelineRef): Promise<Pipeline | undefined> {
    const [row] = await this.#db.query<PipelineRow>(
      `select ${pipelineColumns} from pipelines p join teams team on team.id = p.team_id
       where p.updated_at is not null and team.name = $1 and p.name = $2 and p.instance_vars is not distinct from $3`,
      [team, name, instanceText(instanceVars)],
    )
    return row && pipelineOf(row)
  }

  async get(id: number): Promise<Pipeline | undefined> {
    const [row] = await this.#db.query<PipelineRow>(
      `select ${pipelineColumns} from pipelines p join teams team on team.id = p.team_id where p.updated_at is not null and p.id = $1`,
      [id],
    )
    return row && pipelineOf(row)
  }

  async config(pipelineId: number, version: number): Promise<JsonObject | undefined> {
    const [row] = await this.#db.query<{ config: string }>('select config from pipeline_configs where pipeline_id = $1 and version = $2', [pipelineId, version])
    return row && (JSON.parse(this.#cipher.decrypt(row.config, configPlace(pipelineId, version))) as JsonObject)
  }

  save(ref: PipelineRef, { config, expected, by, jobs }: ConfigToSave, now: number): Promise<Result<'created' | 'updated', SaveError>> {
    return this.#db.transaction(async (tx) => {
      const [team] = await tx.query<{ id: number }>('select id from teams where name = $1', [ref.team])
      if (team === undefined) return fail({ kind: 'no-team' as const })
      const key = [team.id, ref.name, instanceText(ref.instanceVars)]
      await tx.query('insert into pipelines (team_id, name, instance_vars, created_at) values ($1, $2, $3, $4) on conflict (team_id, name, instance_vars) do nothing', [...key, now])
      // Locked: whoever else saves the pipeline waits, and finds the version that this one leaves.
      const [row] = await tx.query<{ id: number; config_version: number | null; updated_at: number | null }>(
        'select id, config_version, updated_at from pipelines where team_id = $1 and name = $2 and instance_vars is not distinct from $3 for update',
        key,
      )
      if (row === undefined) throw new Error('a pipeline was removed while it was set')
      if ((row.config_version ?? undefined) !== expected) {
        // An archived pipeline has no version; fly sends none, or 0.
        if (row.config_version !== null || expected !== 0) return fail({ kind: 'stale' as const })
      }
      const [{ version } = { version: 0 }] = await tx.query<{ version: number }>(`select nextval('config_versions') as version`)
      await tx.query('insert into pipeline_configs (pipeline_id, version, config, set_by, set_at) values ($1, $2, $3, $4, $5)', [
        row.id,
        version,
        this.#cipher.encrypt(json(config), configPlace(row.id, version)),
        by,
        now,
      ])
      await tx.query(
        'delete from pipeline_configs where pipeline_id = $1 and version <= (select version from pipeline_configs where pipeline_id = $1 order by version desc offset $2 limit 1)',
        [row.id, keptConfigs],
      )
      await applyJobs(tx, row.id, jobs(await jobsIn(tx, row.id)), now)
      const unset = row.config_version === null
      await tx.query('update pipelines set config_version = $2, updated_at = $3, archived = false, paused = paused or $4, paused_by = case when $4 then $5 else paused_by end, paused_at = case when $4 then $3 else paused_at end where id = $1', [
        row.id,
        version,
        now,
        unset,
        by,
      ])
      return ok(row.updated_at === null ? ('created' as const) : ('updated' as const))
    })
  }

  async setPaused(id: number, pause: Pause | undefined): Promise<void> {
    await this.#db.query('update pipelines set paused = $2, paused_by = $3, paused_at = $4 where id = $1', [id, pause !== undefined, pause?.by ?? null, pause?.at ?? null])
  }

  async setPublic(id: number, isPublic: boolean): Promise<void> {
    await this.#db.query('update pipelines set public = $2 where id = $1', [id, isPublic])
  }

  async remove(id: number): Promise<void> {
    await this.#db.query('delete from pipelines where id = $1', [id])
  }

  jobs(pipelineId: number): Promise<readonly Job[]> {
    return jobsIn(this.#db, pipelineId)
  }

  async setJobPaused(jobId: number, pause: Pause | undefined): Promise<void> {
    await this.#db.query('update jobs set paused = $2, paused_by = $3, paused_at = $4 where id = $1', [jobId, pause !== undefined, pause?.by ?? null, pause?.at ?? null])
  }
}

const instanceText = (vars: JsonObject | undefined): string | null => (vars === undefined ? null : canonicalJson(vars))
const configPlace = (pipelineId: number, version: number): string => `pipeline_configs/${pipelineId}/${version}/config`

async function jobsIn(db: Queryable, pipelineId: number): Promise<readonly Job[]> {
  return (await db.query<JobRow>(`select ${jobColumns} from jobs where pipeline_id = $1 order by id`, [pipelineId])).map(jobOf)
}

async function applyJobs(tx: Queryable, pipelineId: number, { rename, insert, update, deactivate }: JobChanges, now: number): Promise<void> {
  for (const { id, name } of rename) await tx.query('update jobs set name = $2 where id = $1', [id, name])
  await tx.query(
    `insert into jobs (pipeline_id, name, public, created_at) select $1, name, public, $4 from unnest($2::text[], $3::boolean[]) with ordinality as given (name, public, place) order by place`,
    [pipelineId, insert.map(({ name }) => name), insert.map((job) => job.public), now],
  )
  await tx.query('update jobs set active = true, public = given.public from unnest($1::bigint[], $2::boolean[]) as given (id, public) where jobs.id = given.id', [
    update.map(({ id }) => id),
    update.map((job) => job.public),
  ])
  await tx.query('update jobs set active = false where id = any($1::bigint[])', [deactivate])
}

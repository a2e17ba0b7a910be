import type { JsonObject } from '../model/json.ts'
import type { Job, Pause, Pipeline, PipelineParent, PipelineRef } from '../model/pipeline.ts'
import type { Result } from '../model/result.ts'
import { UnreadableConfig, type ConfigToSave, type NotInTeam, type PipelineGroup, type PipelineStore, type SavedConfig, type SaveError } from '../pipelines/ports.ts'
import { CipherError, type Cipher } from './cipher.ts'
import type { Db } from './db.ts'
import { archivePipeline, orderInstances, orderPipelines, removePipeline, renamePipelines, setParent } from './pipeline-operations.ts'
import { jobsIn, pipelineColumns, pipelineOf, type PipelineRow } from './pipeline-row.ts'
import { jobsWanted } from './scheduling/jobs-wanted.ts'
import { configPlace, instanceText, savePipeline } from './save-pipeline.ts'

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
       where p.updated_at is not null and ($1::text is null or team.name = $1) order by team.name, p.ordering, p.instance_ordering, p.id`,
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
    if (row === undefined) return undefined
    try {
      return JSON.parse(this.#cipher.decrypt(row.config, configPlace(pipelineId, version))) as JsonObject
    } catch (error) {
      throw new UnreadableConfig(pipelineId, error instanceof CipherError ? error.message : 'it is not JSON', error)
    }
  }

  async save(ref: PipelineRef, save: ConfigToSave, now: number): Promise<Result<'created' | 'updated', SaveError>> {
    const saved = await savePipeline(this.#db, { cipher: this.#cipher, ref, save, now })
    if (saved.ok) this.#db.notify(jobsWanted, '')
    return saved
  }

  async setPaused(id: number, pause: Pause | undefined): Promise<void> {
    await this.#pause('pipelines', 'select id from jobs where pipeline_id = $1', id, pause)
  }

  async setPublic(id: number, isPublic: boolean): Promise<void> {
    await this.#db.query('update pipelines set public = $2 where id = $1', [id, isPublic])
  }

  remove(id: number, now: number): Promise<void> {
    return removePipeline(this.#db, id, now)
  }

  archive(id: number, now: number): Promise<void> {
    return archivePipeline(this.#db, id, now)
  }

  rename(group: PipelineGroup, to: string): Promise<'renamed' | 'unknown' | 'taken'> {
    return renamePipelines(this.#db, group, to)
  }

  order(team: string, names: readonly string[]): Promise<Result<void, NotInTeam>> {
    return orderPipelines(this.#db, team, names)
  }

  orderInstances(group: PipelineGroup, instances: readonly JsonObject[]): Promise<Result<void, NotInTeam>> {
    return orderInstances(this.#db, group, instances)
  }

  setParent(id: number, parent: PipelineParent): Promise<boolean> {
    return setParent(this.#db, id, parent)
  }

  async history(pipelineId: number): Promise<readonly SavedConfig[]> {
    const rows = await this.#db.query<Omit<SavedConfig, 'build'> & { readonly build: number | null }>(
      `select version, coalesce(set_by, '') as by, set_at as at, set_by_build as build
       from pipeline_configs where pipeline_id = $1 order by version desc`,
      [pipelineId],
    )
    return rows.map(({ build, ...saved }) => ({ ...saved, ...(build !== null && { build }) }))
  }

  jobs(pipelineId: number): Promise<readonly Job[]> {
    return jobsIn(this.#db, [pipelineId])
  }

  jobsOf(pipelineIds: readonly number[]): Promise<readonly Job[]> {
    return jobsIn(this.#db, pipelineIds)
  }

  setJobPaused(jobId: number, pause: Pause | undefined): Promise<void> {
    return this.#pause('jobs', 'select $1::bigint union select group_mates($1)', jobId, pause)
  }

  /** A pause concerns builds that wait, also those of jobs that share a slot. */
  async #pause(table: 'pipelines' | 'jobs', concerned: string, id: number, pause: Pause | undefined): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await tx.query(`select want_jobs(array(${concerned}))`, [id])
      await tx.query(`update ${table} set paused = $2, paused_by = $3, paused_at = $4, paused_why = $5 where id = $1`, [id, pause !== undefined, pause?.by ?? null, pause?.at ?? null, pause?.why ?? null])
    })
    this.#db.notify(jobsWanted, '')
  }
}

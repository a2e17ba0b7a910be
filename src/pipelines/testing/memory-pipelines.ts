import { canonicalJson } from '../../lib/canonical-json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Job, Pause, Pipeline, PipelineRef } from '../../model/pipeline.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { ConfigToSave, PipelineStore, SaveError } from '../ports.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** As db's Pipelines, in memory. It passes the same suite. */
export class MemoryPipelines implements PipelineStore {
  private readonly teams: readonly string[]
  private readonly rows: Mutable<Pipeline>[] = []
  private readonly jobRows: Mutable<Job>[] = []
  private readonly configs = new Map<string, JsonObject>()
  private lastId = 0
  private lastVersion = 0

  constructor(teams: readonly string[]) {
    this.teams = teams
  }

  list(team?: string): Promise<readonly Pipeline[]> {
    return Promise.resolve(this.rows.filter((row) => team === undefined || row.team === team).map((row) => ({ ...row })))
  }

  find(ref: PipelineRef): Promise<Pipeline | undefined> {
    const row = this.row(ref)
    return Promise.resolve(row && { ...row })
  }

  get(id: number): Promise<Pipeline | undefined> {
    const row = this.rows.find((one) => one.id === id)
    return Promise.resolve(row && { ...row })
  }

  config(pipelineId: number, version: number): Promise<JsonObject | undefined> {
    return Promise.resolve(this.configs.get(`${pipelineId}/${version}`))
  }

  save(ref: PipelineRef, { config, expected, by, jobs }: ConfigToSave, now: number): Promise<Result<'created' | 'updated', SaveError>> {
    if (!this.teams.includes(ref.team)) return Promise.resolve(fail({ kind: 'no-team' }))
    const known = this.row(ref)
    if (known?.configVersion !== expected && (known?.configVersion !== undefined || expected !== 0)) return Promise.resolve(fail({ kind: 'stale' }))
    const row = known ?? { ...ref, id: ++this.lastId, teamId: this.teams.indexOf(ref.team) + 1, paused: false, public: false, archived: false, updatedAt: now }
    if (known === undefined) this.rows.push(row)
    if (row.configVersion === undefined) Object.assign(row, { paused: true, pause: { by, at: now } })
    Object.assign(row, { configVersion: ++this.lastVersion, updatedAt: now, archived: false })
    this.configs.set(`${row.id}/${this.lastVersion}`, JSON.parse(JSON.stringify(config)) as JsonObject)
    this.configs.delete(`${row.id}/${this.lastVersion - 20}`)
    const changes = jobs(this.jobRows.filter(({ pipelineId }) => pipelineId === row.id).map((job) => ({ ...job })))
    for (const { id, name } of changes.rename) Object.assign(this.job(id), { name })
    for (const job of changes.insert) this.jobRows.push({ ...job, id: ++this.lastId, pipelineId: row.id, active: true, paused: false })
    for (const { id, public: isPublic } of changes.update) Object.assign(this.job(id), { public: isPublic, active: true })
    for (const id of changes.deactivate) this.job(id).active = false
    return Promise.resolve(ok(known === undefined ? 'created' : 'updated'))
  }

  setPaused(id: number, pause: Pause | undefined): Promise<void> {
    setPause(this.rows.find((row) => row.id === id), pause)
    return Promise.resolve()
  }

  setPublic(id: number, isPublic: boolean): Promise<void> {
    for (const row of this.rows) if (row.id === id) row.public = isPublic
    return Promise.resolve()
  }

  remove(id: number): Promise<void> {
    this.rows.splice(0, Infinity, ...this.rows.filter((row) => row.id !== id))
    this.jobRows.splice(0, Infinity, ...this.jobRows.filter((row) => row.pipelineId !== id))
    return Promise.resolve()
  }

  jobs(pipelineId: number): Promise<readonly Job[]> {
    return Promise.resolve(this.jobRows.filter((row) => row.pipelineId === pipelineId).map((row) => ({ ...row })))
  }

  setJobPaused(jobId: number, pause: Pause | undefined): Promise<void> {
    setPause(this.job(jobId), pause)
    return Promise.resolve()
  }

  private row({ team, name, instanceVars }: PipelineRef): Mutable<Pipeline> | undefined {
    return this.rows.find((row) => row.team === team && row.name === name && canonicalJson(row.instanceVars ?? null) === canonicalJson(instanceVars ?? null))
  }

  private job(id: number): Mutable<Job> {
    const job = this.jobRows.find((row) => row.id === id)
    if (job === undefined) throw new Error(`there is no job ${id}`)
    return job
  }
}

function setPause(row: { paused: boolean; pause?: Pause } | undefined, pause: Pause | undefined): void {
  if (row === undefined) return
  row.paused = pause !== undefined
  if (pause === undefined) delete row.pause
  else row.pause = pause
}

import { canonicalJson } from '../../lib/canonical-json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Job, JobInput, Pause, Pipeline, PipelineParent, PipelineRef, Resource } from '../../model/pipeline.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { ConfigToSave, NotInTeam, PipelineGroup, PipelineStore, ResourceStore, RowChanges, SavedConfig, SaveError, TableChanges } from '../ports.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** As db's Pipelines, in memory. It passes the same suite. */
export class MemoryPipelines implements PipelineStore, ResourceStore {
  private readonly teams: readonly string[]
  private readonly rows: Mutable<Pipeline>[] = []
  private readonly jobRows: Mutable<Job>[] = []
  private readonly resourceRows: Mutable<Resource>[] = []
  private readonly inputRows = new Map<number, readonly JobInput[]>()
  /** By pipeline: its place in its team, and among the instances of its name. */
  private readonly places = new Map<number, readonly [number, number]>()
  private readonly configs = new Map<string, { readonly config: JsonObject; readonly by: string; readonly at: number; readonly build?: number }>()
  private lastId = 0
  private lastVersion = 0

  constructor(teams: readonly string[]) {
    this.teams = teams
  }

  list(team?: string): Promise<readonly Pipeline[]> {
    const placeOf = ({ id }: Pipeline): readonly [number, number] => this.places.get(id) ?? [0, 0]
    const order = (a: Pipeline, b: Pipeline): number =>
      (a.team < b.team ? -1 : a.team > b.team ? 1 : 0) || placeOf(a)[0] - placeOf(b)[0] || placeOf(a)[1] - placeOf(b)[1]
    return Promise.resolve(this.rows.filter((row) => team === undefined || row.team === team).toSorted(order).map((row) => ({ ...row })))
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
    return Promise.resolve(this.configs.get(`${pipelineId}/${version}`)?.config)
  }

  save(ref: PipelineRef, save: ConfigToSave, now: number): Promise<Result<'created' | 'updated', SaveError>> {
    const { config, expected, by, parent } = save
    if (!this.teams.includes(ref.team)) return Promise.resolve(fail({ kind: 'no-team' }))
    const known = this.row(ref)
    if (known?.configVersion !== expected && (known?.configVersion !== undefined || expected !== 0)) return Promise.resolve(fail({ kind: 'stale' }))
    if (parent !== undefined && known?.parent !== undefined && known.parent.buildId > parent.buildId) return Promise.resolve(fail({ kind: 'newer-build' }))
    const row = known ?? { ...ref, id: ++this.lastId, teamId: this.teams.indexOf(ref.team) + 1, paused: false, public: false, archived: false, updatedAt: now }
    const changes = save.changes(this.rowsOf(row.id))
    if (!changes.ok) return Promise.resolve(changes)
    if (known === undefined) {
      this.places.set(row.id, this.placeFor(ref))
      this.rows.push(row)
    }
    if (row.configVersion === undefined) setPause(row, save.initially === 'paused' ? { by, at: now } : undefined)
    Object.assign(row, { configVersion: ++this.lastVersion, updatedAt: now, archived: false })
    if (parent === undefined) delete row.parent
    else row.parent = parent
    this.configs.set(`${row.id}/${this.lastVersion}`, { config: JSON.parse(JSON.stringify(config)) as JsonObject, by, at: now, ...(parent && { build: parent.buildId }) })
    const versions = [...this.configs.keys()].filter((key) => key.startsWith(`${row.id}/`))
    for (const key of versions.slice(0, -20)) this.configs.delete(key)
    this.apply(row.id, changes.value)
    for (const child of this.childrenOf(changes.value.jobs.deactivate)) this.archiveNow(child, now)
    return Promise.resolve(ok(known === undefined ? 'created' : 'updated'))
  }

  private rowsOf(pipelineId: number): { jobs: Job[]; resources: Resource[] } {
    const of = <T extends { pipelineId: number }>(rows: readonly T[]): T[] => structuredClone(rows.filter((row) => row.pipelineId === pipelineId))
    return { jobs: of(this.jobRows), resources: of(this.resourceRows) }
  }

  private apply(pipelineId: number, { jobs, resources, inputs }: RowChanges): void {
    change(this.jobRows, jobs, (job, row) => ({ id: row?.id ?? ++this.lastId, pipelineId, active: true, paused: false, ...pauseOf(row), ...job }))
    change(this.resourceRows, resources, ({ keepsScope, ...resource }, row) => ({
      id: row?.id ?? ++this.lastId,
      pipelineId,
      active: true,
      ...resource,
      ...(keepsScope && row?.scopeId !== undefined && { scopeId: row.scopeId }),
    }))
    const idOf = (rows: readonly { id: number; pipelineId: number; name: string }[], name: string): number =>
      rows.find((row) => row.pipelineId === pipelineId && row.name === name)?.id ?? 0
    this.inputRows.set(
      pipelineId,
      inputs.map(({ job, resource, passed, ...input }) => ({
        ...input,
        jobId: idOf(this.jobRows, job),
        resourceId: idOf(this.resourceRows, resource),
        passed: passed.map((name) => idOf(this.jobRows, name)).toSorted((a, b) => a - b),
      })),
    )
  }

  resources(pipelineId: number): Promise<readonly Resource[]> {
    return Promise.resolve(this.rowsOf(pipelineId).resources)
  }

  inputs(pipelineId: number): Promise<readonly JobInput[]> {
    return Promise.resolve((this.inputRows.get(pipelineId) ?? []).toSorted((a, b) => a.jobId - b.jobId || (a.name < b.name ? -1 : 1)))
  }

  setPaused(id: number, pause: Pause | undefined): Promise<void> {
    setPause(this.rows.find((row) => row.id === id), pause)
    return Promise.resolve()
  }

  setPublic(id: number, isPublic: boolean): Promise<void> {
    for (const row of this.rows) if (row.id === id) row.public = isPublic
    return Promise.resolve()
  }

  remove(id: number, now: number): Promise<void> {
    const jobs = this.jobRows.filter(({ pipelineId }) => pipelineId === id).map((job) => job.id)
    for (const child of this.childrenOf(jobs)) this.archiveNow(child, now)
    this.rows.splice(0, Infinity, ...this.rows.filter((row) => row.id !== id))
    this.jobRows.splice(0, Infinity, ...this.jobRows.filter((row) => row.pipelineId !== id))
    this.resourceRows.splice(0, Infinity, ...this.resourceRows.filter((row) => row.pipelineId !== id))
    this.inputRows.delete(id)
    this.dropConfigs(id)
    return Promise.resolve()
  }

  archive(id: number, now: number): Promise<void> {
    for (const row of this.rows) if (row.id === id) this.archiveNow(row, now)
    return Promise.resolve()
  }

  /** Builds are elsewhere: nothing is aborted. */
  private archiveNow(row: Mutable<Pipeline>, now: number): void {
    if (row.archived) return
    Object.assign(row, { archived: true, paused: true, updatedAt: now })
    delete row.configVersion
    this.dropConfigs(row.id)
    this.inputRows.delete(row.id)
    for (const child of this.childrenOf(this.jobRows.filter(({ pipelineId }) => pipelineId === row.id).map(({ id }) => id))) this.archiveNow(child, now)
  }

  private childrenOf(jobs: readonly number[]): Mutable<Pipeline>[] {
    return this.rows.filter(({ parent }) => parent !== undefined && jobs.includes(parent.jobId))
  }

  private dropConfigs(pipelineId: number): void {
    for (const key of this.configs.keys()) if (key.startsWith(`${pipelineId}/`)) this.configs.delete(key)
  }

  rename({ team, name }: PipelineGroup, to: string): Promise<'renamed' | 'unknown' | 'taken'> {
    const renamed = this.rows.filter((row) => row.team === team && row.name === name)
    if (renamed.some((row) => row.name !== to && this.row({ ...row, name: to }) !== undefined)) return Promise.resolve('taken')
    for (const row of renamed) row.name = to
    return Promise.resolve(renamed.length > 0 ? 'renamed' : 'unknown')
  }

  order(team: string, names: readonly string[]): Promise<Result<void, NotInTeam>> {
    const missing = names.find((name) => !this.rows.some((row) => row.team === team && row.name === name))
    if (missing !== undefined) return Promise.resolve(fail({ name: missing }))
    for (const row of this.rows) {
      if (row.team === team && names.includes(row.name)) this.places.set(row.id, [names.lastIndexOf(row.name) + 1, this.places.get(row.id)?.[1] ?? 0])
    }
    return Promise.resolve(ok(undefined))
  }

  orderInstances(group: PipelineGroup, instances: readonly JsonObject[]): Promise<Result<void, NotInTeam>> {
    const rows = instances.map((vars) => this.row({ ...group, ...(Object.keys(vars).length > 0 && { instanceVars: vars }) }))
    const missing = rows.indexOf(undefined)
    if (missing >= 0) return Promise.resolve(fail({ name: group.name, instanceVars: instances[missing] ?? {} }))
    for (const [i, row] of rows.entries()) if (row !== undefined) this.places.set(row.id, [this.places.get(row.id)?.[0] ?? 0, i + 1])
    return Promise.resolve(ok(undefined))
  }

  setParent(id: number, parent: PipelineParent): Promise<boolean> {
    const row = this.rows.find((one) => one.id === id)
    if (row === undefined || (row.parent !== undefined && row.parent.buildId > parent.buildId)) return Promise.resolve(false)
    row.parent = parent
    return Promise.resolve(true)
  }

  history(pipelineId: number): Promise<readonly SavedConfig[]> {
    const saved = [...this.configs].filter(([key]) => key.startsWith(`${pipelineId}/`)).map(([key, { by, at, build }]) => ({ version: Number(key.split('/')[1]), by, at, ...(build !== undefined && { build }) }))
    return Promise.resolve(saved.toSorted((a, b) => b.version - a.version))
  }

  jobs(pipelineId: number): Promise<readonly Job[]> {
    return this.jobsOf([pipelineId])
  }

  jobsOf(pipelineIds: readonly number[]): Promise<readonly Job[]> {
    return Promise.resolve(this.jobRows.filter((row) => pipelineIds.includes(row.pipelineId)).map((row) => ({ ...row })))
  }

  setJobPaused(jobId: number, pause: Pause | undefined): Promise<void> {
    setPause(this.job(jobId), pause)
    return Promise.resolve()
  }

  private row({ team, name, instanceVars }: PipelineRef): Mutable<Pipeline> | undefined {
    return this.rows.find((row) => row.team === team && row.name === name && canonicalJson(row.instanceVars ?? null) === canonicalJson(instanceVars ?? null))
  }

  private placeFor({ team, name }: PipelineRef): readonly [number, number] {
    const places = this.rows.filter((row) => row.team === team).map((row) => ({ name: row.name, place: this.places.get(row.id) ?? ([0, 0] as const) }))
    const instances = places.filter((one) => one.name === name).map(({ place }) => place)
    return [instances[0]?.[0] ?? Math.max(0, ...places.map(({ place }) => place[0])) + 1, Math.max(0, ...instances.map(([, inner]) => inner)) + 1]
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

const pauseOf = (row: Job | undefined): Pick<Job, 'paused' | 'pause'> | undefined => row && { paused: row.paused, ...(row.pause && { pause: row.pause }) }

function change<Row extends { id: number; name: string; active: boolean }, Wanted extends { readonly name: string }>(
  rows: Row[],
  { remove, rename, insert, update, deactivate }: TableChanges<Wanted>,
  made: (wanted: Wanted, row: Row | undefined) => Row,
): void {
  const at = (id: number): number => rows.findIndex((row) => row.id === id)
  for (const id of remove) rows.splice(at(id), 1)
  for (const { id, name } of rename) Object.assign(rows[at(id)] ?? {}, { name })
  for (const wanted of insert) rows.push(made(wanted, undefined))
  for (const wanted of update) rows[at(wanted.id)] = made(wanted, rows[at(wanted.id)])
  for (const id of deactivate) Object.assign(rows[at(id)] ?? {}, { active: false })
}

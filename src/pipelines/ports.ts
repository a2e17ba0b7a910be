import type { JsonObject } from '../model/json.ts'
import type { Job, JobInput, Pause, Pipeline, PipelineParent, PipelineRef, Resource, ResourcePin } from '../model/pipeline.ts'
import type { Result } from '../model/result.ts'
import type { Version } from '../model/version.ts'

/** A stored config cannot be read: it was encrypted with another key, was altered, or is not valid for this version. Reading it again does not help. */
export class UnreadableConfig extends Error {
  override readonly name = 'UnreadableConfig'

  constructor(pipelineId: number, why: string, cause?: unknown) {
    super(`the stored config of pipeline ${pipelineId} cannot be read: ${why}; start the server with the key and the version with which it was set, or destroy the pipeline and set it anew`, { cause })
  }
}

/** A pipeline's rows before a config is set, those that it had once too. */
export interface PresentRows {
  readonly jobs: readonly Job[]
  readonly resources: readonly Resource[]
}

/** What setting a pipeline does to its rows; the order is that of the fields. */
export interface RowChanges {
  readonly jobs: TableChanges<WantedJob>
  readonly resources: TableChanges<WantedResource>
  /** All of them; others are removed. */
  readonly types: readonly WantedType[]
  /** All of them; others are removed. */
  readonly inputs: readonly WantedInput[]
  readonly serialGroups: readonly { readonly job: string; readonly group: string }[]
}

export interface TableChanges<Row> {
  /** Inactive rows whose name another one takes over. */
  readonly remove: readonly number[]
  /** In an order in which no two rows ever have one name. */
  readonly rename: readonly { readonly id: number; readonly name: string }[]
  readonly insert: readonly Row[]
  /** They are active afterwards. */
  readonly update: readonly ({ readonly id: number } & Row)[]
  /** Their builds and versions stay. */
  readonly deactivate: readonly number[]
}

export interface WantedJob {
  readonly name: string
  readonly public: boolean
  readonly maxInFlight?: number
}

export interface WantedResource {
  readonly name: string
  readonly type: string
  readonly textHash: string
  /** Whether what was found before is its own: its text is as it was. */
  readonly keepsScope: boolean
  /** As in the config: a duration, or `never`. */
  readonly checkEvery?: string
  readonly pin?: ResourcePin
}

export interface WantedType {
  readonly kind: 'resource-type' | 'prototype'
  readonly name: string
  readonly type: string
  /** Of another text than the row's: the row's scope goes. */
  readonly textHash: string
}

/** Jobs and resource are those of this config, by name. */
export interface WantedInput {
  readonly job: string
  readonly name: string
  readonly resource: string
  readonly passed: readonly string[]
  readonly trigger: boolean
  readonly every: boolean
  readonly pin?: Version
}

export type RowChangesError =
  /** These rows would take each other's names. */
  | { readonly kind: 'swapped'; readonly what: 'job' | 'resource'; readonly names: readonly string[] }
  /** NUL, or what is not Unicode, which no database holds. */
  | { readonly kind: 'unstorable'; readonly path: string }
  /** Nothing is to be saved: the caller wants to see what would become of the rows. */
  | { readonly kind: 'dry-run' }

export interface ConfigToSave {
  /** Stored encrypted. */
  readonly config: JsonObject
  /** The version that the config is made from; absent: there must be none. */
  readonly expected?: number
  readonly by: string
  /** Of a pipeline that is new or was archived; paused is paused otherwise. */
  readonly initially: 'paused' | 'unpaused'
  /** The step that sets it; absent: it has no parent from now on. */
  readonly parent?: PipelineParent
  /** Decides on the rows by those that are there. */
  readonly changes: (present: PresentRows) => Result<RowChanges, RowChangesError>
}

export type SaveError =
  | { readonly kind: 'no-team' }
  | { readonly kind: 'stale' }
  /** A step set it whose build is newer than the one that sets it now. */
  | { readonly kind: 'newer-build' }
  | RowChangesError

export interface SavedConfig {
  readonly version: number
  readonly by: string
  /** The build whose step set it; it may be gone by now. */
  readonly build?: number
  /** Unix ms. */
  readonly at: number
}

/** All pipelines of one name in a team. */
export interface PipelineGroup {
  readonly team: string
  readonly name: string
}

/** A pipeline that was to be ordered, and is not there. */
export interface NotInTeam {
  readonly name: string
  readonly instanceVars?: JsonObject
}

export interface PipelineStore {
  /** Those of all teams, by name of team, or of one, in the team's order. */
  list(team?: string): Promise<readonly Pipeline[]>
  find(ref: PipelineRef): Promise<Pipeline | undefined>
  get(id: number): Promise<Pipeline | undefined>
  /** The config of a version; undefined when it is not there. Rejects with UnreadableConfig. */
  config(pipelineId: number, version: number): Promise<JsonObject | undefined>
  /** All its active jobs are wanted to be scheduled. Of two who save at once from the same version one gets `stale`. */
  save(ref: PipelineRef, save: ConfigToSave, now: number): Promise<Result<'created' | 'updated', SaveError>>
  /** Its configs, newest first: at most 20 are kept. */
  history(pipelineId: number): Promise<readonly SavedConfig[]>
  /** Of a pipeline that is set again without a change. False, and nothing is written: a newer build has set it. */
  setParent(id: number, parent: PipelineParent): Promise<boolean>
  /** And what its jobs have set, and so on. Configs go, builds stay, pending ones end as aborted. */
  archive(id: number, now: number): Promise<void>
  /** All instances of the name. */
  rename(group: PipelineGroup, to: string): Promise<'renamed' | 'unknown' | 'taken'>
  /** Pipelines that are not named stay where they are; instances move with their name. */
  order(team: string, names: readonly string[]): Promise<Result<void, NotInTeam>>
  /** The instances of a name among each other; {} is the pipeline of the name that is no instance. */
  orderInstances(group: PipelineGroup, instances: readonly JsonObject[]): Promise<Result<void, NotInTeam>>
  setPaused(id: number, pause: Pause | undefined): Promise<void>
  setPublic(id: number, isPublic: boolean): Promise<void>
  /** With its jobs and builds. What its jobs have set is archived. */
  remove(id: number, now: number): Promise<void>
  /** Those that its config has, and those that it had. */
  jobs(pipelineId: number): Promise<readonly Job[]>
  /** The jobs of several, by one query. */
  jobsOf(pipelineIds: readonly number[]): Promise<readonly Job[]>
  setJobPaused(jobId: number, pause: Pause | undefined): Promise<void>
}

/** Rows that a config's resources and gets became. */
export interface ResourceStore {
  /** Those that the pipeline's config has, and those that it had. */
  resources(pipelineId: number): Promise<readonly Resource[]>
  /** Of active jobs. */
  inputs(pipelineId: number): Promise<readonly JobInput[]>
}

/** What teams there are; an admin team may set pipelines of others. */
export interface TeamRights {
  list(): Promise<readonly { readonly name: string; readonly admin: boolean }[]>
}

import type { JsonObject } from '../model/json.ts'
import type { Job, Pause, Pipeline, PipelineRef } from '../model/pipeline.ts'
import type { Result } from '../model/result.ts'

/** What setting a pipeline does to its jobs' rows. Renames come first. */
export interface JobChanges {
  readonly rename: readonly { readonly id: number; readonly name: string }[]
  readonly insert: readonly WantedJob[]
  readonly update: readonly ({ readonly id: number } & WantedJob)[]
  /** Their builds stay. */
  readonly deactivate: readonly number[]
}

export interface WantedJob {
  readonly name: string
  readonly public: boolean
}

export interface ConfigToSave {
  /** Stored encrypted. */
  readonly config: JsonObject
  /** The version that the config is made from; absent: there must be none. */
  readonly expected?: number
  readonly by: string
  /** Decides on the jobs' rows by those that are there. */
  readonly jobs: (present: readonly Job[]) => JobChanges
}

export type SaveError = { readonly kind: 'no-team' } | { readonly kind: 'stale' }

export interface PipelineStore {
  /** Those of all teams, or of one; in the order in which they were made. */
  list(team?: string): Promise<readonly Pipeline[]>
  find(ref: PipelineRef): Promise<Pipeline | undefined>
  get(id: number): Promise<Pipeline | undefined>
  /** The config of a version; undefined when it is not there. */
  config(pipelineId: number, version: number): Promise<JsonObject | undefined>
  /** A new pipeline, and one that was archived, is paused. Of two who save at once from the same version one gets `stale`. */
  save(ref: PipelineRef, save: ConfigToSave, now: number): Promise<Result<'created' | 'updated', SaveError>>
  setPaused(id: number, pause: Pause | undefined): Promise<void>
  setPublic(id: number, isPublic: boolean): Promise<void>
  /** With its jobs and builds. */
  remove(id: number): Promise<void>
  /** Those that its config has, and those that it had. */
  jobs(pipelineId: number): Promise<readonly Job[]>
  setJobPaused(jobId: number, pause: Pause | undefined): Promise<void>
}

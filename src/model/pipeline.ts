import type { JsonObject } from './json.ts'
import type { Version } from './version.ts'

/** What identifies a pipeline for people. */
export interface PipelineRef {
  readonly team: string
  readonly name: string
  /** Of an instance of a group of pipelines with one name. */
  readonly instanceVars?: JsonObject
}

/** Who paused it, when (unix ms), and why if they have said so. */
export interface Pause {
  readonly by: string
  readonly at: number
  readonly why?: string
}

export interface Pipeline extends PipelineRef {
  readonly id: number
  readonly teamId: number
  /** Absent: archived. */
  readonly configVersion?: number
  readonly paused: boolean
  readonly pause?: Pause
  readonly public: boolean
  readonly archived: boolean
  /** When its config was last set, unix ms. */
  readonly updatedAt: number
  /** Of a pipeline that a set_pipeline step set. */
  readonly parent?: PipelineParent
}

/** The build that last set a pipeline. */
export interface PipelineParent {
  readonly jobId: number
  readonly buildId: number
  /** The step that saved the config. Absent: the build found it as it wanted it. */
  readonly planId?: string
}

export interface Job {
  readonly id: number
  readonly pipelineId: number
  readonly name: string
  /** False: the pipeline's config has it no more. */
  readonly active: boolean
  readonly public: boolean
  readonly paused: boolean
  readonly pause?: Pause
  /** 1 for serial and serial_groups; absent: no limit. */
  readonly maxInFlight?: number
}

export interface Resource {
  readonly id: number
  readonly pipelineId: number
  readonly name: string
  readonly type: string
  /** False: the pipeline's config has it no more. */
  readonly active: boolean
  /** Of its type and source as written, vars not filled in. */
  readonly textHash: string
  /** Absent: it was not checked since its text changed. */
  readonly scopeId?: number
  readonly pin?: ResourcePin
}

export interface ResourcePin {
  /** The version, or what it must contain. */
  readonly version: Version
  readonly comment?: string
  /** The config pins it, so that nobody else can. */
  readonly inConfig: boolean
}

/** A get of a job, wherever it stands in its plan. */
export interface JobInput {
  readonly jobId: number
  readonly name: string
  readonly resourceId: number
  /** Ids of the jobs that its version must have passed. */
  readonly passed: readonly number[]
  readonly trigger: boolean
  readonly every: boolean
  /** The step's own version. */
  readonly pin?: Version
}

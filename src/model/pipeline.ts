import type { JsonObject } from './json.ts'

/** What identifies a pipeline for people. */
export interface PipelineRef {
  readonly team: string
  readonly name: string
  /** Of an instance of a group of pipelines with one name. */
  readonly instanceVars?: JsonObject
}

/** Who paused it, and when, unix ms. */
export interface Pause {
  readonly by: string
  readonly at: number
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
}

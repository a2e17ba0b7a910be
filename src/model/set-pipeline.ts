import type { JsonObject } from './json.ts'

/** What a set_pipeline step asks for, vars filled in. */
export interface PipelineFromStep {
  readonly by: SettingStep
  /** `self` is the pipeline of the build. */
  readonly name: string
  /** Another team's pipeline; empty or absent: the build's own. */
  readonly team?: string
  readonly instanceVars?: JsonObject
  readonly config: StepFile
  /** Of these and the instance's vars, and of the files in their order, the first that has a var gives it. */
  readonly vars?: JsonObject
  readonly varFiles: readonly StepFile[]
}

/** The step that sets a pipeline, and its build. */
export interface SettingStep {
  readonly team: string
  readonly pipeline?: string
  readonly pipelineId?: number
  readonly job?: string
  readonly jobId?: number
  readonly buildId: number
  readonly buildName: string
  readonly planId: string
}

export interface StepFile {
  /** `artifact/path`, for messages. */
  readonly file: string
  readonly bytes: Uint8Array
}

export type PipelineSetByStep =
  /** Warnings are about the config. `before` and `after`: as on the wire; a new pipeline was empty before. */
  | (ConfigStep & { readonly kind: 'set'; readonly before: JsonObject; readonly after: JsonObject })
  | (ConfigStep & { readonly kind: 'newer-build'; readonly before: JsonObject; readonly after: JsonObject })
  | (ConfigStep & { readonly kind: 'unchanged' })
  /** The config is good, but there is no server: the build is that of `airside run`, whose pipeline nobody has set. */
  | (ConfigStep & { readonly kind: 'no-server' })
  | { readonly kind: 'invalid'; readonly errors: readonly string[]; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string }

interface ConfigStep {
  /** The pipeline as people write it: `p/branch:main`. */
  readonly pipeline: string
  readonly warnings: readonly string[]
}

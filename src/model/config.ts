import type { Json, JsonObject } from './json.ts'
import type { Version } from './version.ts'

/**
 * A pipeline's config in the wire's own names (Concourse: atc.Config), defaults not filled in, so that it
 * round-trips. Strings may still hold `((vars))`; what config/ returns has them interpolated where asked.
 */
export interface PipelineConfig {
  readonly groups?: readonly GroupConfig[]
  readonly var_sources?: readonly VarSourceConfig[]
  readonly resources?: readonly ResourceConfig[]
  readonly resource_types?: readonly ResourceTypeConfig[]
  readonly prototypes?: readonly ResourceTypeConfig[]
  readonly jobs?: readonly JobConfig[]
  readonly display?: { readonly background_image?: string; readonly background_filter?: string }
  readonly user_data?: Json
}

export interface GroupConfig {
  readonly name: string
  readonly jobs?: readonly string[]
  readonly resources?: readonly string[]
}

export interface VarSourceConfig {
  readonly name: string
  readonly type: string
  readonly config: Json
}

export interface ResourceConfig {
  readonly name: string
  readonly old_name?: string
  readonly public?: boolean
  readonly webhook_token?: string
  readonly type: string
  readonly source: JsonObject
  readonly check_every?: string
  readonly check_timeout?: string
  readonly tags?: readonly string[]
  readonly version?: Version
  readonly icon?: string
  readonly expose_build_created_by?: boolean
}

export interface ResourceTypeConfig {
  readonly name: string
  readonly type: string
  readonly source: JsonObject
  readonly defaults?: JsonObject
  readonly privileged?: boolean
  readonly check_every?: string
  readonly tags?: readonly string[]
  readonly params?: JsonObject
}

export interface JobConfig {
  readonly name: string
  readonly old_name?: string
  readonly public?: boolean
  readonly disable_manual_trigger?: boolean
  readonly disable_reruns?: boolean
  readonly serial?: boolean
  readonly interruptible?: boolean
  readonly serial_groups?: readonly string[]
  readonly max_in_flight?: number
  readonly build_logs_to_retain?: number
  readonly build_log_retention?: BuildLogRetention
  readonly tags?: readonly string[]
  readonly on_success?: StepConfig
  readonly on_failure?: StepConfig
  readonly on_abort?: StepConfig
  readonly on_error?: StepConfig
  readonly ensure?: StepConfig
  readonly plan: readonly StepConfig[]
}

export interface BuildLogRetention {
  readonly builds?: number
  readonly minimum_succeeded_builds?: number
  readonly days?: number
}

/** A step as written: one core step with its modifiers around it. */
export type StepConfig = CoreStep & StepModifiers

export interface StepModifiers {
  readonly ensure?: StepConfig
  readonly on_error?: StepConfig
  readonly on_abort?: StepConfig
  readonly on_failure?: StepConfig
  readonly on_success?: StepConfig
  readonly across?: readonly AcrossVarConfig[]
  /** Of `across`; `in_parallel` has its own. */
  readonly fail_fast?: boolean
  readonly attempts?: number
  /** A Go duration, e.g. `1h30m`. */
  readonly timeout?: string
}

export type CoreStep =
  | GetStepConfig
  | PutStepConfig
  | TaskStepConfig
  | RunStepConfig
  | SetPipelineStepConfig
  | LoadVarStepConfig
  | { readonly kind: 'do'; readonly do: readonly StepConfig[]; readonly tags?: readonly string[] }
  | { readonly kind: 'in_parallel'; readonly in_parallel: InParallelConfig; readonly tags?: readonly string[] }
  | { readonly kind: 'try'; readonly try: StepConfig }

export interface AcrossVarConfig {
  readonly var: string
  /** A list, unless it is still a `((var))`. */
  readonly values?: Json
  readonly max_in_flight?: number | 'all'
}

/** The list form is `{steps}` here. */
export interface InParallelConfig {
  readonly steps: readonly StepConfig[]
  readonly limit?: number
  readonly fail_fast?: boolean
}

export interface GetStepConfig {
  readonly kind: 'get'
  readonly get: string
  readonly resource?: string
  /** 'latest', 'every', or a pinned version. */
  readonly version?: 'latest' | 'every' | Version
  readonly params?: JsonObject
  readonly passed?: readonly string[]
  readonly trigger?: boolean
  readonly tags?: readonly string[]
}

export interface PutStepConfig {
  readonly kind: 'put'
  readonly put: string
  readonly resource?: string
  readonly params?: JsonObject
  readonly inputs?: 'all' | 'detect' | readonly string[]
  readonly get_params?: JsonObject
  readonly no_get?: boolean
  readonly tags?: readonly string[]
}

export interface TaskStepConfig {
  readonly kind: 'task'
  readonly task: string
  readonly privileged?: boolean
  readonly hermetic?: boolean
  readonly file?: string
  readonly config?: TaskConfig
  readonly container_limits?: ContainerLimits
  readonly image?: string
  readonly vars?: JsonObject
  readonly params?: { readonly [name: string]: Json }
  readonly input_mapping?: { readonly [name: string]: string }
  readonly output_mapping?: { readonly [name: string]: string }
  readonly tags?: readonly string[]
}

export interface RunStepConfig {
  readonly kind: 'run'
  readonly run: string
  readonly type: string
  readonly params?: JsonObject
  readonly privileged?: boolean
  readonly tags?: readonly string[]
  readonly container_limits?: ContainerLimits
}

export interface SetPipelineStepConfig {
  readonly kind: 'set_pipeline'
  readonly set_pipeline: string
  readonly file: string
  readonly team?: string
  readonly vars?: JsonObject
  readonly var_files?: readonly string[]
  readonly instance_vars?: JsonObject
}

export interface LoadVarStepConfig {
  readonly kind: 'load_var'
  readonly load_var: string
  readonly file: string
  readonly format?: string
  readonly reveal?: boolean
}

export interface TaskConfig {
  readonly platform?: string
  readonly rootfs_uri?: string
  readonly image_resource?: ImageResource
  readonly container_limits?: ContainerLimits
  readonly params?: { readonly [name: string]: Json }
  /** Without `path` the image's own entrypoint runs, `args` after its own. */
  readonly run?: { readonly path?: string; readonly args?: readonly string[]; readonly dir?: string; readonly user?: string }
  readonly inputs?: readonly { readonly name: string; readonly path?: string; readonly optional?: boolean }[]
  readonly outputs?: readonly { readonly name: string; readonly path?: string }[]
  /** `ttl` is a Go duration. */
  readonly caches?: readonly { readonly path: string; readonly ttl?: string }[]
}

export interface ImageResource {
  readonly name?: string
  readonly type: string
  readonly source: JsonObject
  readonly version?: Version
  readonly params?: JsonObject
  readonly tags?: readonly string[]
}

/** `cpu` in shares (1024 = one core), `memory` in bytes; units are resolved by config/. */
export interface ContainerLimits {
  readonly cpu?: number
  readonly memory?: number
}

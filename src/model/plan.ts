import type { JsonObject, Json } from './json.ts'
import type { TaskConfig, ContainerLimits, ResourceTypeConfig } from './config.ts'
import type { Version } from './version.ts'

/**
 * A build's plan. `kind` names the one body key that the wire has (planner/plan-json.ts converts);
 * bodies keep the wire's own names (Concourse: atc/plan.go), so that one look at either explains the other.
 */
export type Plan = PlanNode<keyof PlanBodies>
export type PlanKind = keyof PlanBodies
export type PlanId = string

/** The node of one or several kinds: PlanNode<'get'> is `{id, kind: 'get', get: GetPlan}`. */
export type PlanNode<K extends keyof PlanBodies> = {
  [P in K]: { readonly id: PlanId; readonly attempts?: readonly number[]; readonly kind: P } & {
    readonly [Q in P]: PlanBodies[Q]
  }
}[K]

export interface PlanBodies {
  get: GetPlan
  put: PutPlan
  check: CheckPlan
  task: TaskPlan
  run: RunPlan
  set_pipeline: SetPipelinePlan
  load_var: LoadVarPlan
  do: readonly Plan[]
  in_parallel: { readonly steps: readonly Plan[]; readonly limit?: number; readonly fail_fast?: boolean }
  across: AcrossPlan
  on_success: { readonly step: Plan; readonly on_success: Plan }
  on_failure: { readonly step: Plan; readonly on_failure: Plan }
  on_abort: { readonly step: Plan; readonly on_abort: Plan }
  on_error: { readonly step: Plan; readonly on_error: Plan }
  ensure: { readonly step: Plan; readonly ensure: Plan }
  try: { readonly step: Plan }
  timeout: { readonly step: Plan; readonly duration: string }
  retry: readonly Plan[]
  artifact_input: { readonly artifact_id: number; readonly name: string }
  artifact_output: { readonly name: string }
}

/** How a resource's container gets its image: through nested plans, or from the map of base types. */
export interface TypeImage {
  readonly check_plan?: Plan
  readonly get_plan?: Plan
  readonly base_type?: string
  readonly privileged?: boolean
}

export interface GetPlan {
  readonly name?: string
  readonly type: string
  readonly source: JsonObject
  readonly image: TypeImage
  readonly version?: Version
  /** Plan id of the put or check whose result is the version. */
  readonly version_from?: PlanId
  readonly params?: JsonObject
  readonly resource?: string
  readonly tags?: readonly string[]
  readonly timeout?: string
}

export interface PutPlan {
  readonly name: string
  readonly type: string
  readonly source: JsonObject
  readonly image: TypeImage
  readonly params?: JsonObject
  /** 'all', 'detect', or the names. */
  readonly inputs?: 'all' | 'detect' | readonly string[]
  readonly resource?: string
  readonly tags?: readonly string[]
  readonly timeout?: string
  readonly expose_build_created_by?: boolean
}

export interface CheckPlan {
  readonly name: string
  readonly type: string
  readonly source: JsonObject
  readonly image: TypeImage
  readonly from_version?: Version
  readonly resource?: string
  readonly resource_type?: string
  readonly prototype?: string
  readonly interval?: string
  readonly skip_interval?: boolean
  readonly timeout?: string
  readonly tags?: readonly string[]
}

/** A step that runs for every combination of its vars' values, which may be known only when its turn comes. */
export interface AcrossPlan {
  readonly vars: readonly AcrossVar[]
  /** The step, with the `((.:vars))` as they are written. It never runs itself: each combination makes a plan of it, with ids of its own. */
  readonly substep_template: Plan
  readonly fail_fast?: boolean
}

export interface AcrossVar {
  readonly name: string
  /** A list, or vars that make one. */
  readonly values?: Json
  /** How many of its values run at once; absent: one. */
  readonly max_in_flight?: number | 'all'
}

/** A message to a prototype; `object` is the step's params over the prototype's defaults. */
export interface RunPlan {
  readonly message: string
  readonly type: string
  readonly object?: JsonObject
  readonly privileged: boolean
  readonly tags?: readonly string[]
  readonly container_limits?: ContainerLimits
  readonly timeout?: string
}

export interface SetPipelinePlan {
  /** `self` is the build's own pipeline. */
  readonly name: string
  /** `artifact/path`. */
  readonly file: string
  readonly team?: string
  readonly vars?: JsonObject
  readonly var_files?: readonly string[]
  readonly instance_vars?: JsonObject
}

export interface LoadVarPlan {
  readonly name: string
  /** `artifact/path`. */
  readonly file: string
  readonly format?: string
  /** The value is no secret. */
  readonly reveal?: boolean
}

export interface TaskPlan {
  readonly name: string
  readonly privileged: boolean
  readonly hermetic?: boolean
  readonly tags?: readonly string[]
  readonly config_path?: string
  readonly config?: TaskConfig
  readonly container_limits?: ContainerLimits
  /** Artifact that serves as the task's image. */
  readonly image?: string
  readonly vars?: { readonly [name: string]: Json }
  readonly params?: { readonly [name: string]: Json }
  readonly input_mapping?: { readonly [task: string]: string }
  readonly output_mapping?: { readonly [task: string]: string }
  readonly timeout?: string
  readonly resource_types?: readonly ResourceTypeConfig[]
  readonly check_skip_interval?: boolean
}

import type { ArtifactRef } from '../model/artifact.ts'
import type { ImageResource, ResourceTypeConfig, TaskConfig } from '../model/config.ts'
import type { Assignment, ProcessOutcome, StepType } from '../model/container.ts'
import type { BuildScope } from '../model/build.ts'
import type { BuildEvent, FinalStatus } from '../model/event.ts'
import type { ImageSpec } from '../model/image.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { CheckPlan, GetPlan, Plan, PlanId, PlanNode, PutPlan, TaskPlan, TypeImage } from '../model/plan.ts'
import type { Result } from '../model/result.ts'
import type { PipelineFromStep, PipelineSetByStep } from '../model/set-pipeline.ts'
import type { LocalVar } from '../model/var.ts'
import type { MetadataField, Version } from '../model/version.ts'

/**
 * How a step ends (Concourse: `Step.Run(ctx, state) (bool, error)`): false is failed, an error is errored, a cancelled
 * context is aborted.
 */
export type StepOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'errored'; readonly message: string }
  | { readonly kind: 'aborted' }

/** A plan made runnable. Running it again after a restart continues where it was. An aborted signal's reason is an Interruption. */
export interface Step {
  /**
   * Whether something of it had begun before a restart. It is run again even if its signal is aborted by now, so that its results
   * are restored and work under way, hooks included, ends as it would have.
   */
  readonly begun?: boolean
  run(state: RunState, signal: AbortSignal): Promise<StepOutcome>
}

/** What steps of a build share. Scopes see their parents' artifacts, results and vars. */
export interface RunState {
  artifact(name: string): ArtifactRef | undefined
  /** Of artifacts and images. */
  names(): ReadonlySet<string>
  registerArtifact(name: string, artifact: ArtifactRef): void
  /** The image that a get of this name resolved, which the runtime pulls; it has no files until they are downloaded (StepPorts.download). */
  image(name: string): RegisteredImage | undefined
  registerImage(name: string, image: RegisteredImage): void
  /** The version that a put or check of this plan id ended with. */
  version(planId: PlanId): Version | undefined
  storeVersion(planId: PlanId, version: Version): void
  /** A var that a step of this scope, or around it, has set. */
  localVar(name: string): LocalVar | undefined
  addLocalVar(name: string, value: LocalVar): void
  scope(): RunState
}

/** An image that a get has resolved, under the name of its step. */
export interface RegisteredImage {
  readonly get: PlanNode<'get'>
  readonly version: Version
  /** The image's files, once a step has needed them. */
  readonly files?: ArtifactRef
}

/** What a leaf step may ask for; bound to one plan id by the engine. */
export interface StepPorts {
  readonly planId: PlanId
  readonly build: BuildFacts
  /** Adds an event; exactly once per build and key, in order. */
  emit(event: BuildEvent, key: string): void
  /** A line of Airside's own on the step's stderr. */
  note(line: string): void
  /** A registry fails for now and will be asked again: a line for the log, and a wait in the step's record. */
  onWait(line: string): void
  /** Unix seconds. */
  time(): number
  /** What is recorded of this step, if it finished before a restart. */
  recall(state: RunState, signal: AbortSignal): Promise<FinishedStep | undefined>
  /** Makes events and record durable together, then releases the container. */
  conclude(record: FinishedStep, events: readonly KeyedEvent[]): Promise<void>
  /** Fills in `((vars))` as the scope sees them; the error names all that are missing. */
  interpolate<T extends Json>(value: T, state: RunState, signal: AbortSignal): Promise<Result<T, ImageFailure>>
  /** The source that this step's container is given: that of a registry image may name a mirror. */
  forContainer(source: JsonObject): JsonObject
  /** One container, one assignment; continued after a restart. */
  run(request: ContainerRequest, signal: AbortSignal): Promise<Result<ContainerOutcome, RunError>>
  fetchImage(request: ImageRequest, state: RunState, signal: AbortSignal): Promise<Result<ImageSpec, ImageFailure>>
  /** Downloads the files of those names that are images without files (RunState.image): this step reads them as inputs. */
  download(names: Iterable<string>, state: RunState, signal: AbortSignal): Promise<Result<void, ImageFailure>>
}

export interface KeyedEvent {
  readonly key: string
  readonly event: BuildEvent
}

export interface BuildFacts {
  readonly id: number
  readonly name: string
  readonly scope: BuildScope
  readonly team: string
  readonly pipeline?: string
  readonly job?: string
  readonly externalUrl: string
  readonly createdBy?: string
  /** Of a pipeline that is an instance; `query`: as URLs have them, with the question mark. */
  readonly instanceVars?: { readonly values: JsonObject; readonly query: string }
  /** In a hook that runs after one end of its step alone: that end. */
  readonly status?: FinalStatus
}

/** JSON, kept per plan id: enough to go on after a restart as if the step had just ended. */
export interface FinishedStep {
  readonly outcome: StepOutcome
  readonly artifacts: { readonly [name: string]: ArtifactRef }
  readonly version?: Version
  /** What a get found of its version: fields of the local var of its name. */
  readonly metadata?: readonly MetadataField[]
  /** Of a get: it found an image that the runtime pulls, and fetched no files. */
  readonly image?: boolean
}

/** Which image: that of a resource type (nested plans or a base type), of a task's config, or an artifact of the build. */
export type ImageRequest =
  | { readonly kind: 'type'; readonly image: TypeImage }
  | {
      readonly kind: 'image-resource'
      readonly image: ImageResource
      readonly types: readonly ResourceTypeConfig[]
      readonly privileged: boolean
      readonly tags?: readonly string[]
      readonly skipInterval: boolean
    }
  | { readonly kind: 'artifact'; readonly name: string; readonly privileged: boolean }

export type ImageFailure = { readonly kind: 'aborted' } | { readonly kind: 'failed'; readonly message: string }

export interface ContainerRequest {
  readonly type: StepType
  readonly stepName: string
  readonly image: ImageSpec
  readonly limits: { readonly cpu?: number; readonly memory?: number }
  readonly hermetic?: boolean | undefined
  readonly tags?: readonly string[] | undefined
  readonly assignment: Omit<Assignment, 'id'>
  /** Of a check: its source, vars filled in. Checks of one resource config may be done in one container. */
  readonly checkSource?: JsonObject
  /** The container is ready; called just before the process starts. */
  readonly onStarting: () => void
}

export interface ContainerOutcome {
  readonly outcome: ProcessOutcome
  readonly aborted: boolean
  readonly timedOut: boolean
  readonly response?: Uint8Array
  readonly outputs: ReadonlyMap<string, ArtifactRef>
  /** Outputs that could not be collected: name → reason. */
  readonly failedOutputs: ReadonlyMap<string, string>
}

export type RunError = { readonly kind: 'aborted' } | { readonly kind: 'errored'; readonly message: string }

/** What a task needs beside a container. */
export interface ArtifactOutputPorts {
  /** For the build's author to download. */
  keepOutput(name: string, artifact: ArtifactRef): Promise<void>
}

export interface TaskPorts extends StepPorts {
  /**
   * The config to run: inline or read from an artifact, with the step's params, limits and vars applied, defaults of its image's
   * type filled in, `((vars))` resolved, validated. The message names file, line and what to do. Warnings go to the log.
   */
  taskConfig(plan: TaskPlan, state: RunState, signal: AbortSignal): Promise<Result<TaskConfig, ImageFailure>>
  taskCache(path: string): Promise<ArtifactRef | undefined>
  saveTaskCache(path: string, artifact: ArtifactRef): Promise<void>
}

/** A plan for every combination of values, those of the last var changing first. */
export interface AcrossPlans {
  readonly children: readonly { readonly plan: Plan; readonly values: readonly Json[] }[]
  /** How many values each var has. */
  readonly counts: readonly number[]
}

export interface LoadVarPorts extends StepPorts {
  /** The value that the file has; unless it is revealed, the log does not show it from then on. The message names file and cause. */
  loadVar(file: VarFile, state: RunState): Promise<Result<Json, string>>
}

export interface SetPipelinePorts extends StepPorts {
  /** Reads a file by artifact and path. The message names file and cause. */
  readFile(file: string, state: RunState): Promise<Result<Uint8Array, string>>
  setPipeline(pipeline: PipelineToSet): Promise<SetPipelineResult>
}

export type PipelineToSet = Omit<PipelineFromStep, 'by'>

export type SetPipelineResult =
  | Exclude<PipelineSetByStep, { kind: 'set' | 'newer-build' }>
  /** `diff`: what changes, as lines for the log. */
  | { readonly kind: 'set' | 'newer-build'; readonly pipeline: string; readonly warnings: readonly string[]; readonly diff: readonly string[] }

export interface VarFile {
  /** `artifact/path`. */
  readonly file: string
  readonly format: Json | undefined
  readonly reveal: boolean
}

export interface GetPorts extends StepPorts {
  /**
   * Finds the image that a get is about, where the runtime pulls it itself and whoever uses it as an image needs no files;
   * undefined: it is fetched as any resource is.
   */
  findImage(plan: GetPlan, source: JsonObject, version: Version, signal: AbortSignal): Promise<Result<ImageSpec, ImageFailure> | undefined>
  /** Fetches a version that needs no container (of a time); undefined: not one of these. */
  getInProcess(plan: GetPlan, source: JsonObject, version: Version): Promise<Result<{ artifact: ArtifactRef; version: Version }, InProcessError> | undefined>
  cachedResource(key: ResourceCacheKey): Promise<{ artifact: ArtifactRef; version: Version; metadata: readonly MetadataField[] } | undefined>
  saveResource(
    key: ResourceCacheKey,
    value: { artifact: ArtifactRef; version: Version; metadata: readonly MetadataField[] },
  ): Promise<void>
  /** What `in` says of a version, for those who look at it. */
  saveMetadata(source: JsonObject, version: Version, metadata: readonly MetadataField[]): Promise<void>
}

/** `script`: what the resource's own script would have refused, with status 1. */
export interface InProcessError {
  readonly kind: 'script' | 'not-stored'
  readonly message: string
}

/** What makes two fetches the same: type (with its image), source, version and params. */
export interface ResourceCacheKey {
  readonly type: string
  readonly image: string
  readonly source: JsonObject
  readonly version: Version
  readonly params: JsonObject
}

export interface CheckPorts extends StepPorts {
  /**
   * The versions that a check without a container finds (times; registry images, where the runtime pulls them itself), oldest first; undefined:
   * not one of these. None: the image's digest is found by the node that pulls it.
   */
  checkInProcess(plan: CheckPlan, source: JsonObject, from: Version | undefined, signal: AbortSignal): Promise<Result<readonly Version[], ImageFailure> | undefined>
  /** `source`: the check's, vars filled in. Waits for this check's turn; rejects when the signal aborts before. */
  beginCheck(plan: CheckPlan, source: JsonObject, signal: AbortSignal): Promise<CheckTurn>
}

export type CheckTurn =
  /** `from`: the version to check from. `end` is called in any case. */
  | { readonly kind: 'run'; readonly from?: Version; end(result: CheckResult): Promise<void> }
  /** Another check has answered this one. */
  | { readonly kind: 'answered'; readonly version: Version }

export type CheckResult =
  | { readonly kind: 'found'; readonly versions: readonly Version[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopped' }

export interface PutPorts extends StepPorts {
  /** Makes a version that needs no container (of a time); undefined: not one of these. */
  putInProcess(plan: PutPlan, source: JsonObject): Result<Version, InProcessError> | undefined
  /** Versions that the put makes belong to the config of this source, vars filled in. */
  enterScope(source: JsonObject): Promise<void>
}

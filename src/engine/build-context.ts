import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Secrets } from '../lib/secrets.ts'
import type { Plan, PlanId } from '../model/plan.ts'
import type { BaseTypeImage } from '../model/image.ts'
import type { JsonObject } from '../model/json.ts'
import type { Vars } from '../model/var.ts'
import type { Runtime, WaitReason } from '../runtime/contract.ts'
import type { BuildFacts } from '../steps/ports.ts'
import type { BuildWriter } from './build-writer.ts'
import type { MadePlans } from './made-plans.ts'
import type { ContainerRow } from '../model/build.ts'
import type { ArtifactFiles, ArtifactImages, BuildOutputs, CheckContainers, Credentials, ImagePolicy, ImageResolver, PipelineSetter, ResourceCacheStore, StepDurationStore, TaskCacheStore, VersionStore } from './ports.ts'
import type { LearntSecrets } from './learnt-secrets.ts'
import type { Tracing } from '../lib/span.ts'
import type { Observe } from '../model/happening.ts'
import type { Cleanup } from './cleanup.ts'
import type { Redactor } from '../lib/redactor.ts'
import type { Capacity, RemoveOldestKept } from './capacity.ts'

/** What the engine is given by app/. */
export interface EngineServices {
  readonly runtime: Runtime
  readonly versions: VersionStore
  readonly pipelines: PipelineSetter
  readonly resourceCaches: ResourceCacheStore
  readonly taskCaches: TaskCacheStore
  /** Absent: no step counts as long. */
  readonly stepDurations?: StepDurationStore
  readonly outputs: BuildOutputs
  readonly images: ImageResolver
  readonly artifacts: ArtifactFiles
  readonly artifactImages: ArtifactImages
  /** Absent: every image may be used. */
  readonly imagePolicy?: ImagePolicy
  readonly credentials: Credentials
  /** Absent: every check has a container of its own. */
  readonly checkContainers?: CheckContainers
  /** Absent: nothing is kept. */
  readonly removeOldestKept?: RemoveOldestKept
  /** Called when a build has ended and its containers are removed or kept. */
  readonly onCleaned?: () => void
  /** Secrets that logs and the terminal of this process must not show. */
  readonly secrets: Secrets
  readonly clock: Clock
  readonly log: Log
  readonly options: EngineOptions
  readonly observer?: EngineObserver
  /** Counts what happens; absent: nobody does. */
  readonly observe?: Observe
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing
}

export interface EngineOptions {
  /** Distinguishes installations that share a namespace or an engine. */
  readonly installation: string
  readonly externalUrl: string
  /** Base resource type → image reference. */
  readonly baseTypes: ReadonlyMap<string, BaseTypeImage>
  /** False: images are fetched by get steps, even if the runtime can pull them. */
  readonly nativeImageFetch: boolean
  /** Base type `time` is Concourse's: its checks need no container. */
  readonly timeInProcess: boolean
  /** Resources of one config share versions; absent: each has its own. */
  readonly globalResources?: boolean
  /** How many steps ahead containers are prepared; 0: none. */
  readonly prepareAhead: number
  /** Keeps containers of steps that did not succeed, for intercept; absent: they are removed like all others. */
  readonly keep?: KeepOptions
}

export interface KeepOptions {
  /** How long those of a job's build are kept, and those of other builds. */
  readonly seconds: number
  readonly oneOffSeconds: number
  /** For the step's log: how to enter one and how to remove it. Absent: nothing is said. */
  readonly advice?: (container: { readonly handle: string; readonly buildId: number; readonly stepName: string }) => string
}

/** Told what is shown on a terminal and is no event of the build. */
export interface EngineObserver {
  waiting?(planId: PlanId, stepName: string, reason: WaitReason): void
}

/** One run of one build. */
export interface BuildContext {
  readonly services: EngineServices
  readonly build: BuildFacts
  /** When the build was created and started, unix ms. */
  readonly times: { readonly createdAt: number; readonly startedAt: number }
  readonly plan: Plan
  /** Values of `((vars))`. */
  readonly vars: Vars
  readonly writer: BuildWriter
  readonly redactor: Redactor
  /** For records of steps: without them another server could not go on hiding what this one has learnt. */
  readonly learnt: LearntSecrets
  readonly cleanup: Cleanup
  readonly capacity: Capacity
  /** Whether another server has the build now: its containers must not be touched from here. */
  readonly left: () => boolean
  /** Aborts when this server leaves the build: timers and waits of the build end then. */
  readonly leaving: AbortSignal
  /** Plans that steps have made when their turn came. */
  readonly made: MadePlans
  /** What was durable when this run of the build began. */
  readonly steps: ReadonlyMap<PlanId, JsonObject>
  readonly containers: ReadonlyMap<PlanId, ContainerRow>
}

import type { BuildWrites } from '../model/build.ts'
import type { JsonObject } from '../model/json.ts'
import type { NotTriggered, PendingReason } from '../model/listed-build.ts'
import type { ReuseFrom } from '../model/rerun.ts'
import type { Slots } from '../model/slots.ts'
import type { Version } from '../model/version.ts'
import type { Answer, Ask } from './algorithm/ask.ts'
import type { BuildId, BuildOrder, Input, JobId, ResourceId, VersionId } from './algorithm/input.ts'

export type { Answer, Ask } from './algorithm/ask.ts'
export type { BuildId, BuildOrder, Input, JobId, ResourceId, Success, VersionId } from './algorithm/input.ts'

/** What the scheduler keeps and asks. Times are unix ms. */
export interface SchedulerStore {
  /** Leases jobs that are wanted; of several schedulers exactly one gets each. */
  claim(owner: string, now: number, options: { readonly leaseMs: number; readonly limit: number }): Promise<readonly ClaimedJob[]>
  read(jobs: readonly JobId[]): Promise<readonly JobSnapshot[]>
  /** What choosing the versions of a job's inputs asks. */
  answer(job: JobId, ask: Ask): Promise<Answer>
  /** Which of these inputs had this version in a build of the job before, in the same order. */
  known(job: JobId, inputs: readonly Omit<ChosenInput, 'firstOccurrence'>[]): Promise<readonly boolean[]>
  /** What an original was started with. */
  inputsOf(build: BuildId): Promise<Pick<StartedBuild, 'inputs' | 'pipes'>>
  /** What a person asked for in the place of params of tasks, with this build. */
  paramsOf(build: BuildId): Promise<JsonObject>
  /** Which of these the present scope of the resource has, in the same order. */
  inScope(versions: readonly { readonly resource: ResourceId; readonly version: VersionId }[]): Promise<readonly boolean[]>
  versions(ids: readonly VersionId[]): Promise<ReadonlyMap<VersionId, Version>>
  /** Names for people: of jobs, and of builds in their jobs. */
  names(ids: { readonly jobs: readonly JobId[]; readonly builds: readonly BuildId[] }): Promise<{ readonly jobs: ReadonlyMap<JobId, string>; readonly builds: ReadonlyMap<BuildId, string> }>
  apply(changes: Changes): Promise<Applied>
  /** Gives a job back without having done anything; it is passed again after `notBefore`. */
  release(job: JobId, owner: string, notBefore: number): Promise<void>
  /** Called when there may be something to schedule; perhaps when there is not. */
  onWanted(callback: () => void): Promise<() => Promise<void>>
}

export interface CheckRequests {
  /** Has resources checked once more, by checks that begin after these times; their ends want the jobs whose builds wait. */
  want(checks: readonly WantedCheck[], now: number): Promise<void>
}

export interface WantedCheck {
  readonly resource: ResourceId
  readonly after: number
}

/** `lost`: another scheduler has the job, or its config is another by now, and nothing was done. */
export type Applied = { readonly kind: 'lost' } | { readonly kind: 'applied'; readonly othersWanted: boolean; /** Absent: it had to wait after all. */ readonly started?: BuildId }

/** A job that the scheduler has leased for a pass. */
export interface ClaimedJob {
  readonly jobId: JobId
  /** Its counter when it was claimed: what is wanted later is done by another pass. */
  readonly wanted: number
}

/** All that a pass decides by, of one job, but for the versions of its inputs. */
export interface JobSnapshot {
  readonly jobId: JobId
  readonly name: string
  /** False: the pipeline's config has it no more. */
  readonly active: boolean
  readonly paused: boolean
  readonly pipeline: SnapshotPipeline
  readonly inputs: readonly JobInput[]
  /** By order; only the first ones of many. */
  readonly pending: readonly PendingBuild[]
  /** Absent: any number of its builds may run. */
  readonly slots?: Slots
}

export interface SnapshotPipeline {
  readonly id: number
  readonly name: string
  readonly teamId: number
  readonly team: string
  readonly paused: boolean
  readonly archived: boolean
  /** Absent: archived. */
  readonly configVersion?: number
}

export interface JobInput extends Input {
  /** The resource's name. */
  readonly of: string
  readonly trigger: boolean
  readonly check: CheckState
}

/** Of the scope of a resource; all absent when it was never checked. Unix ms. */
export interface CheckState {
  readonly startedAt?: number
  readonly endedAt?: number
  /** When the next one is to begin; absent: only when it is wanted. */
  readonly dueAt?: number
  /** Why the last one failed. */
  readonly error?: string
}

/** A build of a job that has not started. */
export interface PendingBuild extends BuildOrder {
  readonly name: string
  readonly createdAt: number
  readonly cause: BuildCause
  /** Versions that a person chose for it, by input. */
  readonly chosen?: ChosenVersions
  /** What the last pass said of it. */
  readonly reason?: PendingReason
  /** The last pass found that it lacks nothing but a slot. */
  readonly ready: boolean
}

/** `gone`: an input whose chosen version is not in its resource's scope any more, or that the job has no more. */
export interface ChosenVersions {
  readonly versions: ReadonlyMap<string, VersionId>
  readonly gone?: string
}

export type BuildCause =
  | { readonly kind: 'automatic' }
  | { readonly kind: 'manual' }
  /** `gone`: an input of the original whose version is not in its resource's scope any more. */
  | { readonly kind: 'rerun'; readonly of: BuildId; readonly gone?: string; readonly reuse?: ReuseFrom }

/** An input of a build that starts. */
export interface ChosenInput {
  readonly name: string
  readonly resource: ResourceId
  readonly version: VersionId
  readonly firstOccurrence: boolean
}

/** What one pass does to a job, in one transaction. */
export interface Changes {
  readonly jobId: JobId
  readonly wanted: number
  readonly owner: string
  readonly now: number
  /** Nothing is done when the pipeline's config is another by now. */
  readonly configVersion: number | undefined
  /** An automatic build. */
  readonly create: boolean
  readonly start?: StartedBuild
  readonly ends: readonly EndedBuild[]
  readonly waits: readonly WaitingBuild[]
  /** Pass again at once. */
  readonly again: boolean
  /** Pass again then, if nothing wants the job before. */
  readonly againAt?: number
  readonly hasNew: boolean
  readonly notTriggered: NotTriggered | undefined
}

export interface StartedBuild {
  /** `created`: the one that the same changes create. */
  readonly build: BuildId | 'created'
  readonly order: number | 'created'
  /** The plan and what else its run needs; stored encrypted. */
  readonly context: JsonObject
  /** Of the pipeline, from which the plan was made; absent: nobody knows, as of a build of long ago whose plan a rerun takes. */
  readonly configVersion?: number
  readonly inputs: readonly ChosenInput[]
  /** Successes that vouched for its inputs. */
  readonly pipes: readonly BuildId[]
  readonly slots?: Slots
  /** Steps that it takes as they ended in this build, with what their puts made. */
  readonly reused?: { readonly build: BuildId; readonly steps: NonNullable<BuildWrites['steps']> }
}

/** A pending build that cannot start. */
export interface EndedBuild {
  readonly build: BuildId | 'created'
  readonly status: 'errored' | 'aborted'
  readonly message: string
}

export interface WaitingBuild {
  readonly build: BuildId | 'created'
  readonly reason: PendingReason
  readonly ready: boolean
}

import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { Build, BuildSummary, BuildWrites, ClaimedBuild, ContainerRow, NewBuild } from '../model/build.ts'
import type { CachedResource } from '../model/cached-resource.ts'
import type { VarSourceConfig } from '../model/config.ts'
import type { ImageConfig, ImageSource } from '../model/image.ts'
import type { JsonObject } from '../model/json.ts'
import type { Result } from '../model/result.ts'
import type { PipelineFromStep, PipelineSetByStep } from '../model/set-pipeline.ts'
import type { VarScope, Vars } from '../model/var.ts'
import type { MetadataField, Version } from '../model/version.ts'
import type { Container } from '../runtime/contract.ts'

/** What the engine asks of a database. db/ implements it; app/ wires it. Times are unix ms and parameters, never the database's own clock. */
export interface BuildStore {
  /** Called whenever a build may be there to claim; perhaps more often. */
  onStarted(callback: () => void): Promise<() => Promise<void>>
  /** The oldest started build that no engine has a lease of; it is leased to `owner`. */
  claim(owner: string, now: number, leaseMs: number, only?: number): Promise<ClaimedBuild | undefined>
  /** Extends the lease; tells whether it is still held, and whether someone asked for an abort. */
  renew(buildId: number, owner: string, now: number, leaseMs: number): Promise<{ held: boolean; abortRequested: boolean }>
  /** Gives the lease up: the build stays started, and another may claim it at once. */
  release(buildId: number, owner: string): Promise<void>
  /** Called when an abort is requested for the build, soon after it is (a notification; renew is the safety net). */
  onAbort(buildId: number, callback: () => void): Promise<() => void>
  /** In one transaction, refused when `owner` no longer holds the lease: nothing of it happens then. */
  commit(buildId: number, owner: string, now: number, writes: BuildWrites): Promise<'committed' | 'lease-lost'>
  /** Steps' records of the build, by plan id. */
  steps(buildId: number): Promise<ReadonlyMap<string, JsonObject>>
  containers(buildId: number): Promise<readonly ContainerRow[]>
  /** Which build each of these containers is, or was last, at work for; nothing of those that none was assigned. */
  owners(handles: readonly string[]): Promise<ReadonlyMap<string, number>>
}

/** Builds as those see them who make, list and abort them. Times are unix ms. */
export interface BuildRegistry {
  /** A pending build, whose inputs are still to be chosen; gives its id. */
  create(build: NewBuild, now: number): Promise<number>
  /** A build that an engine may claim at once. `context`: the plan and what else its run needs. */
  createStarted(build: NewBuild, context: JsonObject, now: number): Promise<number>
  /** Gives a pending build what its run needs: from now on an engine may claim it. False when it is not pending. */
  start(buildId: number, context: JsonObject, now: number): Promise<boolean>
  /** A pending build ends at once; of a started one its engine is asked. False when the build has ended or is not known. */
  requestAbort(buildId: number, now: number): Promise<boolean>
  get(buildId: number): Promise<Build | undefined>
  /** Newest first. `unfinished`: pending and started ones only. */
  list(options?: { readonly unfinished?: boolean; readonly limit?: number; readonly before?: number }): Promise<readonly BuildSummary[]>
}

/** Whose versions: a scope is a team's resource config (type chain and source, vars filled in). */
export interface VersionsOf {
  readonly scope: string
  /** The resource whose versions these become; absent: they are an image's. */
  readonly resource?: { readonly pipelineId: number; readonly name: string }
  /** The custom type or prototype whose image it is. */
  readonly type?: { readonly pipelineId: number; readonly kind: 'resource-type' | 'prototype'; readonly name: string }
}

/** A check that is about to begin. */
export interface CheckToBegin extends VersionsOf {
  /** Its build's times, unix ms: a good check that began after the creation answers a resource's check, one that ended after the start an image's. */
  readonly build: { readonly id: number; readonly createdAt: number; readonly startedAt: number }
  /** An image is not checked again within this time after its last good check. Absent: it is. */
  readonly intervalMs?: number
  /** The version that was asked for: nothing but a check from it answers. */
  readonly from?: Version
}

export type CheckTurn =
  /** `from`: the version to check from. The caller ends it in any case; the next check of the scope waits for that. */
  | { readonly kind: 'run'; readonly from?: Version; end(result: CheckResult): Promise<void> }
  /** Another check has answered it. */
  | { readonly kind: 'answered'; readonly version: Version }

export type CheckResult =
  /** Oldest first, as a check prints them. */
  | { readonly kind: 'found'; readonly versions: readonly Version[] }
  | { readonly kind: 'failed'; readonly message: string }
  /** Aborted, or left to another server: it has no result. */
  | { readonly kind: 'stopped' }

/** Versions of resource configs, and the turns of their checks. */
export interface VersionStore {
  /** Rejects with the signal's reason when that aborts before it is this check's turn. */
  begin(check: CheckToBegin, signal: AbortSignal): Promise<CheckTurn>
  /** Found without a check of its own. Oldest first; the last becomes the latest. */
  save(scope: string, versions: readonly Version[], now: number): Promise<void>
  latest(scope: string): Promise<Version | undefined>
  /** A put is about to make a version: the resource points to the scope from now on. */
  enter(of: VersionsOf): Promise<void>
  /** A get told it. A version that is not known stays unknown. */
  saveMetadata(of: VersionsOf, version: Version, metadata: readonly MetadataField[]): Promise<void>
}

/** Sets pipelines for set_pipeline steps. */
export interface PipelineSetter {
  set(pipeline: PipelineFromStep): Promise<PipelineSetByStep>
}

export interface ResourceCacheStore {
  get(key: string, now: number): Promise<CachedResource | undefined>
  /** `scope`: of the resource config that it was fetched from, by which caches are cleared. */
  put(key: string, value: CachedResource, now: number, scope?: string): Promise<void>
}

/** One folder that a task's step of a job keeps from build to build. */
export interface TaskCacheKey {
  readonly jobId: number
  readonly step: string
  readonly path: string
}

export interface TaskCacheStore {
  get(cache: TaskCacheKey): Promise<ArtifactRef | undefined>
  put(cache: TaskCacheKey, artifact: ArtifactRef, now: number): Promise<void>
}

/** Outputs of one-off builds, for their authors to download. */
export interface BuildOutputs {
  put(buildId: number, name: string, artifact: ArtifactRef, now: number): Promise<void>
}

/** How long steps of a job took in its last build, where that was long. */
export interface StepDurationStore {
  /** By step, ms. */
  ofJob(jobId: number): Promise<ReadonlyMap<string, number>>
  put(jobId: number, step: string, ms: number, now: number): Promise<void>
  delete(jobId: number, step: string): Promise<void>
}

/** Vars of a pipeline's var sources, and of the server's credential managers for references without a source. All of them are secret. */
export interface Credentials {
  varsOf(scope: VarScope, sources: readonly VarSourceConfig[]): Vars
}

/** Asks registries; answers about a tag are never remembered. Messages are one line that names image, registry and cause. */
export interface ImageResolver {
  /**
   * The versions that a source means now, `{tag, digest}`, oldest first; `from`: only what is newer, if the registry still has that.
   * None: the registry cannot be asked from here, and the node that pulls the image will find it (only for `image`, one that a step runs in).
   */
  check(source: JsonObject, options: CheckOptions, signal: AbortSignal): Promise<Result<readonly Version[], string>>
  /** What to pull and how to run it: by what its check found, else by the pinned version, else by the source's own digest or tag. */
  image(request: ImageToResolve, signal: AbortSignal): Promise<Result<ResolvedImage, string>>
  /** The source that a container is given which checks, fetches or pushes the image itself. */
  forContainer(source: JsonObject): JsonObject
}

export interface CheckOptions {
  readonly from?: Version | undefined
  readonly image: boolean
  readonly onWait?: OnWait
}

/** Told before each pause in front of a registry that fails for now: a line that says why and how long. */
export type OnWait = (line: string) => void

export interface ImageToResolve {
  readonly onWait?: OnWait
  readonly source: JsonObject
  /** Who wrote the source; absent: a pipeline's author. */
  readonly by?: 'author' | 'operator'
  readonly checked?: Version | undefined
  readonly version?: Version | undefined
}

export interface ResolvedImage {
  readonly source: ImageSource & { readonly kind: 'registry' }
  readonly config: ImageConfig
  readonly architectures: readonly string[]
  /** `node`: by nobody yet. The node that pulls the tag finds the digest. */
  readonly how: 'check' | 'pin' | 'tag' | 'node'
  /** Of an image found by a node: its tag. */
  readonly tag?: string
  /** Why nodes would fail to pull it, where that is known: it is fetched by a get step instead. */
  readonly physical?: string
  /** A line for the log. */
  readonly note?: string
}

/** A step that is about to use an image (Concourse: policy check of this action). */
export interface ImageUse {
  readonly action: 'UseImage'
  /** Pulled by the runtime: the reference; fetched by a get: its source's repository, or the get's name; an artifact: its name. */
  readonly image: string
  /** `registry-image`, another resource type, or `artifact`. */
  readonly type: string
  /** Its source with vars filled in, secrets and credentials taken out; empty for an artifact. */
  readonly source: JsonObject
  readonly privileged: boolean
  readonly team: string
  readonly pipeline?: string
  readonly job?: string
}

export type PolicyAnswer =
  | { readonly kind: 'allow' }
  /** The policy warns against the image and does not deny it: the log says so. */
  | { readonly kind: 'warn'; readonly reason: string }
  | { readonly kind: 'deny'; readonly reason: string }

/** Asked about every image that a step uses, before it is pulled or fetched. */
export interface ImagePolicy {
  check(use: ImageUse, signal: AbortSignal): Promise<PolicyAnswer>
}

/** Images that steps have made, or gets have fetched. */
export interface ArtifactImages {
  /** How to run an artifact as an image; the error is a line that names it. Throws on an abort, and when the store fails. */
  describe(artifact: ArtifactRef, name: string, signal: AbortSignal): Promise<Result<Pick<ResolvedImage, 'config' | 'architectures'>, string>>
  /**
   * Why the runtime cannot run any of them, and what to do about it, where that has to be found out; undefined: it can. `onWait`: told
   * what it waits for, again when that changes. Throws on an abort.
   */
  refusal?(signal: AbortSignal, onWait: (line: string) => void): Promise<string | undefined>
}

export interface ArtifactFiles {
  /** A file of an artifact, at most `limit` bytes of it. */
  readFile(digest: ArtifactDigest, path: string, limit: number): Promise<Result<Uint8Array, ArtifactFileError>>
  /** Stores a folder of these files, by name; `at`: when they were last changed, unix ms. The error is a line that says why not. */
  writeFiles(files: ReadonlyMap<string, string>, at: number): Promise<Result<ArtifactRef, string>>
}

export type ArtifactFileError = { readonly kind: 'not-found' } | { readonly kind: 'too-large' | 'unreadable'; readonly message: string }

/** A container that checks are done in, one after the other: every process of one is gone before the next begins. */
export interface CheckContainer {
  readonly container: Container
  /** How many assignments it has had. */
  readonly assignments: number
  /** Sequence number of its last record. */
  readonly acked: number
  /** When it was made, unix ms. */
  readonly since: number
}

/** What a check in a container was about. */
export interface CheckUse {
  readonly teamId: number
  readonly pipelineId?: number
  /** Its resource or type. */
  readonly name: string
}

/** Where containers of checks that are over wait for the next check with the same key (checkKey). checks/ implements it. */
export interface CheckContainers {
  /** A check that may share its container begins in it: until it is given back or forgotten somebody may enter it. */
  begin(container: Container, use: CheckUse): void
  /** Takes a container that waits. The caller gives it back, or removes it and calls forget. */
  take(key: string): CheckContainer | undefined
  forget(handle: string): void
  /** Keeps it for the next check for some minutes, then removes it; removes it at once where another waits already. */
  give(key: string, container: CheckContainer): void
  /** Whether it waits here, or was taken from here; no other part may remove it then. */
  holds(handle: string): boolean
  /** Removes all containers that wait for a check, when a step lacks capacity. Returns whether there were any. */
  releaseIdle(): boolean
}

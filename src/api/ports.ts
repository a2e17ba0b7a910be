import type { BuildRegistry, Credentials } from '../engine/ports.ts'
import type { TeamStore, TokenStore } from '../auth/ports.ts'
import type { PipelineStore } from '../pipelines/ports.ts'
import type { ComponentName, ComponentState } from '../model/component.ts'
import type { Causes } from '../model/causality.ts'
import type { CliPrograms } from '../model/cli-program.ts'
import type { ContainerGateway, ContainerPlaces, WorkerView } from './container-ports.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import type { AuditLog } from '../model/audit.ts'
import type { StoredEvent } from '../model/build.ts'
import type { BuildStatus } from '../model/event.ts'
import type { CheckQueueState, DatabaseHealth } from '../model/health.ts'
import type { JsonObject } from '../model/json.ts'
import type { ListedBuild } from '../model/listed-build.ts'
import type { Resource } from '../model/pipeline.ts'
import type { CheckToCreate, GivenByHand, OneOffBuild, JobBuildRequest } from '../model/requested-build.ts'
import type { RerunStore, ReuseFrom } from '../model/rerun.ts'
import type { Result } from '../model/result.ts'
import type { MetadataField, Version } from '../model/version.ts'

/** What a page of a list is to hold. */
export interface Page {
  readonly limit: number
  /** Ids, both inclusive; with `by: 'start'` the times, in unix ms, between which builds started. */
  readonly from?: number
  readonly to?: number
  readonly by?: 'start'
  /** Builds with one of these alone. */
  readonly statuses?: readonly BuildStatus[]
}

export interface BuildPage {
  /** Newest first; with both bounds given oldest first. */
  readonly builds: readonly ListedBuild[]
  /** The ids next to the page's, where there are any. */
  readonly older?: number
  readonly newer?: number
}

/** Builds of which a list tells. */
export type BuildFilter =
  | { readonly kind: 'all' }
  /** Of these teams, and of public pipelines. */
  | { readonly kind: 'visible'; readonly teams: readonly string[] }
  | { readonly kind: 'team'; readonly team: string }
  | { readonly kind: 'pipeline'; readonly pipelineId: number }
  | { readonly kind: 'job'; readonly jobId: number }

/** The builds of a job that are shown with it (Concourse: next_build, finished_build, transition_build). */
export interface JobBuilds {
  /** The oldest that has not ended. */
  readonly next?: ListedBuild
  /** The newest that has, or its newest rerun that has. */
  readonly finished?: ListedBuild
  /** The one whose end last changed the status. */
  readonly transition?: ListedBuild
  /** Its inputs have versions that no build of it had. */
  readonly hasNewInputs?: boolean
}

export interface BuildLists {
  get(id: number): Promise<ListedBuild | undefined>
  ofJob(jobId: number, name: string): Promise<ListedBuild | undefined>
  page(filter: BuildFilter, page: Page): Promise<BuildPage>
  /** By job, of all jobs of the pipelines. */
  ofJobs(pipelineIds: readonly number[]): Promise<ReadonlyMap<number, JobBuilds>>
  comment(id: number, comment: string): Promise<void>
  /** In no particular order; those that are gone are left out. */
  byIds(ids: readonly number[]): Promise<readonly ListedBuild[]>
}

/** A resource that its pipeline's config has, with its last check. Times are unix ms. */
export interface ListedResource extends Resource {
  readonly checkedAt?: number
  readonly checkBuildId?: number
}

export interface ListedVersion {
  readonly id: number
  readonly version: Version
  readonly metadata?: readonly MetadataField[]
  readonly enabled: boolean
}

export interface VersionPage {
  /** The latest first; with both bounds given the latest last. */
  readonly versions: readonly ListedVersion[]
  /** The ids next to the page's, where there are any. */
  readonly older?: number
  readonly newer?: number
}

/** Resources as people see and change them. A version is one of a resource when it is in the scope that the resource points to. */
export interface ResourceViews {
  list(pipelineIds: readonly number[]): Promise<readonly ListedResource[]>
  /** `filter`: what a version must contain. */
  versions(resource: Resource, page: Page, filter: Version): Promise<VersionPage>
  version(resource: Resource, id: number): Promise<ListedVersion | undefined>
  /** False: the resource has no such version. The jobs that get it are scheduled. */
  setEnabled(resource: Resource, versionId: number, enabled: boolean): Promise<boolean>
  pin(resource: Resource, versionId: number): Promise<'pinned' | 'unknown' | 'in-config'>
  unpin(resource: Resource): Promise<'unpinned' | 'in-config'>
  /** False: it is not pinned. */
  setPinComment(resourceId: number, comment: string): Promise<boolean>
}

export interface NamedInPipeline {
  readonly name: string
  readonly pipeline: string
  readonly team: string
}

/** Versions of a resource config, which all resources and types with that config share. */
export interface SharedVersions {
  /** Undefined: the pipeline has no such type. `scopeId` is absent while it was not checked. */
  ofType(pipelineId: number, name: string): Promise<{ readonly scopeId?: number } | undefined>
  sharing(scopeId: number): Promise<{ readonly resources: readonly NamedInPipeline[]; readonly types: readonly NamedInPipeline[] }>
  /** What caches of its gets are known by. */
  keyOf(scopeId: number): Promise<string | undefined>
  /** Forgets them; gives how many. The next check starts anew. */
  clear(scopeId: number): Promise<number>
}

/** An uploaded input or an output of a one-off build. */
export interface WorkerArtifact {
  readonly id: number
  /** Empty: uploaded. */
  readonly name: string
  readonly artifact: ArtifactRef
  readonly buildId?: number
  readonly createdAt: number
}

export interface WorkerArtifactStore {
  upload(teamId: number, artifact: ArtifactRef, now: number): Promise<WorkerArtifact>
  find(teamId: number, id: number, now: number): Promise<WorkerArtifact | undefined>
  ofBuild(buildId: number, now: number): Promise<readonly WorkerArtifact[]>
}

export interface ArtifactContents {
  /** Stores an archive, packed or not. Errors of the source are thrown. */
  store(source: AsyncIterable<Uint8Array>): Promise<Result<ArtifactRef, { readonly kind: 'bad-archive' | 'too-large' | 'no-space' | 'unavailable'; readonly message: string }>>
  /** A tar; undefined when it is gone. It throws where it is damaged. */
  open(artifact: ArtifactRef): Promise<AsyncIterable<Uint8Array> | undefined>
}

export interface BuildInput {
  readonly name: string
  readonly version: Version
  readonly pipelineId: number
  /** The job had not used the version before. */
  readonly firstOccurrence: boolean
}
export interface BuildOutput {
  readonly name: string
  readonly version: Version
}

interface DumpedVersion {
  readonly version: number
  readonly resource: number
  readonly checkOrder: number
  readonly scope: number
}

/** Ids that versions are chosen by in a pipeline; of long lists the newest rows. */
export interface VersionsDump {
  readonly jobs: readonly { readonly name: string; readonly id: number }[]
  readonly resources: readonly { readonly name: string; readonly id: number; readonly scope: number }[]
  readonly versions: readonly DumpedVersion[]
  readonly outputs: readonly (DumpedVersion & { readonly build: number; readonly job: number })[]
  readonly inputs: readonly (DumpedVersion & { readonly build: number; readonly job: number; readonly input: string })[]
  readonly reruns: readonly { readonly build: number; readonly job: number; readonly rerunOf: number }[]
}

export interface BuildVersions {
  ofBuild(buildId: number): Promise<{ readonly inputs: readonly BuildInput[]; readonly outputs: readonly BuildOutput[] }>
  /** Ids, the newest first; of many the newest ten thousand. */
  buildsWith(as: 'input' | 'output', resourceId: number, versionId: number): Promise<readonly number[]>
  dump(pipelineId: number): Promise<VersionsDump>
  /** Builds that took a version, or what builds made of it, and so on; or else those that led to it. Of many the newest. */
  causes(direction: 'downstream' | 'upstream', resourceId: number, versionId: number): Promise<Causes>
}

export interface ListedVolume {
  readonly id: string
  readonly kind: 'task-cache' | 'artifact'
  readonly pipelineId?: number
  readonly pipeline?: string
  readonly instanceVars?: JsonObject
  readonly job?: string
  readonly step?: string
  readonly path?: string
}

/** What servers do by themselves, and whether it is paused. */
export interface ComponentControl {
  list(): readonly ComponentState[]
  pause(names: readonly ComponentName[]): Promise<void>
  unpause(names: readonly ComponentName[]): Promise<void>
}

/** A message for everybody. */
export interface Wall {
  readonly message: string
  /** Unix ms; absent: it stays. */
  readonly expiresAt?: number
}

export interface WallStore {
  get(now: number): Promise<Wall | undefined>
  set(wall: Wall): Promise<void>
  clear(): Promise<void>
}

export interface ActiveUser {
  readonly id: number
  readonly name: string
  readonly connector: string
  readonly lastLoginAt: number
}

export interface UserList {
  /** The latest login first. */
  activeSince(time: number): Promise<readonly ActiveUser[]>
}

/** Of this server's log. */
export interface LogLevelControl {
  get(): string
  set(level: 'debug' | 'info' | 'error' | 'fatal'): void
}

export interface JobTrigger extends RerunStore {
  /** Makes a pending build with the job's next number and tells the scheduler. */
  trigger(jobId: number, createdBy: string, now: number, request?: JobBuildRequest): Promise<number>
  /** Versions that are not kept any more are left out. */
  givenByHand(buildId: number): Promise<GivenByHand>
  /** Something that builds waited for may have changed. */
  wake(): void
}

export interface EventSource {
  /** Events with ids above `after` (-1: all), in order. */
  read(buildId: number, after: number, limit: number): Promise<readonly StoredEvent[]>
  /** Batches of events as they come, ended after the final status. */
  stream(buildId: number, options: { readonly after?: number; readonly signal: AbortSignal }): AsyncIterable<readonly StoredEvent[]>
}

export interface ApiPorts extends ContainerPlaces {
  readonly teams: TeamStore
  readonly tokens: TokenStore
  readonly pipelines: PipelineStore
  readonly builds: Pick<BuildRegistry, 'get' | 'requestAbort'>
  readonly lists: BuildLists
  /** How many commits, of any server, have changed what lists of pipelines and jobs show. */
  readonly listedChanges: () => Promise<number>
  readonly jobs: JobTrigger
  readonly events: EventSource
  readonly resources: ResourceViews
  readonly sharedVersions: SharedVersions
  readonly workerArtifacts: WorkerArtifactStore
  readonly artifacts: ArtifactContents
  /** Creates a build that begins at once; gives its id. */
  readonly createOneOff: (build: OneOffBuild) => Promise<number>
  /** A build that begins at once; undefined: the config does not have what is named. */
  readonly createCheck: (check: CheckToCreate) => Promise<number | undefined>
  /** Has a resource checked by a check that begins after `now`. */
  readonly wantCheck: (resourceId: number, now: number) => Promise<void>
  readonly buildVersions: BuildVersions
  /** What a job's next build would take; undefined: some input has no version yet. */
  readonly nextInputs: (jobId: number) => Promise<readonly { readonly name: string; readonly resource: string; readonly version: Version }[] | undefined>
  /** Why a build of the job cannot have these versions, a line for each reason. */
  readonly refusedVersions: (jobId: number, versions: { readonly [input: string]: number }) => Promise<readonly string[]>
  /** Why no build can begin at that step of a build; undefined: one can. */
  readonly notReusable: (from: ReuseFrom) => Promise<string | undefined>
  readonly containers: ContainerGateway
  readonly worker: WorkerView
  /** Those of a team that later builds use. */
  readonly volumes: (teamId: number, now: number) => Promise<readonly ListedVolume[]>
  readonly components: ComponentControl
  readonly database: DatabaseHealth
  /** Checks that this server runs by itself. */
  readonly checkQueue: () => CheckQueueState
  readonly wall: WallStore
  readonly auditLog: AuditLog
  readonly users: UserList
  /** What gets of a resource config fetched. `clear` gives how many are forgotten. */
  readonly resourceCaches: { clear(scopeKey: string, version?: Version): Promise<number> }
  /** Programs to download: fly for a platform. */
  readonly cli: CliPrograms
  readonly taskCaches: { clear(jobId: number, step: string, path?: string): Promise<number> }
  readonly logLevel: LogLevelControl
  readonly credentials: Credentials
  /** The public keys that tokens of idtoken var sources are signed with, as JWKs. */
  readonly publishedKeys: () => Promise<readonly Readonly<Record<string, string>>[]>
  /** What is known of credential managers, without secrets, by their names. */
  readonly credentialManagers: JsonObject
}

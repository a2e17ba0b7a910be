import type { EventWrite } from '../model/build.ts'
import type { FinalStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import type { MetadataField, Version } from '../model/version.ts'

/** What is known of a scope's checks. Times are unix ms. */
export interface CheckTimes {
  /** Somebody wants a check that begins after it. */
  readonly wantedAt?: number
  /** That one checks the images of its types, too, whatever their intervals say. */
  readonly wantedTypes?: true
  /** Of the last check that has ended. */
  readonly startedAt?: number
  readonly endedAt?: number
  /** How many have failed in a row, up to the last. */
  readonly failures: number
}

/** Whose versions: a scope is a team's resource config; `resource` or `type` points to it. */
export interface ScopeOf {
  readonly scope: string
  readonly resource?: { readonly pipelineId: number; readonly name: string }
  readonly type?: { readonly pipelineId: number; readonly kind: 'resource-type' | 'prototype'; readonly name: string }
}

/** A scope as a check finds it. */
export interface EnteredScope {
  readonly id: number
  readonly times: CheckTimes
  readonly latest?: Version
}

/** A check that has ended; times in unix ms. */
export interface CheckEnd {
  readonly scopeId: number
  readonly startedAt: number
  readonly endedAt: number
  /** Why it failed; absent: it did not. */
  readonly error?: string
  /** Somebody asked for it: the failures before it do not count any more. */
  readonly asked?: true
}

export interface EndedCheck extends CheckEnd {
  /** Somebody waits for it, or looks at it: it is saved at once, and with it that the jobs with a pending build are wanted. */
  readonly urgent: boolean
}

/** Scopes, their versions and the state of their checks. db/ implements it. */
export interface ScopeStore {
  /** The scope, which is made where it is missing; the resource or type points to it from now on. */
  enter(of: ScopeOf, now: number): Promise<EnteredScope>
  /**
   * What a check found, oldest first (merge.ts); tells whether the scope's order has changed. `from`: the version that was checked from. The jobs
   * that new versions may trigger or satisfy are wanted in the same transaction: a server that dies then has triggered them.
   */
  save(scopeId: number, found: readonly Version[], options: { readonly from?: Version | undefined; readonly now: number }): Promise<boolean>
  latest(scope: string): Promise<Version | undefined>
  saveMetadata(scope: string, version: Version, metadata: readonly MetadataField[]): Promise<void>
  /** Several checks at once; an end of a check that began before one that is stored is left out. */
  saveEnds(ends: readonly (CheckEnd | EndedCheck)[]): Promise<void>
}

/** A resource of a pipeline's config, and all that decides when it is checked (which.ts, due.ts). */
export interface CheckedResource {
  readonly id: number
  readonly name: string
  readonly pipelineId: number
  readonly pipeline: string
  readonly configVersion: number
  readonly teamId: number
  readonly team: string
  readonly scopeId: number
  /** Its pipeline is paused or archived. */
  readonly paused: boolean
  /** As in the config: a duration, or `never`. */
  readonly checkEvery?: string
  /** Some job gets it with `trigger: true` and without `passed`. */
  readonly triggers: boolean
  /** Some job gets it without `passed`. */
  readonly isInput: boolean
  readonly hasVersions: boolean
  /** It is pinned to no version, or to one that the scope has. */
  readonly pinFound: boolean
  /** The version that it is pinned to. */
  readonly pin?: Version
}

export interface ScopeTimes extends CheckTimes {
  readonly scopeId: number
}

/** What is read of checks at a time. */
export interface LoadedChecks {
  readonly resources: readonly CheckedResource[]
  readonly times: readonly ScopeTimes[]
}

/** Which resources: those whose scopes are in the shards, of these pipelines or scopes alone where they are named. */
export interface ChecksWanted {
  readonly shards: readonly number[]
  readonly pipelineIds?: readonly number[]
  readonly scopeIds?: readonly number[]
}

/** A check that ran in memory and is to be shown: it found something new, or failed. */
export interface CheckBuild {
  readonly scopeId: number
  readonly teamId: number
  readonly pipelineId: number
  readonly status: FinalStatus
  readonly context: JsonObject
  readonly createdAt: number
  readonly endedAt: number
  readonly events: readonly EventWrite[]
}

/** What scheduling checks asks of a database. */
export interface CheckStore {
  /** Of each pipeline: what changes when its resources have to be read anew. */
  pipelines(): Promise<ReadonlyMap<number, string>>
  /** A resource that points to no scope gets one of its own. */
  load(wanted: ChecksWanted, now: number): Promise<LoadedChecks>
  /** Called with scopes that somebody wants checked; with undefined when some may have been missed. */
  onWanted(callback: (scopeIds: readonly number[] | undefined) => void): Promise<() => Promise<void>>
  saveEnds(ends: readonly EndedCheck[]): Promise<void>
  /** Tells schedulers that jobs are wanted: saving versions and ends of checks wants them, in the same transaction. */
  wakeSchedulers(): Promise<void>
  /** In the place of the build that showed the scope's check before. */
  saveBuild(build: CheckBuild): Promise<void>
  /** As saveBuild, of a build that is stored already. */
  showBuild(scopeId: number, buildId: number): Promise<void>
}

/** Which server checks which scopes: shard `id % shardCount`. */
export interface ShardStore {
  /** Takes and keeps this server's share of the shards until `now + leaseMs`; gives them. */
  lease(owner: string, now: number, leaseMs: number): Promise<readonly number[]>
  release(owner: string): Promise<void>
}

export const shardCount = 64

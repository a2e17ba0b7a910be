import type { BuildStatus, FinalStatus } from './event.ts'
import type { JsonObject } from './json.ts'
import type { MetadataField, Version } from './version.ts'

/** What a build belongs to, by ids of rows, which renaming does not change. */
export interface BuildScope {
  readonly teamId: number
  readonly pipelineId?: number
  readonly jobId?: number
}

/** Names of a team, a pipeline of it and a job of that. */
export interface ScopeNames {
  readonly team: string
  readonly pipeline?: string
  readonly job?: string
}

/** `job`: one of a job, numbered by it. `one-off`: a plan that a client sent. `check`: checks of resources. */
export type BuildKind = 'job' | 'one-off' | 'check'

export interface NewBuild {
  readonly kind: BuildKind
  readonly scope: BuildScope
  /** Default: its id, as Concourse names one-off builds. */
  readonly name?: string
  readonly createdBy?: string
}

/** Ids from here on are of builds that only a server's memory has: no row has them, and containers are named by them. */
export const firstMemoryBuild = 2 ** 52

export const isMemoryBuild = (id: number): boolean => id >= firstMemoryBuild

/** Times in unix ms. */
export interface BuildSummary {
  readonly id: number
  readonly kind: BuildKind
  readonly name: string
  readonly scope: BuildScope
  /** The names that the scope's rows have now. */
  readonly team: string
  readonly pipeline?: string
  readonly job?: string
  readonly status: BuildStatus
  readonly createdBy?: string
  readonly createdAt: number
  readonly startedAt?: number
  readonly endedAt?: number
  /** The version of its pipeline's config that its plan was made from; it may be kept no more. Absent: it was not planned from one, or in a time when nobody recorded it. */
  readonly configVersion?: number
  readonly abortRequested: boolean
}

export interface Build extends BuildSummary {
  /** Decrypted: the plan and what else its run needs. Absent while the build is pending: its inputs are not chosen yet. */
  readonly context?: JsonObject
}

/** `resumed`: an engine ran it before, so that there may be records of steps and containers. */
export interface ClaimedBuild extends BuildSummary {
  /** Those of its pipeline, when that is an instance. */
  readonly instanceVars?: JsonObject
  readonly context: JsonObject
  readonly resumed: boolean
  /** It takes steps as they ended in another build: there are records of these, though none of them ran in it. */
  readonly reuses?: true
}

/** One commit of a build's writer: all of it happens, or nothing. */
export interface BuildWrites {
  /** They get dense ids, from 0 and in the order given; an event whose key the build has already is left out. */
  readonly events?: readonly EventWrite[]
  /** `secret`: the record is stored encrypted. `secrets`: they are, and are read as the record's; the rest stays readable, since it names artifacts. */
  readonly steps?: readonly { readonly planId: string; readonly record: JsonObject; readonly secret?: true; readonly secrets?: readonly string[] }[]
  readonly containers?: readonly ContainerRow[]
  readonly outputs?: readonly BuildOutput[]
  readonly finish?: { readonly status: FinalStatus }
}

/** A version that a put made: an output of the build at once, whatever its end. */
export interface BuildOutput {
  readonly planId: string
  /** Of the put step. */
  readonly name: string
  /** Name of its resource in the build's pipeline. */
  readonly resource: string
  readonly version: Version
  readonly metadata?: readonly MetadataField[]
}

export interface EventWrite {
  readonly key?: string
  readonly type: string
  readonly version: string
  /** JSON text of the event's `data`. */
  readonly payload: string
}

export interface StoredEvent {
  /** Dense, from 0. */
  readonly id: number
  readonly type: string
  readonly version: string
  /** JSON text of the event's `data`. */
  readonly payload: string
}

/** The container of a step that did not succeed, which waits for intercept. */
export interface KeptContainer {
  readonly handle: string
  readonly buildId: number
  /** A later build of the job has ended. */
  readonly superseded: boolean
  /** When somebody was last in it, unix ms; absent: nobody was. */
  readonly enteredAt?: number
}

export type ContainerState = 'preparing' | 'ready' | 'assigned' | 'finished' | 'kept' | 'removed'

export interface ContainerRow {
  readonly handle: string
  readonly planId: string
  readonly state: ContainerState
  /** Prepared ahead. */
  readonly guess: boolean
  readonly host?: string
  readonly log: LogPosition
}

/** The highest record that is durable, and where each stream stands within a record that is half emitted. */
export interface LogPosition {
  readonly acked: number
  readonly stdout?: { readonly seq: number; readonly offset: number }
  readonly stderr?: { readonly seq: number; readonly offset: number }
}

import type { MetadataField, Version } from '../model/version.ts'

/** What is known of a scope's checks. Times are unix ms. */
export interface CheckTimes {
  /** Somebody wants a check that begins after it. */
  readonly wantedAt?: number
  /** Of the last check that has ended. */
  readonly startedAt?: number
  readonly endedAt?: number
  /** How many have failed in a row, up to the last. */
  readonly failures: number
}

/** Whose versions: a scope is a team's resource config; `resource` points to it. */
export interface ScopeOf {
  readonly scope: string
  readonly resource?: { readonly pipelineId: number; readonly name: string }
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
}

/** Scopes, their versions and the state of their checks. db/ implements it. */
export interface ScopeStore {
  /** The scope, which is made where it is missing; the resource points to it from now on. */
  enter(of: ScopeOf, now: number): Promise<EnteredScope>
  /** What a check found, oldest first (merge.ts); tells whether the scope's order has changed. `from`: the version that was checked from. */
  save(scopeId: number, found: readonly Version[], options: { readonly from?: Version | undefined; readonly now: number }): Promise<boolean>
  latest(scope: string): Promise<Version | undefined>
  saveMetadata(scope: string, version: Version, metadata: readonly MetadataField[]): Promise<void>
  /** Several checks at once; an end of a check that began before one that is stored is left out. */
  saveEnds(ends: readonly CheckEnd[]): Promise<void>
}

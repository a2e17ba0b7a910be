import type { BuildStatus } from './event.ts'
import type { Version } from './version.ts'

/** Builds that are looked for at most. */
export const mostRelated = 10_000

/** A build on the way from a version, or to it. */
export interface CausalBuild {
  readonly id: number
  readonly name: string
  readonly status: BuildStatus
  readonly jobId: number
  readonly job: string
}
export interface CausalVersion {
  readonly build: number
  readonly as: 'input' | 'output'
  readonly resourceId: number
  readonly resource: string
  readonly versionId: number
  readonly version: Version
}
/** `related`: how many builds were found, where not all of them are here; they are not looked for beyond `mostRelated`. */
export interface Causes {
  readonly related?: number
  readonly builds: readonly CausalBuild[]
  readonly versions: readonly CausalVersion[]
}

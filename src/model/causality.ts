import type { BuildStatus } from './event.ts'
import type { Version } from './version.ts'

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
export interface Causes {
  readonly builds: readonly CausalBuild[]
  readonly versions: readonly CausalVersion[]
}

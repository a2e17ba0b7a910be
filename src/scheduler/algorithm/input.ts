import type { Version } from '../../model/version.ts'

/** Ids of rows. A version is its content, so one id stands for the same content in every scope. All ids are positive. */
export type JobId = number
export type ResourceId = number
export type VersionId = number
export type BuildId = number

/** One input of the job whose versions are chosen. */
export interface Input {
  readonly name: string
  readonly resource: ResourceId
  /** Jobs by id, globs expanded; empty without constraint. */
  readonly passed: readonly JobId[]
  /** The pin that counts: the step's `version: {…}`, else the resource's. */
  readonly pin?: Version
  /** A version that was chosen for one build, in the place of a pin. */
  readonly chosen?: VersionId
  /** `version: every`; a pin overrides it. */
  readonly every: boolean
}

/** The place of a build in its job: `rerun_of ?? id`, then `id`. */
export interface BuildOrder {
  readonly order: BuildId
  readonly build: BuildId
}

/** Sorts older builds first. */
export const byOrder = (a: BuildOrder, b: BuildOrder): number => a.order - b.order || a.build - b.build

/** Stands in a success for a version that is disabled, or not in its resource's present scope. */
export const unusable = 0

/** A succeeded build: resources and versions are parallel, puts in the order of saving first, then gets. */
export interface Success extends BuildOrder {
  readonly job: JobId
  readonly resources: readonly ResourceId[]
  readonly versions: readonly VersionId[]
}

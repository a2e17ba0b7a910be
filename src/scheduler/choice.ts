import type { MissingInput } from '../model/listed-build.ts'
import type { BuildId, VersionId } from './ports.ts'

/** The versions that a job's inputs would take now. */
export interface Choice {
  /** By input; of those that have one. */
  readonly versions: ReadonlyMap<string, VersionId>
  readonly missing: readonly MissingInput[]
  /** Names of inputs whose version was in no build of the job under this name. */
  readonly firsts: ReadonlySet<string>
  readonly pipes: readonly BuildId[]
  /** `version: every` has more after these. */
  readonly more: boolean
}

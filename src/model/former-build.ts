import type { JsonObject } from './json.ts'
import type { PlanId } from './plan.ts'

/** An earlier build of the same job, with what is recorded of the images that its steps ran in. */
export interface FormerBuild {
  readonly name: string
  readonly context: JsonObject
  /** Of steps whose image has a digest. */
  readonly digests: ReadonlyMap<PlanId, string>
  /** Of steps that made plans when their turn came. */
  readonly made: ReadonlyMap<PlanId, JsonObject>
}

/** Those before a build, the newest first. */
export interface FormerBuildsRead {
  readonly builds: Iterable<FormerBuild>
  /** All of them have ended: they stay as they are. */
  readonly settled: boolean
  /** As the database holds them. */
  readonly bytes: number
}

/** The image that a step had in an earlier build of its job: the build's name, and the digest. */
export interface FormerImage {
  readonly build: string
  readonly digest: string
}

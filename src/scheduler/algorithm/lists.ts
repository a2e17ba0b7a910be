import { giving, newestFirst, type Candidates } from './candidates.ts'
import { nothing, type Group } from './group.ts'
import type { VersionId } from './input.ts'
import type { Limits } from './limits.ts'
import type { Pair } from './state.ts'

/** What was read of a group's successes page by page, for all questions about the same. */
export class Lists {
  readonly #group: Group
  readonly #limits: Limits
  readonly #known = new Map<string, Candidates>()

  constructor(group: Group, limits: Limits) {
    this.#group = group
    this.#limits = limits
  }

  /** Successes of the pair's job, newest first: those that list the version, if one is given. */
  of({ input, job }: Pair, version: VersionId): Candidates {
    const resource = this.#group.inputs[input]?.resource ?? 0
    const key = version === nothing ? `${job}` : `${job} ${resource} ${version}`
    let list = this.#known.get(key)
    if (list === undefined) {
      list = version === nothing ? newestFirst(this.#group, job, this.#limits) : giving(this.#group, job, { resource, version }, this.#limits)
      this.#known.set(key, list)
    }
    return list
  }
}

import { nothing, type Candidate, type Group } from './group.ts'
import type { BuildId, JobId } from './input.ts'

/** A passed job has to vouch for an input. */
export interface Pair {
  readonly input: number
  readonly job: JobId
}

/** The versions that are chosen so far, and who has vouched for them. */
export class State {
  readonly versions: Int32Array
  readonly #group: Group
  readonly #vouchers: readonly Map<JobId, Candidate>[]

  constructor(group: Group) {
    this.#group = group
    this.versions = Int32Array.from(group.inputs, ({ pinned }) => pinned ?? nothing)
    this.#vouchers = group.inputs.map(() => new Map())
  }

  /** Gives no input another version than the chosen one. */
  agrees({ gives }: Candidate): boolean {
    for (let index = 0; index < gives.length; index++) {
      const given = gives[index] ?? nothing
      const chosen = this.versions[index] ?? nothing
      if (given !== nothing && chosen !== nothing && given !== chosen) return false
    }
    return true
  }

  /** Chooses all that the success gives; returns what takes it back. */
  vouch(candidate: Candidate): () => void {
    const chosen: number[] = []
    const vouched: number[] = []
    for (const index of this.#group.related.get(candidate.job) ?? []) {
      const given = candidate.gives[index] ?? nothing
      if (given === nothing) continue
      if (this.versions[index] === nothing) {
        this.versions[index] = given
        chosen.push(index)
      }
      const vouchers = this.#vouchers[index]
      if (vouchers?.has(candidate.job) !== false) continue
      vouchers.set(candidate.job, candidate)
      vouched.push(index)
    }
    return () => {
      for (const index of chosen) this.versions[index] = nothing
      for (const index of vouched) this.#vouchers[index]?.delete(candidate.job)
    }
  }

  /** The first pair by input name and job id that nobody vouches for; one that only confirms is left until its input has a version. */
  nextPair(onlyConfirms: (pair: Pair) => boolean): Pair | undefined {
    for (const [input, { passed }] of this.#group.inputs.entries()) {
      for (const job of passed) {
        const pair = { input, job }
        if (this.voucher(pair) === undefined && (this.versions[input] !== nothing || !onlyConfirms(pair))) return pair
      }
    }
    return undefined
  }

  voucher({ input, job }: Pair): Candidate | undefined {
    return this.#vouchers[input]?.get(job)
  }

  builds(): BuildId[][] {
    return this.#vouchers.map((vouchers) => [...vouchers.values()].map(({ build }) => build).toSorted((a, b) => a - b))
  }
}

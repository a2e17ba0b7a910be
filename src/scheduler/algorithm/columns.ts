import { ask, type Asking } from './ask.ts'
import type { Candidates } from './candidates.ts'
import type { Domains } from './domains.ts'
import { candidateOf, nothing, type Candidate, type Group } from './group.ts'
import type { BuildOrder, JobId, VersionId } from './input.ts'
import type { Limits } from './limits.ts'

/** Most of what can be removed goes in the first rounds. */
const mostRounds = 4

/** All successes of a group in memory: of those that give the same, the newest. */
export class Columns {
  readonly #group: Group
  readonly #rows = new Map<JobId, Candidate[]>()
  readonly #indexes = new Map<string, Map<VersionId, number[]>>()

  private constructor(group: Group) {
    this.#group = group
  }

  static *read(group: Group, limits: Limits): Asking<Columns> {
    const columns = new Columns(group)
    for (const job of group.jobs) columns.#rows.set(job, yield* rowsOf(group, job, limits))
    return columns
  }

  /**
   * The versions of each input that every one of its jobs gives in a success whose versions are all such ones; forgets the other successes.
   * Each round may remove one success only, so the number of rounds has a limit: the search rejects what is left.
   */
  *reduce(): Asking<Domains> {
    for (let round = 1; ; round++) {
      const domains = this.#group.inputs.map((_, index) => this.#common(index))
      let removed = 0
      for (const [job, rows] of this.#rows) {
        const left = rows.filter(({ gives }) => gives.every((version, index) => version === nothing || domains[index]?.has(version) === true))
        removed += rows.length - left.length
        this.#rows.set(job, left)
      }
      if (removed === 0 || round === mostRounds) return domains
      yield { kind: 'pause' }
    }
  }

  #common(index: number): Set<VersionId> {
    let common: Set<VersionId> | undefined
    for (const job of this.#group.inputs[index]?.passed ?? []) {
      const given = new Set<VersionId>()
      for (const { gives } of this.#rows.get(job) ?? []) {
        const version = gives[index] ?? nothing
        if (version !== nothing && (common === undefined || common.has(version))) given.add(version)
      }
      common = given
    }
    return common ?? new Set()
  }

  /** Successes of the job, newest first: at least all that agree with `chosen`, and few others. */
  matching(job: JobId, chosen: Int32Array): Candidates {
    const rows = this.#rows.get(job) ?? []
    let fewest: number[] | undefined
    for (const index of this.#group.related.get(job) ?? []) {
      const version = chosen[index] ?? nothing
      if (version === nothing) continue
      const column = this.#index(job, index)
      const same = column.get(version) ?? []
      const without = column.get(nothing) ?? []
      if (fewest === undefined || same.length + without.length < fewest.length) fewest = merge(same, without)
    }
    const picked = fewest
    return picked === undefined ? inMemory(rows.length, (at) => rows[at]) : inMemory(picked.length, (at) => rows[picked[at] ?? -1])
  }

  #index(job: JobId, input: number): Map<VersionId, number[]> {
    const key = `${job} ${input}`
    const known = this.#indexes.get(key)
    if (known) return known
    const made = Map.groupBy((this.#rows.get(job) ?? []).keys(), (row) => this.#rows.get(job)?.[row]?.gives[input] ?? nothing)
    this.#indexes.set(key, made)
    return made
  }
}

function* rowsOf(group: Group, job: JobId, limits: Limits): Asking<Candidate[]> {
  const rows = new Map<string, Candidate>()
  let after: BuildOrder | undefined
  for (;;) {
    const question = { kind: 'columns', job, resources: group.resources, limit: limits.largePage, ...(after && { after }) } as const
    const { successes } = yield* ask(question, 'successes')
    for (const success of successes) {
      const candidate = candidateOf(group, success)
      if (candidate === undefined) continue
      const key = candidate.gives.join(',')
      if (!rows.has(key)) rows.set(key, candidate)
    }
    after = successes.at(-1)
    if (successes.length < limits.largePage) return [...rows.values()]
  }
}

/** Of two ascending lists of row numbers. */
function merge(a: readonly number[], b: readonly number[]): number[] {
  return b.length === 0 ? [...a] : [...a, ...b].toSorted((x, y) => x - y)
}

function inMemory(length: number, row: (at: number) => Candidate | undefined): Candidates {
  return {
    // oxlint-disable-next-line require-yield -- the store's lists ask
    *at(index) {
      return index < length ? row(index) : undefined
    },
  }
}

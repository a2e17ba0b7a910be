import { ask, type Asking } from './ask.ts'
import type { Candidates } from './candidates.ts'
import type { Domain, Domains } from './domains.ts'
import { nothing, type Candidate, type Group } from './group.ts'
import type { JobId, VersionId } from './input.ts'
import type { Limits } from './limits.ts'
import { neighboursOf, removeUnmatched } from './matching.ts'
import { readRows } from './read-rows.ts'
import type { Rows, Values } from './rows.ts'

/** Most of what can be removed goes in the first rounds. */
const mostRounds = 4
/** So few rows are looked at one by one sooner than another input is indexed. */
const few = 4

/**
 * All successes of a group in memory. Whether their versions can be used is asked when a choice is found: until then all are taken for usable, so that
 * what has no solution has none, and a choice may have to be rejected.
 */
export class Columns {
  readonly #group: Group
  readonly #values: readonly Values[]
  readonly #rows: ReadonlyMap<JobId, Rows>
  #onlyUsable = false

  private constructor(group: Group, values: readonly Values[], rows: ReadonlyMap<JobId, Rows>) {
    this.#group = group
    this.#values = values
    this.#rows = rows
  }

  static *read(group: Group, limits: Limits): Asking<Columns> {
    const { values, rows } = yield* readRows(group, limits)
    return new Columns(group, values, rows)
  }

  /**
   * The versions of each input that every one of its jobs gives in a success whose versions are all such ones; forgets the other successes, and
   * those that none of another job goes with. Each round may remove one success only, so the number of rounds has a limit: the search rejects what is left.
   */
  *reduce(): Asking<Domains> {
    const neighbours = neighboursOf(this.#group)
    for (let round = 1; ; round++) {
      const unmatched = removeUnmatched(neighbours, this.#rows)
      const common = this.#group.inputs.map((_, input) => this.#common(input))
      if (this.#removeOutside(common) + unmatched === 0 || round === mostRounds) return common.map((numbers, input) => new Common(numbers, this.#values[input]))
      yield { kind: 'pause' }
    }
  }

  /** Of each version of an input, by number: whether all of its jobs give it. */
  #common(input: number): Uint8Array {
    const passed = this.#group.inputs[input]?.passed ?? []
    const givenBy = new Int32Array(this.#values[input]?.length ?? 0)
    for (const [before, job] of passed.entries()) {
      const rows = this.#rows.get(job)
      const column = this.#column(job, input)
      rows?.left.forEach((row) => {
        const number = rows.cell(row, column)
        if (givenBy[number] === before) givenBy[number] = before + 1
      })
    }
    const common = new Uint8Array(givenBy.length)
    for (let number = 1; number < common.length; number++) common[number] = givenBy[number] === passed.length ? 1 : 0
    return common
  }

  #removeOutside(allowed: readonly Uint8Array[]): number {
    let removed = 0
    for (const [job, rows] of this.#rows) {
      const related = this.#group.related.get(job) ?? []
      removed += rows.keep((row) => {
        for (let column = 0; column < related.length; column++) {
          const number = rows.cell(row, column)
          if (number !== nothing && allowed[related[column] ?? 0]?.[number] !== 1) return false
        }
        return true
      })
    }
    return removed
  }

  /** Whether the versions that were found can be used, one for each input. */
  *canUse(versions: Int32Array): Asking<boolean> {
    if (this.#onlyUsable) return true
    const { usable } = yield* ask({ kind: 'usable', resources: this.#group.inputs.map(({ resource }) => resource), versions: [...versions] }, 'usable')
    return usable.every(Boolean)
  }

  /** Asks of every version that is left whether it can be used, and forgets the successes with others. */
  *removeUnusable(): Asking<Domains> {
    const allowed: Uint8Array[] = []
    for (const [input, { resource }] of this.#group.inputs.entries()) {
      const values = this.#values[input]
      const versions = Array.from({ length: (values?.length ?? 1) - 1 }, (_, at) => values?.version(at + 1) ?? nothing)
      const { usable } = yield* ask({ kind: 'usable', resources: versions.map(() => resource), versions }, 'usable')
      allowed.push(Uint8Array.from([0, ...usable.map(Number)]))
    }
    this.#removeOutside(allowed)
    this.#onlyUsable = true
    return yield* this.reduce()
  }

  /** Successes of the job, newest first: at least all that agree with `chosen`, and few others. */
  matching(job: JobId, chosen: Int32Array): Candidates {
    const rows = this.#rows.get(job)
    if (rows === undefined) return inMemory(new Int32Array(), () => undefined)
    const related = this.#group.related.get(job) ?? []
    const candidate = (row: number): Candidate => rows.candidate(row, related, this.#values)
    let fewest: { readonly same: Int32Array; readonly without: Int32Array } | undefined
    for (const [column, input] of related.entries()) {
      const values = this.#values[input]
      if (chosen[input] === nothing || values === undefined) continue
      // What no success gives has the number behind the last: only those without any are left.
      const found = rows.giving(column, values.numberOf(chosen[input] ?? nothing) ?? values.length, values)
      if (fewest === undefined || sizeOf(found) < sizeOf(fewest)) fewest = found
      if (sizeOf(fewest) <= few) break
    }
    return inMemory(fewest === undefined ? rows.left : merged(fewest), candidate)
  }

  #column(job: JobId, input: number): number {
    return this.#group.related.get(job)?.indexOf(input) ?? -1
  }
}

class Common implements Domain {
  readonly size: number
  readonly #numbers: Uint8Array
  readonly #values: Values | undefined

  constructor(numbers: Uint8Array, values: Values | undefined) {
    this.#numbers = numbers
    this.#values = values
    this.size = numbers.reduce((sum, one) => sum + one, 0)
  }

  has(version: VersionId): boolean {
    return this.#numbers[this.#values?.numberOf(version) ?? 0] === 1
  }
}

interface Found {
  readonly same: Int32Array
  readonly without: Int32Array
}

const sizeOf = ({ same, without }: Found): number => same.length + without.length

/** Both ascend. */
function merged({ same, without }: Found): Int32Array {
  if (without.length === 0) return same
  const both = new Int32Array(same.length + without.length)
  both.set(same)
  both.set(without, same.length)
  return both.sort()
}

function inMemory(rows: Int32Array, candidate: (row: number) => Candidate | undefined): Candidates {
  return {
    inDomains: true,
    // oxlint-disable-next-line require-yield -- the store's lists ask
    *at(index) {
      const row = rows[index]
      return row === undefined ? undefined : candidate(row)
    },
  }
}

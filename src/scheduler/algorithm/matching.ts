import { nothing, type Group } from './group.ts'
import type { JobId } from './input.ts'
import type { Rows } from './rows.ts'

/** Two jobs that have to pass several of the same inputs, and the columns of these in the rows of each. */
export interface Neighbours {
  readonly jobs: readonly [JobId, JobId]
  readonly columns: readonly [readonly number[], readonly number[]]
}

/**
 * Each job with the one before it that shares most inputs with it: a tree, since to compare each with each takes too long where there are many.
 * One shared input is none: what is common to each input alone is known without.
 */
export function neighboursOf({ jobs, related }: Group): readonly Neighbours[] {
  return jobs.flatMap((job, at) => {
    const own = related.get(job) ?? []
    let best: { readonly other: JobId; readonly shared: readonly number[] } | undefined
    for (const other of jobs.slice(0, at)) {
      const shared = own.filter((input) => related.get(other)?.includes(input) === true)
      if (shared.length > (best?.shared.length ?? 1)) best = { other, shared }
    }
    if (best === undefined) return []
    const columnsOf = (of: JobId): number[] => (best?.shared ?? []).map((input) => related.get(of)?.indexOf(input) ?? -1)
    return [{ jobs: [best.other, job], columns: [columnsOf(best.other), columnsOf(job)] }]
  })
}

/**
 * Forgets successes that no success of the neighbour goes with: one that vouches decides the versions of all that it gives, and the neighbour has to
 * give the same together. A success that gives only some of them goes with many: where there is one, its neighbour's all stay. Gives how many went.
 */
export function removeUnmatched(neighbours: readonly Neighbours[], rows: ReadonlyMap<JobId, Rows>): number {
  let removed = 0
  for (const { jobs, columns } of neighbours) {
    const [a, b] = [rows.get(jobs[0]), rows.get(jobs[1])]
    if (a === undefined || b === undefined) continue
    const [ofA, ofB] = [togetherOf(a, columns[0]), togetherOf(b, columns[1])]
    removed += keepMatched(a, ofA, ofB) + keepMatched(b, ofB, ofA)
  }
  return removed
}

interface Together {
  /** Of each row a hash of what it gives; `some`: it gives not all of them. */
  readonly hashes: Int32Array
  readonly all: ReadonlySet<number>
  readonly complete: boolean
}

const some = 0

function togetherOf(rows: Rows, columns: readonly number[]): Together {
  const hashes = new Int32Array(rows.count)
  const all = new Set<number>()
  let complete = true
  for (const row of rows.left) {
    let hash = 1
    for (const column of columns) {
      const number = rows.cell(row, column)
      if (number === nothing) {
        hash = some
        break
      }
      hash = (Math.imul(hash, 31) + number) | 0 || 1
    }
    hashes[row] = hash
    if (hash === some) complete = false
    else all.add(hash)
  }
  return { hashes, all, complete }
}

/** Equal hashes of what is not the same keep a success that could go: the search finds that out. */
function keepMatched(rows: Rows, { hashes }: Together, { all, complete }: Together): number {
  return complete ? rows.keep((row) => hashes[row] === some || all.has(hashes[row] ?? some)) : 0
}

import { nothing, type Candidate } from './group.ts'
import type { BuildOrder, JobId, VersionId } from './input.ts'

/** The versions that an input is given, by small numbers from 1; 0 is nothing. */
export class Values {
  readonly #versions: VersionId[] = [nothing]
  readonly #numbers = new Map<VersionId, number>([[nothing, 0]])

  /** One more than the highest number. */
  get length(): number {
    return this.#versions.length
  }

  /** The number of a version, which it gets if it has none. */
  add(version: VersionId): number {
    const known = this.#numbers.get(version)
    if (known !== undefined) return known
    this.#numbers.set(version, this.#versions.length)
    return this.#versions.push(version) - 1
  }

  numberOf(version: VersionId): number | undefined {
    return this.#numbers.get(version)
  }

  version(number: number): VersionId {
    return this.#versions[number] ?? nothing
  }
}

/** Row numbers by what they give one input. */
interface Index {
  /** Where the rows of each number begin in `rows`, and behind the last where they end. */
  readonly starts: Int32Array
  /** Ascending within a number. */
  readonly rows: Int32Array
}

/** The successes of a job, newest first, as numbers in one array: of those that give the same, the newest. */
export class Rows {
  readonly job: JobId
  readonly width: number
  #cells: Int32Array
  #count = 0
  readonly #builds: BuildOrder[] = []
  /** By the hash of what they give: the last row with it, and of each row the one before. */
  readonly #last = new Map<number, number>()
  readonly #before: number[] = []
  /** Those that are not removed. */
  #left: Int32Array | undefined
  readonly #indexes = new Map<number, Index>()

  constructor(job: JobId, width: number) {
    this.job = job
    this.width = width
    this.#cells = new Int32Array(width * 64)
  }

  /** Rows that are not removed, newest first. */
  get left(): Int32Array {
    this.#left ??= Int32Array.from({ length: this.#count }, (_, row) => row)
    return this.#left
  }

  /** The number that the row gives the related input at this place. */
  cell(row: number, column: number): number {
    return this.#cells[row * this.width + column] ?? 0
  }

  /** Adds the success unless a newer one gives the same. */
  add({ order, build }: BuildOrder, numbers: Int32Array): void {
    const start = this.#count * this.width
    if (start + this.width > this.#cells.length) {
      const larger = new Int32Array(this.#cells.length * 2)
      larger.set(this.#cells)
      this.#cells = larger
    }
    this.#cells.set(numbers, start)
    const hash = hashOf(numbers)
    for (let row = this.#last.get(hash) ?? -1; row >= 0; row = this.#before[row] ?? -1) if (this.#isSame(row, this.#count)) return
    this.#before.push(this.#last.get(hash) ?? -1)
    this.#last.set(hash, this.#count)
    this.#builds.push({ order, build })
    this.#count += 1
  }

  /** Gives how many went. */
  keep(stays: (row: number) => boolean): number {
    const before = this.left
    this.#left = before.filter(stays)
    if (this.#left.length !== before.length) this.#indexes.clear()
    return before.length - this.#left.length
  }

  /** Rows that give this number, or nothing. */
  giving(column: number, number: number, values: Values): { readonly same: Int32Array; readonly without: Int32Array } {
    let index = this.#indexes.get(column)
    if (index === undefined) this.#indexes.set(column, (index = this.#indexed(column, values)))
    const { starts, rows } = index
    return { same: rows.subarray(starts[number], starts[number + 1]), without: rows.subarray(0, starts[1]) }
  }

  candidate(row: number, related: readonly number[], values: readonly Values[]): Candidate {
    const gives = new Int32Array(values.length)
    for (let column = 0; column < this.width; column++) {
      const input = related[column] ?? 0
      gives[input] = values[input]?.version(this.cell(row, column)) ?? nothing
    }
    const { order, build } = this.#builds[row] ?? { order: 0, build: 0 }
    return { job: this.job, order, build, gives }
  }

  #isSame(a: number, b: number): boolean {
    for (let column = 0; column < this.width; column++) if (this.cell(a, column) !== this.cell(b, column)) return false
    return true
  }

  /** Sorts by counting. */
  #indexed(column: number, values: Values): Index {
    const { left } = this
    const starts = new Int32Array(values.length + 1)
    for (const row of left) starts[this.cell(row, column) + 1] = (starts[this.cell(row, column) + 1] ?? 0) + 1
    for (let number = 1; number < starts.length; number++) starts[number] = (starts[number] ?? 0) + (starts[number - 1] ?? 0)
    const next = starts.slice()
    const rows = new Int32Array(left.length)
    for (const row of left) {
      const number = this.cell(row, column)
      const at = next[number] ?? 0
      rows[at] = row
      next[number] = at + 1
    }
    return { starts, rows }
  }
}

function hashOf(numbers: Int32Array): number {
  let hash = 0
  for (const number of numbers) hash = (Math.imul(hash, 31) + number) | 0
  return hash
}

import { nothing, type Candidate } from './group.ts'
import type { BuildOrder, JobId, VersionId } from './input.ts'

/**
 * The versions that an input is given, by small numbers from 1; 0 is nothing. A table with open addressing, since it is asked for each version of
 * each success: a Map takes ten times as long.
 */
export class Values {
  #versions = new Int32Array(64)
  #count = 1
  /** Numbers of versions, each at the first place from the hash of its version on that was free; 0: free. At most half of them are taken. */
  #places = new Int32Array(128)

  /** One more than the highest number. */
  get length(): number {
    return this.#count
  }

  /** The number of a version, which it gets if it has none. */
  add(version: VersionId): number {
    if (version === nothing) return 0
    const place = this.#placeOf(version)
    const known = this.#places[place] ?? 0
    if (known !== 0) return known
    if (this.#count === this.#versions.length) {
      this.#grow()
      return this.add(version)
    }
    this.#places[place] = this.#count
    this.#versions[this.#count] = version
    this.#count += 1
    return this.#count - 1
  }

  numberOf(version: VersionId): number | undefined {
    const number = this.#places[this.#placeOf(version)] ?? 0
    return number === 0 && version !== nothing ? undefined : number
  }

  version(number: number): VersionId {
    return this.#versions[number] ?? nothing
  }

  /** Where the version's number stands, or would. */
  #placeOf(version: VersionId): number {
    const last = this.#places.length - 1
    let place = Math.imul(version, -1_640_531_527) >>> 7 & last
    for (let number = this.#places[place] ?? 0; number !== 0 && this.#versions[number] !== version; number = this.#places[place] ?? 0) place = (place + 1) & last
    return place
  }

  #grow(): void {
    const versions = new Int32Array(this.#versions.length * 2)
    versions.set(this.#versions)
    this.#versions = versions
    this.#places = new Int32Array(versions.length * 2)
    for (let number = 1; number < this.#count; number++) this.#places[this.#placeOf(this.version(number))] = number
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

  /** Also of those that were removed. */
  get count(): number {
    return this.#count
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

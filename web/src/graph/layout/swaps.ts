import type { Ends, Links } from './links.ts'

const mostPasses = 8

/** Swaps neighbours of a column as long as that makes fewer crossings; `place` is kept true. */
export function swapped(columns: number[][], { before, after }: Links, place: Int32Array): number[][] {
  const [left, right] = [new Places(before), new Places(after)]
  for (const column of columns) {
    // The columns beside this one stay as they are.
    left.of(column, place)
    right.of(column, place)
    for (let again = true, passes = 0; again && passes < mostPasses; passes++) {
      again = false
      for (let index = 1; index < column.length; index++) {
        const upper = column[index - 1]!
        const lower = column[index]!
        if (left.gain(upper, lower) + right.gain(upper, lower) <= 0) continue
        column[index - 1] = lower
        column[index] = upper
        place[lower] = index - 1
        place[upper] = index
        again = true
      }
    }
  }
  return columns
}

/** The places of each node's neighbours at one side, sorted. */
class Places {
  readonly #from: Int32Array
  readonly #to: Int32Array
  readonly #sorted: Int32Array

  constructor({ from, to }: Ends) {
    this.#from = from
    this.#to = to
    this.#sorted = new Int32Array(to.length)
  }

  of(column: readonly number[], place: Int32Array): void {
    for (const node of column) {
      const [first, end] = [this.#from[node]!, this.#from[node + 1]!]
      for (let at = first; at < end; at++) this.#sorted[at] = place[this.#to[at]!]!
      if (end - first > 1) this.#sorted.subarray(first, end).sort()
    }
  }

  /** How many crossings fewer there are when the two change places: pairs of their links that cross now, less those that would. */
  gain(upper: number, lower: number): number {
    const sorted = this.#sorted
    const end = this.#from[upper + 1]!
    const lowerEnd = this.#from[lower + 1]!
    let [less, notMore, gain] = [this.#from[lower]!, this.#from[lower]!, 0]
    for (let at = this.#from[upper]!; at < end; at++) {
      const own = sorted[at]!
      while (less < lowerEnd && sorted[less]! < own) less++
      while (notMore < lowerEnd && sorted[notMore]! <= own) notMore++
      gain += less - this.#from[lower]! - (lowerEnd - notMore)
    }
    return gain
  }
}

import type { Line } from './line.ts'

export const blockLines = 1_024
/** Lines from the last that the cursor still reaches. */
export const liveLines = 256

/** What all steps of a build may hold together; a larger log keeps its newest lines, and the download has all. */
export interface Budget {
  readonly maxLines: number
  readonly maxCharacters: number
}

export const defaultBudget: Budget = { maxLines: 2_000_000, maxCharacters: 256 * 1024 * 1024 }

/** The lines of one step, in blocks. Lines are numbered from 0; `first` is the first that is held. */
export class Lines {
  readonly #blocks: Line[][] = []
  #first: number
  #length: number
  /** Characters of lines that cannot change. */
  #frozen = 0

  /** @param first of a part of a log: the number of its first line */
  constructor(first = 0) {
    this.#first = first
    this.#length = first
  }

  get first(): number {
    return this.#first
  }

  get length(): number {
    return this.#length
  }

  /** The first line that may still change. */
  get firstLive(): number {
    return Math.max(this.#first, this.#length - liveLines)
  }

  at(index: number): Line | undefined {
    if (index < this.#first) return undefined
    const offset = index - this.#first
    return this.#blocks[Math.floor(offset / blockLines)]?.[offset % blockLines]
  }

  push(line: Line): void {
    const last = this.#blocks.at(-1)
    if (last === undefined || last.length === blockLines) this.#blocks.push([line])
    else last.push(line)
    this.#length += 1
    const frozen = this.at(this.#length - liveLines - 1)
    frozen?.freeze()
    this.#frozen += frozen?.columns ?? 0
  }

  /** That are held. */
  get characters(): number {
    let live = 0
    for (const [, { columns }] of this.from(this.firstLive)) live += columns
    return this.#frozen + live
  }

  /** Nothing in the oldest block may change. */
  get canDrop(): boolean {
    return this.#first + blockLines <= this.firstLive
  }

  /** Lets go of the oldest block. */
  dropOldest(): void {
    if (!this.canDrop) return
    const block = this.#blocks.shift() ?? []
    this.#first += block.length
    for (const { columns } of block) this.#frozen -= columns
  }

  *from(index: number, end = this.#length): Generator<readonly [number, Line]> {
    for (let at = Math.max(index, this.#first); at < end; at += 1) {
      const line = this.at(at)
      if (line !== undefined) yield [at, line]
    }
  }
}

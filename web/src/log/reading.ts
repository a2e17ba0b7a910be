/** What Reading needs around it; a worker and tests have different ones. */
export interface ReadingAround {
  readonly now: () => number
  /** Calls it as a task of its own, behind the questions that wait. */
  readonly later: (call: () => void) => void
  readonly engine: {
    /** Yields between small parts of the work. */
    read(bytes: Uint8Array): Iterator<void>
    cut(): void
  }
  /** A slice has been read. */
  readonly progress: () => void
  readonly broken: (message: string) => void
}

/** Questions wait no longer than that, ms. */
export const sliceMs = 8

/** Reads the stream of a build's events in slices, so that questions of the page are answered while much of it is unread. */
export class Reading {
  readonly #around: ReadingAround
  readonly #waiting: (Uint8Array | 'cut')[] = []
  #current: Iterator<void> | undefined
  #under = false

  constructor(around: ReadingAround) {
    this.#around = around
  }

  /** `cut`: the connection broke, perhaps within an event. */
  take(piece: Uint8Array | 'cut'): void {
    this.#waiting.push(piece)
    if (this.#under) return
    this.#under = true
    this.#slice()
  }

  #slice(): void {
    const { now, later, progress, broken } = this.#around
    const until = now() + sliceMs
    try {
      do this.#under = this.#step()
      while (this.#under && now() < until)
    } catch (error) {
      this.#under = false
      this.#current = undefined
      this.#waiting.length = 0
      return broken(error instanceof Error ? error.message : String(error))
    }
    progress()
    if (this.#under) later(() => this.#slice())
  }

  /** Tells whether there is more. */
  #step(): boolean {
    if (this.#current?.next().done === false) return true
    this.#current = undefined
    const next = this.#waiting.shift()
    if (next === 'cut') this.#around.engine.cut()
    else if (next !== undefined) this.#current = this.#around.engine.read(next)
    return next !== undefined
  }
}

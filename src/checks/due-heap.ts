interface Due {
  readonly at: number
  readonly key: number
}

/** Keys by the time at which they are due. A key that is set again keeps the last time only. */
export class DueHeap {
  readonly #heap: Due[] = []
  readonly #due = new Map<number, Due>()

  /** Undefined: it is not due any more. */
  set(key: number, at: number | undefined): void {
    if (this.#due.get(key)?.at === at) return
    this.#due.delete(key)
    if (at === undefined) return
    const due = { at, key }
    this.#due.set(key, due)
    this.#heap.push(due)
    this.#up(this.#heap.length - 1)
  }

  /** When the next one is due. */
  get next(): number | undefined {
    this.#dropStale()
    return this.#heap[0]?.at
  }

  /** Takes the next one that is due by then. */
  take(now: number): number | undefined {
    this.#dropStale()
    const [first] = this.#heap
    if (first === undefined || first.at > now) return undefined
    this.#pop()
    this.#due.delete(first.key)
    return first.key
  }

  get size(): number {
    return this.#due.size
  }

  #dropStale(): void {
    for (let [first] = this.#heap; first !== undefined && this.#due.get(first.key) !== first; [first] = this.#heap) this.#pop()
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#down(0)
  }

  #up(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfLater(parent, at)) return
      at = parent
    }
  }

  #down(index: number): void {
    for (let at = index; ; ) {
      const left = 2 * at + 1
      const right = left + 1
      const child = (this.#heap[right]?.at ?? Infinity) < (this.#heap[left]?.at ?? Infinity) ? right : left
      if (!this.#swapIfLater(at, child)) return
      at = child
    }
  }

  #swapIfLater(upper: number, lower: number): boolean {
    const [a, b] = [this.#heap[upper], this.#heap[lower]]
    if (a === undefined || b === undefined || a.at <= b.at) return false
    this.#heap[upper] = b
    this.#heap[lower] = a
    return true
  }
}

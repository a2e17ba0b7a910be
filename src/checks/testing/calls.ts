/** Calls that are under way, of a database's stores in tests. */
export class Calls {
  #open = 0
  #waiting: (() => void)[] = []

  async during<T>(call: () => Promise<T>): Promise<T> {
    this.#open += 1
    try {
      return await call()
    } finally {
      this.#open -= 1
      if (this.#open === 0) for (const resolve of this.#waiting.splice(0)) resolve()
    }
  }

  /** Resolves when none has been made for so many turns of the event loop. While one is under way it takes no turns: they would take a processor from the database. */
  async settled(turns: number): Promise<void> {
    for (let idle = 0; idle < turns; idle += 1) {
      for (; this.#open > 0; idle = 0) await new Promise<void>((resolve) => void this.#waiting.push(resolve))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

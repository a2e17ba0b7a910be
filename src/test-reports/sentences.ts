const most = 100

/** A list with a bound of what was left out: an archive may hold a million files that are. */
export class Sentences {
  readonly #first: string[] = []
  #more = 0

  add(sentence: string): void {
    if (this.#first.length < most) this.#first.push(sentence)
    else this.#more += 1
  }

  list(): readonly string[] {
    return this.#more === 0 ? [...this.#first] : [...this.#first, `and ${this.#more} more like these`]
  }
}

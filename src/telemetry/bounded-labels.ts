/** Stands for all that come after the bound. */
const other = 'other'

/** Label values that names of users are made of: the first `most` sets stand for themselves, all others are one, so that a registry of metrics does not grow without end. */
export class BoundedLabels {
  readonly #most: number
  readonly #known = new Set<string>()

  constructor(most: number) {
    this.#most = most
  }

  of<const Name extends string>(labels: Readonly<Record<Name, string>>): Readonly<Record<Name, string>> {
    const key = JSON.stringify(labels)
    if (!this.#known.has(key)) {
      if (this.#known.size >= this.#most) return Object.fromEntries(Object.keys(labels).map((name) => [name, other])) as Record<Name, string>
      this.#known.add(key)
    }
    return labels
  }
}

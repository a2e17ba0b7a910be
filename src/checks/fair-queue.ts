/** Keys that wait, in turns by team: a team with thousands waits behind its own, not others behind it. */
export class FairQueue {
  /** By team, in the order of their next turns: what waits, and since when. */
  readonly #teams = new Map<number, Map<number, number>>()

  add(team: number, key: number, now: number): void {
    const keys = this.#teams.get(team) ?? new Map<number, number>()
    if (!keys.has(key)) keys.set(key, now)
    this.#teams.set(team, keys)
  }

  take(): number | undefined {
    const [first] = this.#teams
    if (first === undefined) return undefined
    const [team, keys] = first
    const [key] = keys.keys()
    this.#teams.delete(team)
    if (key === undefined) return this.take()
    keys.delete(key)
    if (keys.size > 0) this.#teams.set(team, keys)
    return key
  }

  get size(): number {
    return [...this.#teams.values()].reduce((size, keys) => size + keys.size, 0)
  }

  /** Since when the one waits that has waited longest. */
  get oldest(): number | undefined {
    let oldest: number | undefined
    for (const keys of this.#teams.values()) {
      // The first alone: this is asked after each check, and tens of thousands may wait.
      const [first] = keys.values()
      if (first !== undefined) oldest = Math.min(first, oldest ?? first)
    }
    return oldest
  }
}

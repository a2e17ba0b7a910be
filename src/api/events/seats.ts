/** Event streams that may be open at once. */
export const streamLimits = { principal: 2_000, address: 200, server: 20_000 } as const
export type StreamLimits = { readonly [Kind in keyof typeof streamLimits]: number }

/** Counts the event streams of each person, of each address of people without a token, and of all. */
export class Seats {
  readonly #limits: StreamLimits
  readonly #taken = new Map<string, number>()
  #all = 0

  constructor(limits: StreamLimits = streamLimits) {
    this.#limits = limits
  }

  /** Gives what frees the seat; undefined: there is none for this one any more. */
  take({ kind, of }: { readonly kind: 'principal' | 'address'; readonly of: string }): (() => void) | undefined {
    const key = `${kind} ${of}`
    const taken = this.#taken.get(key) ?? 0
    if (taken >= this.#limits[kind] || this.#all >= this.#limits.server) return undefined
    this.#count(key, 1)
    let free = false
    return () => {
      if (!free) this.#count(key, -1)
      free = true
    }
  }

  #count(key: string, by: 1 | -1): void {
    this.#all += by
    const taken = (this.#taken.get(key) ?? 0) + by
    if (taken === 0) this.#taken.delete(key)
    else this.#taken.set(key, taken)
  }
}

import type { MadePlans } from './made-plans.ts'

/** Something that is worked out from a build's plan: once, and anew when a step has made its children. */
export class Derived<T> {
  private readonly made: MadePlans
  private readonly derive: () => T
  private known: { readonly value: T; readonly count: number } | undefined

  constructor(made: MadePlans, derive: () => T) {
    this.made = made
    this.derive = derive
  }

  get value(): T {
    const { count } = this.made
    if (this.known?.count !== count) this.known = { value: this.derive(), count }
    return this.known.value
  }
}

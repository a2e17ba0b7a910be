import { ask, type Asking } from './ask.ts'
import { unusedSince, type Candidates } from './candidates.ts'
import { nothing, type Group } from './group.ts'
import { byOrder, type BuildOrder, type JobId } from './input.ts'
import type { Limits } from './limits.ts'
import type { Pair, State } from './state.ts'

/** The order in which `version: every` goes through the successes of passed jobs (E2). */
export class EveryOrder {
  readonly #group: Group
  /** Of jobs that have passed something to the build whose versions come next. */
  readonly #unused = new Map<JobId, Candidates>()

  private constructor(group: Group) {
    this.#group = group
  }

  static *read(group: Group, limits: Limits): Asking<EveryOrder> {
    const order = new EveryOrder(group)
    const every = group.inputs.filter((input) => input.every && input.pin === undefined)
    for (const { resource } of every) {
      const { pipes } = yield* ask({ kind: 'pipes', resource }, 'pipes')
      if (pipes === undefined) continue
      const newest = new Map<JobId, BuildOrder>()
      for (const { job, order: at, build } of pipes.toSorted(byOrder)) newest.set(job, { order: at, build })
      for (const [job, cursor] of newest) if (group.related.has(job)) order.#unused.set(job, unusedSince(group, job, cursor, limits))
      break
    }
    return order
  }

  /** The job has passed nothing yet, where another job of the input has: it does not choose the version. */
  onlyConfirms({ input, job }: Pair): boolean {
    const { every, pin, passed } = this.#group.inputs[input] ?? { every: false, pin: undefined, passed: [] }
    return every && pin === undefined && !this.#unused.has(job) && passed.some((other) => this.#unused.has(other))
  }

  /** What is tried before all others. */
  unused({ input, job }: Pair): Candidates | undefined {
    const found = this.#group.inputs[input]
    return found?.every === true && found.pin === undefined ? this.#unused.get(job) : undefined
  }

  /** A job has further unused versions, after the success that vouches now. */
  *more(state: State): Asking<boolean> {
    for (const [input, { passed }] of this.#group.inputs.entries()) {
      for (const job of passed) {
        const list = this.unused({ input, job })
        const chosen = state.voucher({ input, job })
        if (list === undefined || chosen === undefined) continue
        let found = false
        for (let at = 0, next = yield* list.at(0); next !== undefined; next = yield* list.at(++at)) {
          if (found && next.gives.some((version, index) => version !== nothing && version !== state.versions[index])) return true
          found ||= next.build === chosen.build
          if (byOrder(next, chosen) > 0 && !found) break
        }
      }
    }
    return false
  }
}

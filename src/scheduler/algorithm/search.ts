import type { Asking } from './ask.ts'
import type { Candidates } from './candidates.ts'
import { Columns } from './columns.ts'
import { domainsOf, type Domains } from './domains.ts'
import type { EveryOrder } from './every.ts'
import { nothing, type Candidate, type Group, type Solution } from './group.ts'
import type { Limits } from './limits.ts'
import { Lists } from './lists.ts'
import { State, type Pair } from './state.ts'

/** A pair that waits to be vouched for, and the successes that may do it. */
interface Frame {
  readonly pair: Pair
  readonly sources: readonly Candidates[]
  source: number
  next: number
  /** The success that is being tried. */
  tried: Candidate | undefined
  undo: (() => void) | undefined
}

/**
 * The depth-first search of I4. It keeps every set of versions that proved impossible to complete: whether one can be completed depends on its
 * versions alone, not on who vouched for them. Where it needs many tries it first restricts each input to the versions that passed all of its jobs,
 * then reads all successes of the group.
 */
export class Search {
  readonly lists: Lists
  readonly #group: Group
  readonly #limits: Limits
  readonly #every: EveryOrder
  readonly #nogoods = new Set<string>()
  #domains: Domains | undefined
  #columns: Columns | undefined
  #tries = 0
  #steps = 0

  constructor(group: Group, every: EveryOrder, limits: Limits) {
    this.#group = group
    this.#every = every
    this.#limits = limits
    this.lists = new Lists(group, limits)
  }

  get tries(): number {
    return this.#tries
  }

  /** The first solution in the order of I4; with a seed, one in which this success vouches for all that it gives. */
  *solve(seed?: Candidate): Asking<Solution | undefined> {
    for (;;) {
      if (this.#domains?.some((domain) => domain?.size === 0) === true) return undefined
      const found = yield* this.#attempt(seed)
      if (found !== 'escalate') {
        if (found === undefined || this.#columns === undefined || (yield* this.#columns.canUse(found.versions))) return found
        this.#domains = yield* this.#columns.removeUnusable()
      } else if (this.#tries > this.#limits.columnsAfter || this.#domains !== undefined) {
        this.#columns = yield* Columns.read(this.#group, this.#limits)
        this.#domains = yield* this.#columns.reduce()
      } else this.#domains = yield* domainsOf(this.#group, this.#limits)
    }
  }

  *#attempt(seed: Candidate | undefined): Asking<Solution | undefined | 'escalate'> {
    const state = new State(this.#group)
    if (seed !== undefined && (!state.agrees(seed) || !this.#inDomains(seed))) return undefined
    if (seed !== undefined) state.vouch(seed)
    const stack: Frame[] = []
    const first = this.#open(state)
    if (first === undefined) return yield* this.#solution(state)
    stack.push(first)
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      if (++this.#steps % this.#limits.pauseEvery === 0) yield { kind: 'pause' }
      if (this.#mayEscalate()) return 'escalate'
      // The child that was tried has failed: if it chose nothing new, no other can succeed.
      const repeated = frame.tried !== undefined && this.#undo(frame) && this.#isNogood(state)
      const candidate = repeated ? undefined : yield* this.#nextOf(frame, state)
      if (candidate === 'escalate') return 'escalate'
      if (candidate === undefined) {
        this.#remember(state)
        stack.pop()
        continue
      }
      frame.tried = candidate
      frame.undo = state.vouch(candidate)
      if (this.#isNogood(state)) continue
      this.#tries += 1
      const child = this.#open(state)
      if (child === undefined) return yield* this.#solution(state)
      stack.push(child)
    }
    return undefined
  }

  #undo(frame: Frame): true {
    frame.undo?.()
    frame.tried = undefined
    return true
  }

  *#nextOf(frame: Frame, state: State): Asking<Candidate | undefined | 'escalate'> {
    for (let source = frame.sources[frame.source]; source !== undefined; source = frame.sources[frame.source]) {
      const candidate = yield* source.at(frame.next)
      if (candidate === undefined) {
        frame.source += 1
        frame.next = 0
        continue
      }
      frame.next += 1
      if (frame.next % this.#limits.page === 0) this.#tries += 1
      if (candidate.gives[frame.pair.input] !== nothing && state.agrees(candidate) && (source.inDomains === true || this.#inDomains(candidate))) return candidate
      if (++this.#steps % this.#limits.pauseEvery === 0) yield { kind: 'pause' }
      if (this.#mayEscalate()) return 'escalate'
    }
    return undefined
  }

  /** Undefined when all is vouched for. */
  #open(state: State): Frame | undefined {
    const pair = state.nextPair((waiting) => this.#every.onlyConfirms(waiting))
    if (pair === undefined) return undefined
    const fresh = this.#every.unused(pair)
    const rest = this.#newest(pair, state)
    return { pair, sources: fresh === undefined ? [rest] : [fresh, rest], source: 0, next: 0, tried: undefined, undo: undefined }
  }

  #newest(pair: Pair, state: State): Candidates {
    if (this.#columns) return this.#columns.matching(pair.job, state.versions)
    return this.lists.of(pair, state.versions[pair.input] ?? nothing)
  }

  *#solution(state: State): Asking<Solution> {
    return { versions: state.versions, builds: state.builds(), more: yield* this.#every.more(state) }
  }

  #inDomains({ gives }: Candidate): boolean {
    const domains = this.#domains
    return domains === undefined || gives.every((version, index) => version === nothing || domains[index]?.has(version) !== false)
  }

  /** Where no input could be restricted, more tries promise little. */
  #mayEscalate(): boolean {
    if (this.#tries > this.#limits.columnsAfter || this.#domains?.every((domain) => domain === undefined) === true) return this.#columns === undefined
    return this.#tries > this.#limits.domainAfter && this.#domains === undefined
  }

  #isNogood(state: State): boolean {
    return this.#nogoods.has(this.#limits.nogoodKey(state.versions))
  }

  #remember(state: State): void {
    if (this.#nogoods.size < this.#limits.nogoods) this.#nogoods.add(this.#limits.nogoodKey(state.versions))
  }
}

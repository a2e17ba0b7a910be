import { dueAt, isWanted, type CheckInterval } from './due.ts'
import { DueHeap } from './due-heap.ts'
import type { CheckedResource, CheckEnd, CheckTimes, LoadedChecks } from './ports.ts'
import { intervalOf, isPeriodic } from './which.ts'
import { defaultIntervalMs } from './backoff.ts'

/** A scope that this server checks. */
export interface ScheduledScope {
  readonly scopeId: number
  readonly times: CheckTimes
  /** The resources that point to it, by id. */
  readonly resources: ReadonlyMap<number, CheckedResource>
  /** It waits for its turn, or its check runs: it is not due until that has ended. */
  readonly busy: boolean
  /** It has been postponed, and has not been checked since. */
  readonly notBefore?: number | undefined
}

interface Entry extends ScheduledScope {
  times: CheckTimes
  readonly resources: Map<number, CheckedResource>
  busy: boolean
  random: number
  /** Its place among the checks of its registry, unix ms: until then it is not due, unless somebody wants it. */
  notBefore?: number | undefined
  /** The last check that ended here. */
  last?: CheckEnd
}

/** When which scope is to be checked, in memory: what is read of the database, and what checks here have done since. */
export class CheckSchedule {
  readonly #random: () => number
  readonly #entries = new Map<number, Entry>()
  /** By pipeline: its scopes. */
  readonly #pipelines = new Map<number, Set<number>>()
  readonly #heap = new DueHeap()

  constructor(random: () => number) {
    this.#random = random
  }

  get size(): number {
    return this.#entries.size
  }

  get next(): number | undefined {
    return this.#heap.next
  }

  get(scopeId: number): ScheduledScope | undefined {
    return this.#entries.get(scopeId)
  }

  /** Forgets all. Checks that run go on. */
  clear(): void {
    for (const id of this.#pipelines.keys()) this.forgetPipeline(id)
  }

  forgetPipeline(pipelineId: number): void {
    for (const scopeId of this.#pipelines.get(pipelineId) ?? []) {
      const entry = this.#entries.get(scopeId)
      for (const { id, pipelineId: of } of entry?.resources.values() ?? []) if (of === pipelineId) entry?.resources.delete(id)
      if (entry) this.#settle(entry)
    }
    this.#pipelines.delete(pipelineId)
  }

  /**
   * Puts what was read in the place of what was known of these resources. Gives the checks that answer a wish which was not known when they
   * ended: nobody has been told of them.
   */
  put({ resources, times }: LoadedChecks): readonly CheckEnd[] {
    const read = new Map(times.map((time) => [time.scopeId, time]))
    const touched = new Set<Entry>()
    for (const resource of resources) {
      const known = this.#entries.get(resource.scopeId)
      const entry: Entry = known ?? { scopeId: resource.scopeId, times: { failures: 0 }, resources: new Map(), busy: false, random: this.#random() }
      this.#entries.set(entry.scopeId, entry)
      entry.resources.set(resource.id, resource)
      const scopes = this.#pipelines.get(resource.pipelineId) ?? new Set()
      this.#pipelines.set(resource.pipelineId, scopes.add(entry.scopeId))
      touched.add(entry)
    }
    const answers: CheckEnd[] = []
    for (const entry of touched) {
      const { wantedAt: before = -1 } = entry.times
      entry.times = newer(entry.times, read.get(entry.scopeId) ?? { failures: 0 })
      const { wantedAt = -1 } = entry.times
      if (wantedAt > before && entry.last !== undefined && entry.last.startedAt >= wantedAt && entry.last.startedAt === entry.times.startedAt) answers.push(entry.last)
      this.#settle(entry)
    }
    return answers
  }

  /** Whether a check that began then is one that somebody wants. */
  isWished(scopeId: number, startedAt: number): boolean {
    const times = this.#entries.get(scopeId)?.times
    return times?.wantedAt !== undefined && isWanted(times) && startedAt >= times.wantedAt
  }

  /** Takes the next scope that is due; it is busy from now on. */
  take(now: number): ScheduledScope | undefined {
    const scopeId = this.#heap.take(now)
    const entry = scopeId === undefined ? undefined : this.#entries.get(scopeId)
    if (entry) entry.busy = true
    return entry
  }

  /** Whether a scope that waited for its turn is to be checked still. */
  isDue({ scopeId }: ScheduledScope, now: number): boolean {
    const entry = this.#entries.get(scopeId)
    const at = entry && this.#dueAt(entry)
    return at !== undefined && at <= now
  }

  /** The check that made it busy is over, or is not done. */
  free(scopeId: number): void {
    const entry = this.#entries.get(scopeId)
    if (entry === undefined) return
    entry.busy = false
    this.#settle(entry)
  }

  /** It is due then, and not before, unless somebody wants a check. */
  postpone(scopeId: number, until: number): void {
    const entry = this.#entries.get(scopeId)
    if (entry) entry.notBefore = until
  }

  /** A check of the scope has ended, here or in a build. Gives the state before it. */
  ended(end: CheckEnd): CheckTimes | undefined {
    const { scopeId, startedAt, endedAt, error, asked } = end
    const entry = this.#entries.get(scopeId)
    if (entry === undefined) return undefined
    const before = entry.times
    if ((before.startedAt ?? 0) > startedAt) return before
    entry.times = { ...before, startedAt, endedAt, failures: error === undefined ? 0 : (asked ? 0 : before.failures) + 1 }
    entry.random = this.#random()
    entry.notBefore = undefined
    entry.last = end
    this.#settle(entry)
    return before
  }

  #settle(entry: Entry): void {
    if (entry.resources.size === 0 && !entry.busy) {
      this.#entries.delete(entry.scopeId)
      this.#heap.set(entry.scopeId, undefined)
    } else this.#heap.set(entry.scopeId, entry.busy ? undefined : this.#dueAt(entry))
  }

  #dueAt({ times, resources, random, notBefore = 0 }: Entry): number | undefined {
    if (resources.size === 0) return undefined
    const intervals: CheckInterval[] = []
    for (const resource of resources.values()) if (isPeriodic(resource, times)) intervals.push(intervalOf(resource) ?? defaultIntervalMs)
    const shortest = intervals.filter((interval) => interval !== 'never').reduce((a, b) => Math.min(a, b), Infinity)
    const due = dueAt(times, { periodic: shortest !== Infinity, interval: shortest }, random)
    return due === undefined || isWanted(times) ? due : Math.max(due, notBefore)
  }
}

/** What a check here did may not be stored yet; a wish may have been read since. */
function newer(known: CheckTimes, read: CheckTimes): CheckTimes {
  const later = (known.startedAt ?? -1) >= (read.startedAt ?? -1) ? known : read
  const { wantedAt, wantedTypes } = (known.wantedAt ?? -1) > (read.wantedAt ?? -1) ? known : read
  return {
    // A config that is set has made them fewer.
    failures: known.startedAt === read.startedAt ? Math.min(known.failures, read.failures) : later.failures,
    ...(later.startedAt !== undefined && { startedAt: later.startedAt }),
    ...(later.endedAt !== undefined && { endedAt: later.endedAt }),
    ...(wantedAt !== undefined && { wantedAt }),
    ...(wantedTypes && { wantedTypes }),
  }
}

import type { CheckContainer, CheckContainers } from '../engine/ports.ts'
import { atMost } from '../lib/at-most.ts'
import type { Clock } from '../lib/clock.ts'
import { Later } from '../lib/later.ts'
import type { Log } from '../lib/log.ts'

export interface CheckContainerLimits {
  /** How long a container waits for the next check. */
  readonly idleMs: number
  /** The longest time that a container is used, so that what checks leave on its disk does not grow without bound. */
  readonly oldestMs: number
  /** How many may wait. Beyond that the one that has waited longest is removed. */
  readonly most: number
}

const defaultLimits: CheckContainerLimits = { idleMs: 300_000, oldestMs: 3_600_000, most: 20 }
/** How long stopping waits for removals, ms: an engine or API that does not answer must not block it. */
const patienceMs = 15_000

/** This server's containers that wait between two checks, at most one for each key. */
export class WaitingCheckContainers implements CheckContainers {
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: CheckContainerLimits
  /** Ordered by waiting time, the longest first. */
  readonly #waiting = new Map<string, CheckContainer>()
  /** Handles of those that checks have taken. */
  readonly #lent = new Set<string>()
  readonly #later: Later
  readonly #removals = new Set<Promise<void>>()
  #closed = false

  constructor(clock: Clock, log: Log, limits: CheckContainerLimits = defaultLimits) {
    this.#clock = clock
    this.#log = log
    this.#limits = limits
    this.#later = new Later(clock)
  }

  take(key: string): CheckContainer | undefined {
    const waiting = this.#end(key)
    if (waiting !== undefined) this.#lent.add(waiting.container.handle)
    return waiting
  }

  forget(handle: string): void {
    this.#lent.delete(handle)
  }

  give(key: string, container: CheckContainer): void {
    this.forget(container.container.handle)
    const left = container.since + this.#limits.oldestMs - this.#clock.now()
    if (this.#closed || left <= 0 || this.#waiting.has(key)) return this.#remove(container)
    this.#waiting.set(key, container)
    this.#later.plan(key, this.#clock.now() + Math.min(left, this.#limits.idleMs), () => this.#drop(key))
    const [longest] = this.#waiting.keys()
    if (this.#waiting.size > this.#limits.most && longest !== undefined) this.#drop(longest)
  }

  holds(handle: string): boolean {
    return this.#lent.has(handle) || [...this.#waiting.values()].some(({ container }) => container.handle === handle)
  }

  releaseIdle(): boolean {
    const any = this.#waiting.size > 0
    for (const key of this.#waiting.keys()) this.#drop(key)
    return any
  }

  /** Removes all, and keeps none from now on. Resolves when they are gone or the time is over; the next sweep removes the rest. */
  async close(): Promise<void> {
    this.#closed = true
    this.releaseIdle()
    await atMost(this.#clock, patienceMs, this.#gone())
  }

  async #gone(): Promise<void> {
    while (this.#removals.size > 0) await Promise.all(this.#removals)
  }

  #end(key: string): CheckContainer | undefined {
    const waiting = this.#waiting.get(key)
    this.#waiting.delete(key)
    this.#later.cancel(key)
    return waiting
  }

  #drop(key: string): void {
    const waiting = this.#end(key)
    if (waiting !== undefined) this.#remove(waiting)
  }

  #remove({ container }: CheckContainer): void {
    const removal = container
      .release({ keep: false })
      .catch((error: unknown) => this.#log.warn({ err: error, component: 'checks', container: container.handle }, 'removing a container of a check failed; the sweep will remove it'))
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }
}

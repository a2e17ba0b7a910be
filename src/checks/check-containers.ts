import type { CheckContainer, CheckContainers, CheckUse } from '../engine/ports.ts'
import { atMost } from '../lib/at-most.ts'
import type { Clock } from '../lib/clock.ts'
import { Later } from '../lib/later.ts'
import type { Log } from '../lib/log.ts'
import type { Container, InterceptedProcess, Interception, InterceptOptions } from '../runtime/contract.ts'
import { EnteredContainers, type EnterableCheck } from './entered-containers.ts'

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

interface Waiting extends CheckContainer {
  readonly key: string
}

/**
 * This server's containers that wait between two checks: one for each key, and those that somebody is in. No check takes one that somebody has
 * been in, since it may not be as it was; once nobody is in it any more it is removed when the next check begins, or after the time that any waits.
 */
export class WaitingCheckContainers implements CheckContainers {
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: CheckContainerLimits
  /** By handle; ordered by waiting time, the longest first. */
  readonly #waiting = new Map<string, Waiting>()
  /** Handles of those that checks have taken. */
  readonly #lent = new Set<string>()
  readonly #entered = new EnteredContainers((handle) => this.#left(handle))
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
    const waiting = this.#fresh(key)
    for (const { container } of this.#of(key)) if (this.#entered.was(container.handle)) this.#drop(container.handle)
    if (waiting === undefined) return undefined
    const { key: _key, ...container } = waiting
    this.#end(container.container.handle)
    this.#lent.add(container.container.handle)
    return container
  }

  begin(container: Container, use: CheckUse): void {
    this.#entered.add(container, use)
  }

  forget(handle: string): void {
    this.#lent.delete(handle)
    this.#entered.forget(handle)
  }

  give(key: string, container: CheckContainer): void {
    const { handle } = container.container
    this.#lent.delete(handle)
    const others = this.#of(key)
    const another = others.some((other) => !this.#entered.was(other.container.handle))
    if (this.#closed || ((this.#leftOf(container) <= 0 || another) && !this.#entered.is(handle))) return this.#remove(container)
    this.#waiting.set(handle, { ...container, key })
    this.#plan(handle)
    for (const other of others) if (this.#entered.was(other.container.handle)) this.#drop(other.container.handle)
    const idle = [...this.#waiting.keys()].filter((one) => !this.#entered.is(one))
    if (idle.length > this.#limits.most && idle[0] !== undefined) this.#drop(idle[0])
  }

  holds(handle: string): boolean {
    return this.#lent.has(handle) || this.#waiting.has(handle)
  }

  releaseIdle(): boolean {
    const idle = [...this.#waiting.keys()].filter((handle) => !this.#entered.is(handle))
    for (const handle of idle) this.#drop(handle)
    return idle.length > 0
  }

  /** Those that checks are at work in, and those that wait. */
  enterable(): readonly EnterableCheck[] {
    return this.#entered.list()
  }

  /** Undefined: it is not here. It is not removed while the process runs, unless its check fails or the server stops. */
  enter(handle: string, process: InterceptedProcess, options: InterceptOptions): Interception | undefined {
    return this.#closed ? undefined : this.#entered.enter(handle, process, options)
  }

  /** Removes all, and keeps none from now on. Resolves when they are gone or the time is over; the next sweep removes the rest. */
  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#waiting.values()) this.#remove(waiting)
    this.#waiting.clear()
    this.#later.cancelAll()
    await atMost(this.#clock, patienceMs, this.#gone())
  }

  async #gone(): Promise<void> {
    while (this.#removals.size > 0) await Promise.all(this.#removals)
  }

  #of(key: string): readonly Waiting[] {
    return [...this.#waiting.values()].filter((waiting) => waiting.key === key)
  }

  /** The one that the next check takes: nobody has been in it. */
  #fresh(key: string): Waiting | undefined {
    return this.#of(key).find(({ container }) => !this.#entered.was(container.handle))
  }

  #leftOf({ since }: CheckContainer): number {
    return since + this.#limits.oldestMs - this.#clock.now()
  }

  /** Nobody is in it any more. */
  #left(handle: string): void {
    const waiting = this.#waiting.get(handle)
    if (waiting === undefined) return
    if (this.#fresh(waiting.key) !== undefined) this.#drop(handle)
    else this.#plan(handle)
  }

  #plan(handle: string): void {
    const waiting = this.#waiting.get(handle)
    if (waiting === undefined) return
    this.#later.cancel(handle)
    this.#later.plan(handle, this.#clock.now() + Math.min(Math.max(0, this.#leftOf(waiting)), this.#limits.idleMs), () => this.#drop(handle))
  }

  #end(handle: string): Waiting | undefined {
    const waiting = this.#waiting.get(handle)
    this.#waiting.delete(handle)
    this.#later.cancel(handle)
    return waiting
  }

  /** Removes it, unless somebody is in it: then it is removed when they have left. */
  #drop(handle: string): void {
    if (this.#entered.is(handle)) return
    const waiting = this.#end(handle)
    if (waiting !== undefined) this.#remove(waiting)
  }

  #remove({ container }: CheckContainer): void {
    this.#entered.forget(container.handle)
    const removal = container
      .release({ keep: false })
      .catch((error: unknown) => this.#log.warn({ err: error, component: 'checks', container: container.handle }, 'removing a container of a check failed; the sweep will remove it'))
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }
}

import type { PlanId } from '../model/plan.ts'
import type { Result } from '../model/result.ts'
import { followers, type LeafPlan } from '../planner/followers.ts'
import type { Container, ContainerSpec, PrepareError, WaitReason } from '../runtime/contract.ts'
import type { BuildContext } from './build-context.ts'

/** What a step that has not begun will probably run in; undefined where that cannot be known yet. */
export type Guess = (plan: LeafPlan, signal: AbortSignal) => Promise<GuessedContainer | undefined>

export interface GuessedContainer {
  readonly spec: ContainerSpec
  readonly prefetch: Parameters<Container['prefetch']>[0]
}

interface Prepared {
  /** The container's name, once the guess has been made. */
  handle: string | undefined
  container: Promise<Result<Container, PrepareError> | undefined>
  readonly stop: AbortController
  /** Why it waits, for the step that takes it: what was said before is said then. */
  reason?: WaitReason
  onReason: (reason: WaitReason) => void
}

/**
 * Containers made ready while the step before them runs. A guess, which costs nobody else: the step decides when its turn
 * comes, and takes what was prepared only if its name, and so all that it is made of, is the one the step needs.
 */
export class PrepareAhead {
  private readonly context: BuildContext
  private readonly guess: Guess
  private readonly next: ReadonlyMap<PlanId, readonly LeafPlan[]>
  private readonly prepared = new Map<PlanId, Prepared>()
  private readonly begun = new Set<PlanId>()
  /** Given up before their steps' turn: the step that needs the same container waits until that one is gone. */
  private readonly going = new Map<PlanId, Promise<void>>()
  private stopped = false

  constructor(context: BuildContext, guess: Guess) {
    this.context = context
    this.guess = guess
    this.next = followers(context.plan)
  }

  /** The container that was prepared for this step, if it is the one that `spec` needs; drops another one, and a guess that is not made yet. */
  take(
    planId: PlanId,
    spec: ContainerSpec,
    onReason: (reason: WaitReason) => void,
    signal: AbortSignal,
  ): Promise<Result<Container, PrepareError>> | undefined {
    this.begun.add(planId)
    const prepared = this.prepared.get(planId)
    const prepareAnew = () => this.context.services.runtime.prepare(spec, { signal, onReason })
    if (prepared === undefined) return this.going.get(planId)?.then(prepareAnew, prepareAnew)
    this.prepared.delete(planId)
    if (prepared.handle !== spec.handle) {
      void this.drop(planId, prepared)
      return undefined
    }
    prepared.onReason = onReason
    if (prepared.reason !== undefined) onReason(prepared.reason)
    const abort = () => prepared.stop.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    return prepared.container.then((container) => {
      signal.removeEventListener('abort', abort)
      if (container?.ok === true) return container
      // A guess gives up easily (no room); the step itself waits.
      return prepareAnew()
    })
  }

  /** The step has ended, perhaps without a container (its result was cached): nothing is prepared for it. */
  forget(planId: PlanId): void {
    this.begun.add(planId)
    const prepared = this.prepared.get(planId)
    if (prepared === undefined) return
    this.prepared.delete(planId)
    void this.drop(planId, prepared)
  }

  /** Starts what may come after `planId`, up to the configured number of steps ahead. */
  prepareFollowers(planId: PlanId): void {
    const { prepareAhead } = this.context.services.options
    let steps: readonly LeafPlan[] = [...(this.next.get(planId) ?? [])]
    for (let depth = 0; depth < prepareAhead; depth += 1) {
      for (const step of steps) this.prepare(step)
      steps = steps.flatMap((step) => this.next.get(step.id) ?? [])
    }
  }

  /** Prepares nothing more. Another server may have the build: what is prepared is its, and must not be removed. */
  abandon(): void {
    this.stopped = true
  }

  /** Somebody finds no room: what nobody has taken goes. Tells whether there was any. */
  giveUp(): boolean {
    const any = this.prepared.size > 0
    for (const [planId, prepared] of this.prepared) this.going.set(planId, this.drop(planId, prepared))
    this.prepared.clear()
    return any
  }

  /** Removes what nobody took (through the build's cleanup). */
  stop(): void {
    this.stopped = true
    for (const [planId, prepared] of this.prepared) void this.drop(planId, prepared)
    this.prepared.clear()
  }

  private prepare(plan: LeafPlan): void {
    if (this.stopped || this.begun.has(plan.id) || this.prepared.has(plan.id)) return
    if (this.context.steps.has(plan.id)) return // it ran before a restart
    const prepared: Prepared = { stop: new AbortController(), handle: undefined, onReason: () => undefined, container: Promise.resolve(undefined) }
    this.prepared.set(plan.id, prepared)
    prepared.container = this.guessAndPrepare(plan, prepared)
  }

  private async guessAndPrepare(plan: LeafPlan, prepared: Prepared): Promise<Result<Container, PrepareError> | undefined> {
    const { signal } = prepared.stop
    const guess = await this.guess(plan, signal).catch(() => undefined)
    if (guess === undefined || signal.aborted || this.stopped) return undefined
    prepared.handle = guess.spec.handle
    try {
      const onReason = (reason: WaitReason) => {
        prepared.reason = reason
        prepared.onReason(reason)
      }
      const container = await this.context.services.runtime.prepare(guess.spec, { signal, onReason })
      delete prepared.reason // it waits no more
      if (container.ok && guess.prefetch.length > 0) container.value.prefetch(guess.prefetch)
      return container
    } catch (error) {
      this.context.services.log.warn({ error: String(error) }, 'a container could not be prepared ahead')
      return undefined
    }
  }

  /** Resolves when it is gone. */
  private drop(planId: PlanId, prepared: Prepared): Promise<void> {
    if (this.context.left()) return Promise.resolve()
    prepared.stop.abort('abort')
    const gone = prepared.container.then((container) => (container?.ok === true ? container.value.release({ keep: false }) : undefined))
    this.context.cleanup.add(`the container prepared ahead for ${planId}`, () => gone)
    return gone
  }
}

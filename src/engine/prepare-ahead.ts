import type { PlanId } from '../model/plan.ts'
import type { Result } from '../model/result.ts'
import { followers, type LeafPlan } from '../planner/followers.ts'
import type { Container, ContainerSpec, PrepareError, WaitReason } from '../runtime/contract.ts'
import { Later } from '../lib/later.ts'
import type { BuildContext } from './build-context.ts'
import { Derived } from './derived.ts'
import { Preparation } from './preparation.ts'
import { recording, recordPreparation } from './record-preparation.ts'
import type { StepIdentity } from './step-identity.ts'
import { type ExpectedDurations, longMs } from './expected-durations.ts'

/** Predicts the container of a step that has not begun; undefined where it cannot be known yet. */
export type Guess = (plan: LeafPlan, signal: AbortSignal) => Promise<GuessedContainer | undefined>

export interface GuessedContainer {
  readonly spec: ContainerSpec
  readonly prefetch: Parameters<Container['prefetch']>[0]
}

/** How long a prepared container waits for its step. ms */
const idleMs = longMs
/** After a long step a container is prepared this long before that step's expected end. ms */
const leadMs = 120_000

interface Prepared {
  /** The container's name, once the guess has been made. */
  handle: string | undefined
  container: Promise<Result<Container, PrepareError> | undefined>
  readonly stop: AbortController
  /** Begins when the runtime is asked for it. */
  preparation: Preparation
  /** Why it waits; the step that takes it is told then. */
  reason?: WaitReason
  onReason: (reason: WaitReason) => void
}

/** A step that wants its container. `anew`: asks the runtime for it. */
export interface Taking {
  readonly step: StepIdentity
  readonly spec: ContainerSpec
  readonly onReason: (reason: WaitReason) => void
  readonly signal: AbortSignal
  readonly anew: () => Promise<Result<Container, PrepareError>>
}

/**
 * Prepares containers while the step before theirs runs. They are guesses: when its turn comes, a step resolves what it needs, and takes
 * the prepared container only if that has the name it needs, which is a hash of all that the container is made of.
 */
export class PrepareAhead {
  private readonly context: BuildContext
  private readonly guess: Guess
  private readonly durations: ExpectedDurations
  private readonly next: Derived<ReadonlyMap<PlanId, readonly LeafPlan[]>>
  private readonly prepared = new Map<PlanId, Prepared>()
  /** Guesses that are to be made. */
  private readonly later: Later
  /** Prepared containers that wait: they are dropped. */
  private readonly idle: Later
  private readonly begun = new Set<PlanId>()
  /** Removals of containers that were released before their steps' turn: a step that needs the same name waits for it. */
  private readonly going = new Map<PlanId, Promise<void>>()
  private stopped = false

  constructor(context: BuildContext, guess: Guess, durations: ExpectedDurations) {
    this.context = context
    this.guess = guess
    this.durations = durations
    this.later = new Later(context.services.clock)
    this.idle = new Later(context.services.clock)
    this.next = new Derived(context.made, () => followers(context.plan, context.made.of))
  }

  /** The container that was prepared for this step, if its name is that of `spec`; drops any other, and a guess that is not made yet. */
  take({ step, spec, onReason, signal, anew }: Taking): Promise<Result<Container, PrepareError>> | undefined {
    const { planId } = step
    this.begins(planId)
    const prepared = this.prepared.get(planId)
    if (prepared === undefined) return this.going.get(planId)?.then(anew, anew)
    this.prepared.delete(planId)
    if (prepared.handle !== spec.handle) {
      void this.drop(planId, prepared)
      return undefined
    }
    this.idle.cancel(planId)
    step.report.preparing(prepared.preparation, 'prepared-ahead')
    prepared.onReason = onReason
    if (prepared.reason !== undefined) onReason(prepared.reason)
    const abort = () => prepared.stop.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    return prepared.container.then((container) => {
      signal.removeEventListener('abort', abort)
      if (container?.ok === true) return container
      // A guess fails at once where capacity is lacking; the step itself waits.
      return anew()
    })
  }

  /** The step has ended, perhaps without a container (its result was cached): nothing is prepared for it. */
  forget(planId: PlanId): void {
    this.begins(planId)
    const prepared = this.prepared.get(planId)
    if (prepared === undefined) return
    this.prepared.delete(planId)
    void this.drop(planId, prepared)
  }

  /** Prepares what may come after `planId`, up to the configured number of steps ahead: now, or shortly before a long step's expected end. */
  prepareFollowers(planId: PlanId): void {
    if (this.context.services.options.prepareAhead === 0 || (this.next.value.get(planId) ?? []).length === 0) return
    const begun = this.context.services.clock.now()
    // It never rejects.
    void this.durations.expected().then((expected) => {
      let ends = [{ planId, at: begun + expected(planId) }]
      for (let depth = 0; depth < this.context.services.options.prepareAhead; depth += 1) {
        const steps = ends.flatMap((end) => (this.next.value.get(end.planId) ?? []).map((step) => ({ step, at: end.at })))
        for (const { step, at } of steps) this.prepareFor(step, at)
        ends = steps.map(({ step, at }) => ({ planId: step.id, at: at + expected(step.id) }))
      }
    })
  }

  /** Prepares nothing more, and removes nothing: another server may have the build, and its prepared containers with it. */
  abandon(): void {
    this.stopped = true
    this.later.cancelAll()
    this.idle.cancelAll()
  }

  /** Releases prepared containers that no step has taken, when a step lacks capacity. Returns whether there were any. */
  releaseUnclaimed(): boolean {
    const any = this.prepared.size > 0
    for (const [planId, prepared] of this.prepared) this.going.set(planId, this.drop(planId, prepared))
    this.prepared.clear()
    return any
  }

  /** Removes prepared containers that no step took (through the build's cleanup). */
  stop(): void {
    this.stopped = true
    this.later.cancelAll()
    for (const [planId, prepared] of this.prepared) void this.drop(planId, prepared)
    this.prepared.clear()
  }

  private begins(planId: PlanId): void {
    this.begun.add(planId)
    this.later.cancel(planId)
  }

  /** `at`: unix ms at which its turn will probably come. */
  private prepareFor(plan: LeafPlan, at: number): void {
    if (this.stopped || this.begun.has(plan.id) || this.prepared.has(plan.id)) return
    if (this.context.steps.has(plan.id)) return // it ran before a restart
    if (at - this.context.services.clock.now() > idleMs) return this.later.plan(plan.id, at - leadMs, () => this.prepare(plan))
    this.later.cancel(plan.id)
    this.prepare(plan)
  }

  private prepare(plan: LeafPlan): void {
    const prepared: Prepared = { stop: new AbortController(), handle: undefined, preparation: new Preparation(recording(this.context)), onReason: () => undefined, container: Promise.resolve(undefined) }
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
      prepared.preparation = new Preparation(recording(this.context))
      const container = await recordPreparation(this.context, prepared.preparation, guess.spec, { signal, onReason })
      delete prepared.reason // it does not wait any more
      if (container.ok && guess.prefetch.length > 0) container.value.prefetch(guess.prefetch)
      if (container.ok && !this.stopped && this.prepared.get(plan.id) === prepared) this.dropWhenIdle(plan.id, prepared)
      return container
    } catch (error) {
      this.context.services.log.warn({ err: error, component: 'engine' }, 'a container could not be prepared ahead')
      return undefined
    }
  }

  /** It occupies capacity that other steps may need; its step has a new one made then. */
  private dropWhenIdle(planId: PlanId, prepared: Prepared): void {
    this.idle.plan(planId, this.context.services.clock.now() + idleMs, () => {
      this.prepared.delete(planId)
      this.going.set(planId, this.drop(planId, prepared))
    })
  }

  /** Resolves when it is gone. */
  private drop(planId: PlanId, prepared: Prepared): Promise<void> {
    this.idle.cancel(planId)
    if (this.context.left()) return Promise.resolve()
    prepared.stop.abort('abort')
    const gone = prepared.container.then((container) => (container?.ok === true ? container.value.release({ keep: false }) : undefined))
    this.context.cleanup.add(`the container prepared ahead for ${planId}`, () => gone)
    return gone
  }
}

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
  readonly handle: Promise<string | undefined>
  readonly container: Promise<Result<Container, PrepareError> | undefined>
  readonly stop: AbortController
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
  private stopped = false

  constructor(context: BuildContext, guess: Guess) {
    this.context = context
    this.guess = guess
    this.next = followers(context.plan)
  }

  /** The container that was prepared for this step, if it is the one that `spec` needs; drops another one. */
  async take(
    planId: PlanId,
    spec: ContainerSpec,
    onReason: (reason: WaitReason) => void,
    signal: AbortSignal,
  ): Promise<Promise<Result<Container, PrepareError>> | undefined> {
    this.begun.add(planId)
    const prepared = this.prepared.get(planId)
    if (prepared === undefined) return undefined
    this.prepared.delete(planId)
    prepared.onReason = onReason
    if ((await prepared.handle) !== spec.handle) {
      void this.drop(prepared)
      return undefined
    }
    const abort = () => prepared.stop.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    return prepared.container.then((container) => {
      signal.removeEventListener('abort', abort)
      if (container?.ok === true) return container
      // A guess gives up easily (no room); the step itself waits.
      return this.context.services.runtime.prepare(spec, { signal, onReason })
    })
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

  /** Removes what nobody took. */
  async stop(): Promise<void> {
    this.stopped = true
    const left = [...this.prepared.values()]
    this.prepared.clear()
    await Promise.all(left.map((prepared) => this.drop(prepared)))
  }

  private prepare(plan: LeafPlan): void {
    if (this.stopped || this.begun.has(plan.id) || this.prepared.has(plan.id)) return
    if (this.context.steps.has(plan.id)) return // it ran before a restart
    const stop = new AbortController()
    const guessed = this.guess(plan, stop.signal).catch(() => undefined)
    const prepared: Prepared = {
      stop,
      handle: guessed.then((guess) => guess?.spec.handle),
      onReason: () => undefined,
      container: guessed.then(async (guess) => {
        if (guess === undefined || stop.signal.aborted) return undefined
        const container = await this.context.services.runtime.prepare(guess.spec, {
          signal: stop.signal,
          onReason: (reason) => prepared.onReason(reason),
        })
        if (container.ok && guess.prefetch.length > 0) container.value.prefetch(guess.prefetch)
        return container
      }),
    }
    this.prepared.set(plan.id, prepared)
  }

  private async drop(prepared: Prepared): Promise<void> {
    prepared.stop.abort('abort')
    try {
      const container = await prepared.container
      if (container?.ok === true) await container.value.release({ keep: false })
    } catch (error) {
      this.context.services.log.warn({ error: String(error) }, 'a container prepared ahead could not be removed; the sweep will')
    }
  }
}

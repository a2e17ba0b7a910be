import type { ImageSpec } from '../../model/image.ts'
import type { BuildEvent } from '../../model/event.ts'
import type { PlanId, PlanNode } from '../../model/plan.ts'
import type { Result } from '../../model/result.ts'
import { publicPlan } from '../../planner/public-plan.ts'
import type { ImageFailure, RunState } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import type { BuildStepDelegate } from './fetched-image.ts'

/** Wraps a task's fetchImage with the events that logs and UI have always had: image-check and image-get. */
export class TaskDelegate {
  private readonly context: BuildContext
  private readonly planId: PlanId
  private readonly steps: BuildStepDelegate

  constructor(context: BuildContext, planId: PlanId, steps: BuildStepDelegate) {
    this.context = context
    this.planId = planId
    this.steps = steps
  }

  async fetchImage(
    fetchState: RunState,
    getPlan: PlanNode<'get'>,
    checkPlan: PlanNode<'check'> | undefined,
    privileged: boolean,
    signal: AbortSignal,
  ): Promise<Result<ImageSpec, ImageFailure>> {
    const origin = { id: this.planId }
    if (checkPlan !== undefined) {
      this.emit({ type: 'image-check', data: { time: this.time(), origin, plan: publicPlan(checkPlan) } }, this.planId)
    }
    this.emit({ type: 'image-get', data: { time: this.time(), origin, plan: publicPlan(getPlan) } }, this.planId)
    return this.steps.fetchImage(fetchState, getPlan, checkPlan, privileged, signal)
  }

  private emit(event: BuildEvent, planId: PlanId): void {
    this.context.writer.emit(event, `${planId}:${event.type}`)
  }

  private time(): number {
    return Math.floor(this.context.services.clock.now() / 1000)
  }
}

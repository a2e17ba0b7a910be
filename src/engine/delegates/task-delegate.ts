import type { ImageSpec } from '../../model/image.ts'
import type { BuildEvent } from '../../model/event.ts'
import type { PlanId, PlanNode } from '../../model/plan.ts'
import type { Result } from '../../model/result.ts'
import { publicPlan } from '../../planner/public-plan.ts'
import type { ImageFailure, RunState } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import type { BuildStepDelegate } from './build-step-delegate.ts'
import { redactEvent } from '../redact-event.ts'
import { nativelyFetched } from './native-type.ts'

/**
 * Wraps a task's fetchImage with the events that logs and UI have always had: image-check and image-get. A get that is
 * skipped finishes (or shows its error) like one that ran, so that nothing stays pending.
 */
export class TaskDelegate {
  private readonly context: BuildContext
  private readonly planId: PlanId
  private readonly steps: BuildStepDelegate
  private readonly nativeImageFetch: boolean

  constructor(context: BuildContext, planId: PlanId, steps: BuildStepDelegate, nativeImageFetch: boolean) {
    this.context = context
    this.planId = planId
    this.steps = steps
    this.nativeImageFetch = nativeImageFetch
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
    let physical = false
    const image = await this.steps.fetchImage(fetchState, getPlan, checkPlan, privileged, signal, () => {
      physical = true
    })
    if (!physical && this.nativeImageFetch && nativelyFetched(getPlan.get)) this.finishSkippedGet(fetchState, getPlan, checkPlan, image)
    return image
  }

  private finishSkippedGet(
    fetchState: RunState,
    getPlan: PlanNode<'get'>,
    checkPlan: PlanNode<'check'> | undefined,
    image: Result<ImageSpec, ImageFailure>,
  ): void {
    const origin = { id: getPlan.id }
    if (!image.ok) {
      if (image.error.kind === 'failed') {
        this.emit({ type: 'error', data: { message: image.error.message, origin, time: this.time() } }, getPlan.id)
      }
      return
    }
    const tag = image.value.foundByNode?.tag
    const version = (checkPlan && fetchState.version(checkPlan.id)) ?? getPlan.get.version ?? (tag === undefined ? null : { tag })
    this.emit({ type: 'initialize-get', data: { origin, time: this.time() } }, getPlan.id)
    this.emit({ type: 'start-get', data: { origin, time: this.time() } }, getPlan.id)
    this.emit(
      { type: 'finish-get', data: { origin, time: this.time(), exit_status: 0, version, metadata: null } },
      getPlan.id,
    )
  }

  private emit(event: BuildEvent, planId: PlanId): void {
    this.context.writer.emit(redactEvent(this.context.redactor, event), `${planId}:${event.type}`)
  }

  private time(): number {
    return Math.floor(this.context.services.clock.now() / 1000)
  }
}

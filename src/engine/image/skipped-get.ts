import type { BuildEvent } from '../../model/event.ts'
import type { ImageSpec } from '../../model/image.ts'
import type { PlanNode } from '../../model/plan.ts'
import type { Version } from '../../model/version.ts'
import type { ImageFailure } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'

/** Events of an image's get that did not have to run: those of one that did. */
export class SkippedGet {
  private readonly context: BuildContext

  constructor(context: BuildContext) {
    this.context = context
  }

  found(getPlan: PlanNode<'get'>, checked: Version | undefined, image: ImageSpec): void {
    const origin = { id: getPlan.id }
    const tag = image.foundByNode?.tag
    const version = checked ?? getPlan.get.version ?? (tag === undefined ? null : { tag })
    this.emit({ type: 'initialize-get', data: { origin, time: this.time() } }, getPlan)
    this.emit({ type: 'start-get', data: { origin, time: this.time() } }, getPlan)
    this.emit({ type: 'finish-get', data: { origin, time: this.time(), exit_status: 0, version, metadata: null } }, getPlan)
  }

  failed(getPlan: PlanNode<'get'>, error: ImageFailure): void {
    if (error.kind !== 'failed') return
    this.emit({ type: 'error', data: { message: error.message, origin: { id: getPlan.id }, time: this.time() } }, getPlan)
  }

  private emit(event: BuildEvent, { id }: PlanNode<'get'>): void {
    this.context.writer.emit(event, `${id}:${event.type}`)
  }

  private time(): number {
    return Math.floor(this.context.services.clock.now() / 1000)
  }
}

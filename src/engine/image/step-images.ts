import type { ImageSpec } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import type { GetPlan, PlanId } from '../../model/plan.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { publicPlan } from '../../planner/public-plan.ts'
import type { PortsFactory } from '../../steps/factory.ts'
import type { ImageFailure, ImageRequest, RunState } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import { resolveVars } from '../interpolate.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { artifactImage } from './artifact-image.ts'
import type { Asking } from './asking.ts'
import { baseTypeImage } from './base-type-image.ts'
import { FetchedImages } from './fetched-image.ts'
import { mayUseImage } from './image-policy.ts'
import { imageWay, isPulled, nativePulls, type FetchedWay } from './image-way.ts'
import { isUnpullable, nativeImage } from './native-image.ts'

/** Resolves the images of a build's steps. */
export class StepImages {
  private readonly context: BuildContext
  private readonly native: boolean
  private readonly fetched: FetchedImages

  constructor(context: BuildContext, factory: PortsFactory) {
    this.context = context
    this.native = nativePulls(context.services)
    this.fetched = new FetchedImages(context, factory)
  }

  fetch(planId: PlanId, request: ImageRequest, state: RunState, asking: Asking): Promise<Result<ImageSpec, ImageFailure>> {
    const way = imageWay(planId, request, this.native)
    switch (way.kind) {
      case 'base-type':
        return baseTypeImage(this.context, way, asking)
      case 'artifact':
        return this.artifact(way, state, asking)
      case 'native':
      case 'get':
        if (request.kind === 'image-resource') this.announce(planId, way)
        return this.fetched.fetch(way, state.scope(), asking.signal)
    }
  }

  /** What a get of an image finds, when the runtime pulls it itself; undefined: the get fetches it as files. */
  async find(get: GetPlan, source: JsonObject, version: Version, asking: Asking): Promise<Result<ImageSpec, ImageFailure> | undefined> {
    if (!isPulled(get, this.native)) return undefined
    const found = await nativeImage(this.context, { source, checked: version, privileged: false }, asking)
    if (!found.ok) return found
    if (!isUnpullable(found.value)) return ok(found.value)
    asking.note(found.value.reason)
    return undefined
  }

  /** The events by which logs and UI know the plans of a task's image. */
  private announce(planId: PlanId, { check, get }: FetchedWay): void {
    const { writer, services } = this.context
    const common = { time: Math.floor(services.clock.now() / 1000), origin: { id: planId } }
    if (check !== undefined) writer.emit({ type: 'image-check', data: { ...common, plan: publicPlan(check) } }, `${planId}:image-check`)
    writer.emit({ type: 'image-get', data: { ...common, plan: publicPlan(get) } }, `${planId}:image-get`)
  }

  private async artifact({ name, privileged }: { readonly name: string; readonly privileged: boolean }, state: RunState, asking: Asking): Promise<Result<ImageSpec, ImageFailure>> {
    const image = state.image(name)
    if (image !== undefined) {
      const source = await unlessAborted(resolveVars<JsonObject>(this.context, state, image.get.get.source), asking.signal)
      if (!source.ok) return source
      const found = await nativeImage(this.context, { source: source.value, checked: image.version, privileged }, asking)
      if (!found.ok) return found
      // Its get has found that nodes can pull it; a server with other settings goes on here.
      return isUnpullable(found.value) ? fail({ kind: 'failed', message: `image ${name}: ${found.value.reason}` }) : ok(found.value)
    }
    const artifact = state.artifact(name)
    if (artifact === undefined) return fail({ kind: 'failed', message: `missing image artifact source: ${name}; a get or a task before it must make it` })
    const allowed = await mayUseImage(this.context, { type: 'artifact', image: name, source: {}, privileged }, asking.signal, asking.note)
    if (!allowed.ok) return allowed
    const made = await artifactImage(this.context.services, { artifact, name, privileged }, asking)
    return made.ok ? ok({ ...made.value, ...allowed.value, whyNotNative: 'it is an artifact of the build' }) : made
  }
}

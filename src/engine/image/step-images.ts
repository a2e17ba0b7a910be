import type { ImageSpec } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { imagePlans } from '../../planner/image-plans.ts'
import type { GetPlan, PlanNode, TypeImage } from '../../model/plan.ts'
import type { Version } from '../../model/version.ts'
import type { PortsFactory } from '../../steps/factory.ts'
import type { ImageFailure, ImageRequest, RunState } from '../../steps/ports.ts'
import { artifactImage } from './artifact-image.ts'
import type { BuildContext } from '../build-context.ts'
import { BuildStepDelegate, isUnpullable } from './fetched-image.ts'
import { nativelyFetched } from './native-type.ts'
import { TaskDelegate } from './task-delegate.ts'
import { mayUseImage } from './image-policy.ts'
import { resolveVars } from '../interpolate.ts'

/** Whatever way a step says which image it wants, here it gets it. */
export class Images {
  private readonly context: BuildContext
  private readonly native: boolean
  private readonly delegate: BuildStepDelegate

  constructor(context: BuildContext, factory: PortsFactory) {
    this.context = context
    this.native = context.services.options.nativeImageFetch && context.services.runtime.capabilities.nativeImageFetch
    this.delegate = new BuildStepDelegate(context, factory, this.native)
  }

  fetch(planId: string, request: ImageRequest, state: RunState, signal: AbortSignal, note: (line: string) => void): Promise<Result<ImageSpec, ImageFailure>> {
    switch (request.kind) {
      case 'artifact':
        return this.artifact(request.name, request.privileged, state, signal, note)
      case 'type':
        return this.type(request.image, state, signal, note)
      case 'image-resource': {
        const { tags, skipInterval, types } = request
        const { getPlan, checkPlan } = imagePlans(planId, request.image, types, { skipInterval, ...(tags && { tags }) })
        const delegate = new TaskDelegate(this.context, planId, this.delegate)
        return delegate.fetchImage(state.scope(), getPlan, checkPlan, request.privileged, signal)
      }
    }
  }

  private type(image: TypeImage, state: RunState, signal: AbortSignal, note: (line: string) => void): Promise<Result<ImageSpec, ImageFailure>> {
    const privileged = image.privileged ?? false
    if (image.get_plan === undefined) return baseTypeImage(this.context, image.base_type ?? '', privileged, signal, note)
    // The decoder and the planner put a get and a check here, and nothing else.
    const getPlan = image.get_plan as PlanNode<'get'>
    const checkPlan = image.check_plan as PlanNode<'check'> | undefined
    return this.delegate.fetchImage(state.scope(), getPlan, checkPlan, privileged, signal)
  }

  /** What a get of an image finds, when the runtime pulls it itself; undefined: the get fetches it as files. */
  async find(
    get: GetPlan,
    source: JsonObject,
    version: Version,
    signal: AbortSignal,
    note: (line: string) => void,
  ): Promise<Result<ImageSpec, ImageFailure> | undefined> {
    if (!this.native || !nativelyFetched(get)) return undefined
    const found = await this.delegate.nativeImage({ source, checked: version }, false, signal, note)
    if (!found.ok) return found
    if (!isUnpullable(found.value)) return ok(found.value)
    note(found.value.reason)
    return undefined
  }

  private async artifact(name: string, privileged: boolean, state: RunState, signal: AbortSignal, note: (line: string) => void): Promise<Result<ImageSpec, ImageFailure>> {
    const image = state.image(name)
    if (image !== undefined) {
      const source = await resolveVars<JsonObject>(this.context, state, image.get.get.source)
      if (!source.ok) return fail({ kind: 'failed', message: source.error })
      const found = await this.delegate.nativeImage({ source: source.value, checked: image.version }, privileged, signal, note)
      if (!found.ok) return found
      // Its get has found that nodes can pull it; a server with other settings goes on here.
      return isUnpullable(found.value) ? fail({ kind: 'failed', message: `image ${name}: ${found.value.reason}` }) : ok(found.value)
    }
    const artifact = state.artifact(name)
    if (artifact === undefined) return fail({ kind: 'failed', message: `there is no artifact "${name}" to use as the task's image` })
    const allowed = await mayUseImage(this.context, { type: 'artifact', image: name, source: {}, privileged }, signal, note)
    return allowed.ok ? artifactImage(this.context.services, artifact, name, privileged, signal, note) : allowed
  }
}

/** Base types never reach fetchImage: their images are in the map. */
export async function baseTypeImage(
  context: BuildContext,
  type: string,
  privileged: boolean,
  signal: AbortSignal,
  note: (line: string) => void = () => undefined,
): Promise<Result<ImageSpec, ImageFailure>> {
  const { services } = context
  const { baseTypes } = services.options
  const configured = baseTypes.get(type)
  if (configured === undefined) {
    return fail({
      kind: 'failed',
      message: `unknown resource type "${type}": it is neither defined under resource_types nor a base type (${[...baseTypes.keys()].join(', ')}); --base-resource-type ${type}=IMAGE makes it one`,
    })
  }
  const from = typeof configured === 'string' ? sourceOf(configured) : configured
  const image = await services.images.image({ source: from, by: 'operator', onWait: note }, signal)
  if (signal.aborted) return fail({ kind: 'aborted' })
  if (!image.ok) return fail({ kind: 'failed', message: image.error })
  const { source, config, architectures, how, tag } = image.value
  if (image.value.note !== undefined) note(image.value.note)
  const allowed = await mayUseImage(context, { type, image: source.reference, source: from, privileged }, signal, note)
  if (!allowed.ok) return allowed
  return ok({ source, config, architectures, privileged, resolvedBy: how === 'node' ? how : 'base-type', ...(tag !== undefined && { foundByNode: { tag } }) })
}

/** `host/repo:tag@sha256:…` as a registry-image source. A reference without either means `latest`, a source without would mean the newest version. */
function sourceOf(reference: string): JsonObject {
  const [name = '', digest] = reference.split('@')
  const colon = name.lastIndexOf(':')
  const tagged = colon > name.lastIndexOf('/')
  return {
    repository: tagged ? name.slice(0, colon) : name,
    ...(tagged ? { tag: name.slice(colon + 1) } : digest === undefined && { tag: 'latest' }),
    ...(digest !== undefined && { digest }),
  }
}

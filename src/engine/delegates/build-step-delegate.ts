import type { ImageSpec } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PlanNode } from '../../model/plan.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { createStep, type PortsFactory } from '../../steps/factory.ts'
import { downloadStep } from '../../steps/get.ts'
import type { ImageFailure, RunState } from '../../steps/ports.ts'
import { artifactImage, artifactImageRefusal } from '../artifact-image.ts'
import type { BuildContext } from '../build-context.ts'
import { resolveVars } from '../interpolate.ts'
import type { ImageToResolve } from '../ports.ts'
import { nativelyFetched } from './native-type.ts'

/**
 * Gives a step its image. With native image fetch, a registry image is not downloaded: its check's version (or a pin, or
 * the source itself) becomes a reference that the runtime pulls. Otherwise check and get run as steps of their own and the
 * image is an artifact.
 */
export class BuildStepDelegate {
  private readonly context: BuildContext
  private readonly factory: PortsFactory
  private readonly nativeImageFetch: boolean

  constructor(context: BuildContext, factory: PortsFactory, nativeImageFetch: boolean) {
    this.context = context
    this.factory = factory
    this.nativeImageFetch = nativeImageFetch
  }

  async fetchImage(
    fetchState: RunState,
    getPlan: PlanNode<'get'>,
    checkPlan: PlanNode<'check'> | undefined,
    privileged: boolean,
    signal: AbortSignal,
  ): Promise<Result<ImageSpec, ImageFailure>> {
    const native = this.nativeImageFetch && nativelyFetched(getPlan.get)
    const refused = native ? undefined : artifactImageRefusal(this.context.services, nameOf(getPlan))
    if (refused !== undefined) return fail({ kind: 'failed', message: refused })
    if (checkPlan !== undefined) {
      const checked = await createStep(checkPlan, this.factory).run(fetchState, signal)
      if (checked.kind === 'aborted' || signal.aborted) return fail({ kind: 'aborted' })
      if (checked.kind !== 'succeeded') {
        return fail({ kind: 'failed', message: checked.kind === 'errored' ? checked.message : 'image check failed' })
      }
    }
    return native
      ? this.native(fetchState, getPlan, checkPlan, privileged, signal)
      : this.physical(fetchState, getPlan, privileged, signal)
  }

  /** No get: the reference is built from the source and the version that is known. */
  private async native(
    fetchState: RunState,
    getPlan: PlanNode<'get'>,
    checkPlan: PlanNode<'check'> | undefined,
    privileged: boolean,
    signal: AbortSignal,
  ): Promise<Result<ImageSpec, ImageFailure>> {
    const source = resolveVars<JsonObject>(this.context, getPlan.get.source)
    if (!source.ok) return fail({ kind: 'failed', message: source.error })
    return this.nativeImage(source.value, { checked: checkPlan && fetchState.version(checkPlan.id), version: getPlan.get.version }, privileged, signal)
  }

  /** An image that the runtime pulls, by its source with vars filled in and what is known of its version. */
  async nativeImage(
    source: JsonObject,
    known: Pick<ImageToResolve, 'checked' | 'version'>,
    privileged: boolean,
    signal: AbortSignal,
  ): Promise<Result<ImageSpec, ImageFailure>> {
    const image = await this.context.services.images.image({ source, ...known }, signal)
    if (signal.aborted) return fail({ kind: 'aborted' })
    if (!image.ok) return fail({ kind: 'failed', message: image.error })
    const { source: from, config, architectures, how } = image.value
    return ok({ source: from, config, architectures, privileged, resolvedBy: how })
  }

  private async physical(
    fetchState: RunState,
    getPlan: PlanNode<'get'>,
    privileged: boolean,
    signal: AbortSignal,
  ): Promise<Result<ImageSpec, ImageFailure>> {
    const fetched = await downloadStep(getPlan, this.factory.ports(getPlan, undefined)).run(fetchState, signal)
    if (fetched.kind === 'aborted' || signal.aborted) return fail({ kind: 'aborted' })
    if (fetched.kind !== 'succeeded') {
      return fail({ kind: 'failed', message: fetched.kind === 'errored' ? fetched.message : 'image fetching failed' })
    }
    const name = nameOf(getPlan)
    const artifact = fetchState.artifact(name)
    if (artifact === undefined) return fail({ kind: 'failed', message: `the get of image ${name} left no artifact` })
    return artifactImage(this.context.services, artifact, name, privileged, signal)
  }
}

const nameOf = ({ get }: PlanNode<'get'>): string => get.name ?? get.type

import { layerByteCounter } from '../../lib/traffic.ts'
import type { ImageSpec } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PlanNode } from '../../model/plan.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { createStep, type PortsFactory } from '../../steps/factory.ts'
import { downloadStep } from '../../steps/get.ts'
import type { ImageFailure, RunState } from '../../steps/ports.ts'
import { artifactImage, mayBeArtifact } from './artifact-image.ts'
import type { BuildContext } from '../build-context.ts'
import { mayUseImage } from './image-policy.ts'
import { resolveVars } from '../interpolate.ts'
import type { ImageToResolve } from '../ports.ts'
import { versionScope } from '../version-scope.ts'
import { nativelyFetched } from './native-type.ts'
import { SkippedGet } from './skipped-get.ts'

/** What is known of an image whose type is registry-image, before its registry is asked. */
export type NativeRequest = Pick<ImageToResolve, 'checked' | 'version'> & {
  readonly source: JsonObject
  /** The scope of its check's versions, if there is one: what a node finds belongs there. */
  readonly scope?: string | undefined
}

/** Nodes would fail to pull it: a get step must fetch it. */
export interface Unpullable {
  readonly kind: 'unpullable'
  readonly reason: string
}

/**
 * Gives a step its image. With native image fetch, a registry image is not downloaded: its check's version (or a pin, or
 * the source itself) becomes a reference that the runtime pulls. Otherwise check and get run as steps of their own and the
 * image is an artifact.
 */
export class BuildStepDelegate {
  private readonly context: BuildContext
  private readonly factory: PortsFactory
  private readonly nativeImageFetch: boolean
  private readonly skipped: SkippedGet

  constructor(context: BuildContext, factory: PortsFactory, nativeImageFetch: boolean) {
    this.context = context
    this.factory = factory
    this.nativeImageFetch = nativeImageFetch
    this.skipped = new SkippedGet(context)
  }

  /** A get that is skipped finishes, or shows its error, like one that ran: nothing stays pending. */
  async fetchImage(
    fetchState: RunState,
    getPlan: PlanNode<'get'>,
    checkPlan: PlanNode<'check'> | undefined,
    privileged: boolean,
    signal: AbortSignal,
  ): Promise<Result<ImageSpec, ImageFailure>> {
    const native = this.nativeImageFetch && nativelyFetched(getPlan.get)
    const possible = native ? ok(undefined) : await this.mayBeArtifact(getPlan, signal)
    if (!possible.ok) return possible
    const checked = checkPlan && (await this.check(checkPlan, fetchState, signal))
    if (native) {
      const image = checked?.ok === false ? checked : await this.native(fetchState, getPlan, checkPlan, privileged, signal)
      if (!image.ok) {
        this.skipped.failed(getPlan, image.error)
        return image
      }
      if (!isUnpullable(image.value)) {
        this.skipped.found(getPlan, checkPlan && fetchState.version(checkPlan.id), image.value)
        return ok(image.value)
      }
      this.note(getPlan, image.value.reason)
    }
    if (checked?.ok === false) return checked
    return this.physical(fetchState, getPlan, privileged, signal)
  }

  private async check(checkPlan: PlanNode<'check'>, fetchState: RunState, signal: AbortSignal): Promise<Result<void, ImageFailure>> {
    const checked = await createStep(checkPlan, this.factory).run(fetchState, signal)
    if (checked.kind === 'aborted' || signal.aborted) return fail({ kind: 'aborted' })
    if (checked.kind === 'succeeded') return ok(undefined)
    return fail({ kind: 'failed', message: checked.kind === 'errored' ? checked.message : 'image check failed' })
  }

  /** No get: the reference is built from the source and the version that is known. */
  private async native(
    fetchState: RunState,
    getPlan: PlanNode<'get'>,
    checkPlan: PlanNode<'check'> | undefined,
    privileged: boolean,
    signal: AbortSignal,
  ): Promise<Result<ImageSpec | Unpullable, ImageFailure>> {
    const source = await resolveVars<JsonObject>(this.context, fetchState, getPlan.get.source)
    if (!source.ok) return fail({ kind: 'failed', message: source.error })
    const scope = checkPlan && (await this.scopeOf(checkPlan, fetchState))
    const request = { source: source.value, checked: checkPlan && fetchState.version(checkPlan.id), version: getPlan.get.version, scope }
    const image = await this.nativeImage(request, privileged, signal, (line) => this.note(getPlan, line))
    if (!image.ok || !isUnpullable(image.value)) return image
    const instead = await this.mayBeArtifact(getPlan, signal)
    if (instead.ok) return image
    return fail(instead.error.kind === 'failed' ? { kind: 'failed', message: `${image.value.reason}; ${instead.error.message}` } : instead.error)
  }

  /** An image that the runtime pulls, by its source with vars filled in and what is known of its version. */
  async nativeImage(
    { scope, ...request }: NativeRequest,
    privileged: boolean,
    signal: AbortSignal,
    note: (line: string) => void,
  ): Promise<Result<ImageSpec | Unpullable, ImageFailure>> {
    const image = await this.context.services.images.image({ ...request, onWait: note }, signal)
    if (signal.aborted) return fail({ kind: 'aborted' })
    if (!image.ok) return fail({ kind: 'failed', message: image.error })
    if (image.value.physical !== undefined) return ok({ kind: 'unpullable', reason: image.value.physical })
    const { source, config, architectures, how, tag } = image.value
    const allowed = await mayUseImage(this.context, { type: 'registry-image', image: source.reference, source: request.source, privileged }, signal, note)
    if (!allowed.ok) return allowed
    if (image.value.note !== undefined) note(image.value.note)
    const foundByNode = tag === undefined ? undefined : { tag, ...(scope !== undefined && { scope }) }
    return ok({ source, config, architectures, privileged, resolvedBy: how, ...(foundByNode && { foundByNode }) })
  }

  private async scopeOf({ check }: PlanNode<'check'>, state: RunState): Promise<string | undefined> {
    const source = await resolveVars<JsonObject>(this.context, state, check.source)
    return source.ok ? versionScope(this.context, check, source.value) : undefined
  }

  private async physical(
    fetchState: RunState,
    getPlan: PlanNode<'get'>,
    privileged: boolean,
    signal: AbortSignal,
  ): Promise<Result<ImageSpec, ImageFailure>> {
    const { type } = getPlan.get
    const source = await resolveVars<JsonObject>(this.context, fetchState, getPlan.get.source)
    if (!source.ok) return fail({ kind: 'failed', message: source.error })
    const { repository } = source.value
    const image = typeof repository === 'string' ? repository : nameOf(getPlan)
    const use = { type, image, source: source.value, privileged }
    const allowed = await mayUseImage(this.context, use, signal, (line) => this.note(getPlan, line))
    if (!allowed.ok) return allowed
    const count = layerByteCounter()
    const ports = this.factory.ports(getPlan, undefined)
    const run: typeof ports.run = async (request, stopped) => {
      const ran = await ports.run(request, stopped)
      // Its container has sent what it fetched to this server's store.
      if (ran.ok) for (const artifact of ran.value.outputs.values()) count(artifact.size)
      return ran
    }
    const fetched = await downloadStep(getPlan, { ...ports, run }).run(fetchState, signal)
    if (fetched.kind === 'aborted' || signal.aborted) return fail({ kind: 'aborted' })
    if (fetched.kind !== 'succeeded') {
      return fail({ kind: 'failed', message: fetched.kind === 'errored' ? fetched.message : 'image fetching failed' })
    }
    const name = nameOf(getPlan)
    const artifact = fetchState.artifact(name)
    if (artifact === undefined) return fail({ kind: 'failed', message: `the get of image ${name} left no artifact` })
    return artifactImage(this.context.services, artifact, name, privileged, signal, (line) => this.note(getPlan, line))
  }

  private mayBeArtifact(getPlan: PlanNode<'get'>, signal: AbortSignal): Promise<Result<void, ImageFailure>> {
    return mayBeArtifact(this.context.services, nameOf(getPlan), signal, (line) => this.note(getPlan, line))
  }

  private note(getPlan: PlanNode<'get'>, line: string): void {
    this.factory.ports(getPlan, undefined).note(line)
  }
}

export const isUnpullable = (image: ImageSpec | Unpullable): image is Unpullable => 'kind' in image

const nameOf = ({ get }: PlanNode<'get'>): string => get.name ?? get.type

import { layerByteCounter } from '../../lib/traffic.ts'
import type { ImageSpec } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PlanNode } from '../../model/plan.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { stepNameOf } from '../../planner/step-name.ts'
import { createStep, type PortsFactory } from '../../steps/factory.ts'
import { downloadStep } from '../../steps/get.ts'
import type { ImageFailure, RunState } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import { resolveVars } from '../interpolate.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { versionScope } from '../version-scope.ts'
import { artifactImage, mayBeArtifact } from './artifact-image.ts'
import type { Asking } from './asking.ts'
import { mayUseImage } from './image-policy.ts'
import { isRegistryImage, type FetchedWay } from './image-way.ts'
import { isUnpullable, nativeImage, type Unpullable } from './native-image.ts'
import { SkippedGet } from './skipped-get.ts'

/**
 * Images that have a get, and perhaps a check, of their own. With native image fetch, a registry image is not downloaded: its check's
 * version (or a pin, or the source itself) becomes a reference that the runtime pulls. Otherwise check and get run as steps of their own
 * and the image is an artifact.
 */
export class FetchedImages {
  private readonly context: BuildContext
  private readonly factory: PortsFactory
  private readonly skipped: SkippedGet

  constructor(context: BuildContext, factory: PortsFactory) {
    this.context = context
    this.factory = factory
    this.skipped = new SkippedGet(context)
  }

  /** What is said of the get stands in its own log. One that is skipped finishes, or shows its error, like one that ran: nothing stays pending. */
  async fetch(way: FetchedWay, state: RunState, signal: AbortSignal): Promise<Result<ImageSpec, ImageFailure>> {
    const { get } = way
    const ports = this.factory.ports(get, { attempts: [] })
    const asking: Asking = { signal, note: (line) => ports.note(line), onWait: (line) => ports.onWait(line) }
    const possible = way.kind === 'native' ? ok(undefined) : await mayBeArtifact(this.context.services, stepNameOf(get), asking)
    if (!possible.ok) return possible
    const checked = way.check && (await this.check(way.check, state, signal))
    let whyNotNative = this.whyGet(way)
    if (way.kind === 'native') {
      const image = checked?.ok === false ? checked : await this.native(way, state, asking)
      if (!image.ok) {
        this.skipped.failed(get, image.error)
        return image
      }
      if (!isUnpullable(image.value)) {
        this.skipped.found(get, way.check && state.version(way.check.id), image.value)
        return ok(image.value)
      }
      whyNotNative = image.value.reason
      ports.note(whyNotNative)
    }
    if (checked?.ok === false) return checked
    return this.physical({ ...way, whyNotNative }, state, asking)
  }

  private async check(checkPlan: PlanNode<'check'>, state: RunState, signal: AbortSignal): Promise<Result<void, ImageFailure>> {
    const checked = await createStep(checkPlan, this.factory).run(state, signal)
    if (checked.kind === 'aborted' || signal.aborted) return fail({ kind: 'aborted' })
    if (checked.kind === 'succeeded') return ok(undefined)
    return fail({ kind: 'failed', message: checked.kind === 'errored' ? checked.message : 'image check failed' })
  }

  /** No get: the reference is built from the source and the version that is known. */
  private async native({ get, check, privileged }: FetchedWay, state: RunState, asking: Asking): Promise<Result<ImageSpec | Unpullable, ImageFailure>> {
    const source = await unlessAborted(resolveVars<JsonObject>(this.context, state, get.get.source), asking.signal)
    if (!source.ok) return source
    const scope = check && (await this.scopeOf(check, state))
    const request = { source: source.value, checked: check && state.version(check.id), version: get.get.version, scope, privileged }
    const image = await nativeImage(this.context, request, asking)
    if (!image.ok || !isUnpullable(image.value)) return image
    const otherwise = await mayBeArtifact(this.context.services, stepNameOf(get), asking)
    if (otherwise.ok) return image
    return fail(otherwise.error.kind === 'failed' ? { kind: 'failed', message: `${image.value.reason}; ${otherwise.error.message}` } : otherwise.error)
  }

  private async scopeOf({ check }: PlanNode<'check'>, state: RunState): Promise<string | undefined> {
    const source = await resolveVars<JsonObject>(this.context, state, check.source)
    return source.ok ? versionScope(this.context, check, source.value) : undefined
  }

  private whyGet({ get: { get } }: FetchedWay): string {
    const { options, runtime } = this.context.services
    if (!isRegistryImage(get)) return `its resource type ${get.type} fetches it`
    if (!options.nativeImageFetch) return 'native image fetch is off'
    return runtime.capabilities.nativeImageFetch ? 'nodes cannot pull it' : 'the runtime does not pull images'
  }

  private async physical({ get, privileged, whyNotNative }: FetchedWay & { readonly whyNotNative: string }, state: RunState, asking: Asking): Promise<Result<ImageSpec, ImageFailure>> {
    const { signal, note } = asking
    const { type } = get.get
    const name = stepNameOf(get)
    const source = await unlessAborted(resolveVars<JsonObject>(this.context, state, get.get.source), signal, this.context.steps.has(get.id))
    if (!source.ok) return source
    const { repository } = source.value
    const use = { type, image: typeof repository === 'string' ? repository : name, source: source.value, privileged }
    const allowed = await mayUseImage(this.context, use, signal, note)
    if (!allowed.ok) return allowed
    const fetched = await this.download(get, state, signal)
    if (fetched.kind === 'aborted' || signal.aborted) return fail({ kind: 'aborted' })
    if (fetched.kind !== 'succeeded') {
      return fail({ kind: 'failed', message: fetched.kind === 'errored' ? fetched.message : 'image fetching failed' })
    }
    const artifact = state.artifact(name)
    if (artifact === undefined) return fail({ kind: 'failed', message: `the get of image ${name} left no artifact` })
    const image = await artifactImage(this.context.services, { artifact, name, privileged }, asking)
    return image.ok ? ok({ ...image.value, ...allowed.value, whyNotNative }) : image
  }

  private download(get: PlanNode<'get'>, state: RunState, signal: AbortSignal) {
    const count = layerByteCounter()
    const ports = this.factory.ports(get, { attempts: [] })
    const run: typeof ports.run = async (request, stopped) => {
      const ran = await ports.run(request, stopped)
      // Its container has sent what it fetched to this server's store.
      if (ran.ok) for (const artifact of ran.value.outputs.values()) count(artifact.size)
      return ran
    }
    return downloadStep(get, { ...ports, run }).run(state, signal)
  }
}

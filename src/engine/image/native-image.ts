import type { ImageSpec } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { ImageFailure } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import type { ImageToResolve } from '../ports.ts'
import type { Asking } from './asking.ts'
import { mayUseImage } from './image-policy.ts'

/** What is known of an image whose type is registry-image, before its registry is asked. */
export interface NativeRequest extends Pick<ImageToResolve, 'checked' | 'version'> {
  /** Vars filled in. */
  readonly source: JsonObject
  /** The scope of its check's versions, if there is one: what a node finds belongs there. */
  readonly scope?: string | undefined
  readonly privileged: boolean
}

/** Nodes would fail to pull it: a get step must fetch it. */
export interface Unpullable {
  readonly kind: 'unpullable'
  readonly reason: string
}

export const isUnpullable = (image: ImageSpec | Unpullable): image is Unpullable => 'kind' in image

/** An image that the runtime pulls. */
export async function nativeImage(
  context: BuildContext,
  { scope, privileged, ...request }: NativeRequest,
  { signal, note, onWait }: Asking,
): Promise<Result<ImageSpec | Unpullable, ImageFailure>> {
  const image = await context.services.images.image({ ...request, onWait }, signal)
  if (signal.aborted) return fail({ kind: 'aborted' })
  if (!image.ok) return fail({ kind: 'failed', message: image.error })
  if (image.value.physical !== undefined) return ok({ kind: 'unpullable', reason: image.value.physical })
  const { source, config, architectures, how, tag } = image.value
  const allowed = await mayUseImage(context, { type: 'registry-image', image: source.reference, source: request.source, privileged }, signal, note)
  if (!allowed.ok) return allowed
  if (image.value.note !== undefined) note(image.value.note)
  const foundByNode = tag === undefined ? undefined : { tag, ...(scope !== undefined && { scope }) }
  return ok({ source, config, architectures, privileged, resolvedBy: how, ...allowed.value, ...(foundByNode && { foundByNode }) })
}

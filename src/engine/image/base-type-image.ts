import type { ImageSpec } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { ImageFailure } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import type { Asking } from './asking.ts'
import { mayUseImage } from './image-policy.ts'

/** The image that the operator's map names for a base resource type. */
export async function baseTypeImage(
  context: BuildContext,
  { type, privileged }: { readonly type: string; readonly privileged: boolean },
  { signal, note, onWait }: Asking,
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
  const image = await services.images.image({ source: from, by: 'operator', onWait }, signal)
  if (signal.aborted) return fail({ kind: 'aborted' })
  if (!image.ok) return fail({ kind: 'failed', message: image.error })
  const { source, config, architectures, how, tag } = image.value
  if (image.value.note !== undefined) note(image.value.note)
  const allowed = await mayUseImage(context, { type, image: source.reference, source: from, privileged }, signal, note)
  if (!allowed.ok) return allowed
  return ok({ source, config, architectures, privileged, resolvedBy: how === 'node' ? how : 'base-type', ...allowed.value, ...(tag !== undefined && { foundByNode: { tag } }) })
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

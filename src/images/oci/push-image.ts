import { fail, ok, type Result } from '../../model/result.ts'
import { registryError } from '../registry/classify.ts'
import type { Descriptor } from '../registry/media-types.ts'
import { manifestLimit, type CallOptions, type RegistryClient } from '../registry/registry-client.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { parseImageDocument } from '../resolve/image-documents.ts'
import type { BlobStore } from './blob-store.ts'

export interface PushOptions extends CallOptions {
  /** Tags that the image gets; none: it is there by its digest alone. */
  readonly tags?: readonly string[]
}

/** An image or index, and the store that has its blobs. */
export interface StoredImage {
  readonly store: BlobStore
  readonly image: Descriptor
}

export interface Pushed {
  readonly digest: string
  /** Blobs that the registry lacked, and their bytes. */
  readonly uploaded: number
  readonly bytes: number
}

/** Pushes an image or index with all it points at; what the registry has already is not sent. */
export async function pushImage(
  client: RegistryClient,
  target: RegistryTarget,
  { store, image }: StoredImage,
  options: PushOptions = {},
): Promise<Result<Pushed, RegistryError>> {
  const tags = options.tags ?? []
  let uploaded = 0
  let bytes = 0
  const seen = new Set<string>()

  const pushBlob = async ({ digest, size }: Descriptor): Promise<Result<void, RegistryError>> => {
    if (seen.has(digest)) return ok(undefined)
    seen.add(digest)
    const there = await client.hasBlob(target, digest, options)
    if (!there.ok) return there
    if (there.value) return ok(undefined)
    const put = await client.putBlob(target, { digest, size, open: () => store.open(digest) }, options)
    if (put.ok) {
      uploaded++
      bytes += size
    }
    return put
  }

  const pushManifest = async (descriptor: Descriptor, references: readonly string[], depth: number): Promise<Result<void, RegistryError>> => {
    const bad = (detail: string) => fail(registryError({ target, reference: descriptor.digest }, 'bad-response', `not pushed: ${detail}`))
    if (descriptor.size > manifestLimit || depth > 2) return bad('its manifest is too large, or indexes stand in indexes')
    const content = await store.read(descriptor.digest)
    const document = parseImageDocument(content)
    if (!document.ok) return bad(document.error)
    const parts = document.value.kind === 'index' ? document.value.manifests : [document.value.config, ...document.value.layers]
    for (const part of parts) {
      const pushed = document.value.kind === 'index' ? await pushManifest(part, [part.digest], depth + 1) : await pushBlob(part)
      if (!pushed.ok) return pushed
    }
    for (const reference of references) {
      const put = await client.putManifest(target, reference, { mediaType: descriptor.mediaType, bytes: content }, options)
      if (!put.ok) return put
    }
    return ok(undefined)
  }

  const pushed = await pushManifest(image, tags.length === 0 ? [image.digest] : tags, 0)
  return pushed.ok ? ok({ digest: image.digest, uploaded, bytes }) : pushed
}

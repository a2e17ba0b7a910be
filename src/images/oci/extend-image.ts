import { Readable } from 'node:stream'
import type { ImageConfig } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { mediaTypes, type Descriptor, type Platform } from '../registry/media-types.ts'
import type { RegistryClient } from '../registry/registry-client.ts'
import { describeRegistryError } from '../registry/registry-error.ts'
import { imageName, type RegistryTarget } from '../registry/target.ts'
import { layerDiffs, parseConfigDocument, parseImageDocument } from '../resolve/image-documents.ts'
import type { BlobStore } from './blob-store.ts'
import { writeImage, writeIndex } from './image.ts'
import type { Layer } from './layer.ts'
import type { StoredImage } from './push-image.ts'

/** An image in a registry, by tag or digest. */
export interface BaseImage {
  readonly client: RegistryClient
  readonly target: RegistryTarget
  readonly reference: string
}

export interface Extension {
  /** Go's names; those of them that the base has are built. */
  readonly architectures: readonly string[]
  /** In the store that the image is written to. */
  readonly layers: readonly Layer[]
  /** Goes before the base's; variables are added to the base's, and replace those of the same name. */
  readonly config: Partial<ImageConfig>
}

const configLimit = 8 * 1024 * 1024

/**
 * Puts layers on a base image, as `FROM` of a Dockerfile does: an index over the linux images of the wanted architectures. The base's own
 * layers are read from its registry when they are pushed. The error is a sentence.
 */
export async function extendImage(store: BlobStore, base: BaseImage, extension: Extension): Promise<Result<StoredImage, string>> {
  const { client, target } = base
  const bad = (detail: string) => fail(`${imageName(target, base.reference)}: ${detail}`)
  const document = async (reference: string) => {
    const read = await client.getManifest(target, reference)
    if (!read.ok) return fail(describeRegistryError(read.error))
    const parsed = parseImageDocument(read.value.bytes)
    return parsed.ok ? parsed : bad(parsed.error)
  }
  const top = await document(base.reference)
  if (!top.ok) return top
  const wanted = ({ os, architecture }: Platform): boolean => os === 'linux' && extension.architectures.includes(architecture)
  const documents = []
  if (top.value.kind === 'manifest') documents.push(top.value)
  else {
    for (const { digest, platform } of top.value.manifests) {
      if (platform === undefined || !wanted(platform)) continue
      const one = await document(digest)
      if (!one.ok) return one
      if (one.value.kind === 'manifest') documents.push(one.value)
    }
  }

  const ofBase = new Map<string, Descriptor>()
  const images: Descriptor[] = []
  for (const { config, layers } of documents) {
    const bytes = await client.getBlob(target, config.digest, configLimit)
    if (!bytes.ok) return fail(describeRegistryError(bytes.error))
    const parsed = parseConfigDocument(bytes.value)
    if (!parsed.ok) return bad(parsed.error)
    if (!wanted(parsed.value.platform)) continue
    const diffIds = layerDiffs(bytes.value)
    if (diffIds?.length !== layers.length) return bad('its config does not name each of its layers')
    for (const layer of layers) ofBase.set(layer.digest, layer)
    const below = layers.map((layer, at) => ({ descriptor: ociLayer(layer), diffId: diffIds[at] as string }))
    const merged = { ...parsed.value.config, ...extension.config, env: mergedEnv(parsed.value.config.env, extension.config.env ?? []) }
    images.push(await writeImage(store, { platform: parsed.value.platform, layers: [...below, ...extension.layers], config: merged }))
  }
  if (images.length === 0) return bad(`it has no image for linux on ${extension.architectures.join(' or ')}`)

  const open = (digest: string): Readable => {
    const layer = ofBase.get(digest)
    return layer === undefined ? store.open(digest) : Readable.from(readLayer(base, layer))
  }
  return ok({ store: { ...store, open }, image: await writeIndex(store, images) })
}

async function* readLayer({ client, target }: BaseImage, { digest, size }: Descriptor): AsyncGenerator<Uint8Array> {
  const blob = await client.openBlob(target, digest, size)
  if (!blob.ok) throw new Error(describeRegistryError(blob.error))
  yield* blob.value
}

/** Docker's types in an OCI manifest are refused by some registries; the bytes are the same. */
const ociLayer = (layer: Descriptor): Descriptor => ({
  ...layer,
  mediaType: layer.mediaType.startsWith('application/vnd.docker.') ? (layer.mediaType.endsWith('gzip') ? mediaTypes.ociLayerGzip : mediaTypes.ociLayer) : layer.mediaType,
})

function mergedEnv(base: readonly string[], more: readonly string[]): string[] {
  const nameOf = (pair: string): string => pair.slice(0, pair.indexOf('='))
  const replaced = new Set(more.map(nameOf))
  return [...base.filter((pair) => !replaced.has(nameOf(pair))), ...more]
}

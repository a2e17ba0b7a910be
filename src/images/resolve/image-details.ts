import type { ImageConfig } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import { mediaTypes, type Descriptor } from '../registry/media-types.ts'
import { imageName, type RegistryTarget } from '../registry/target.ts'
import { parseConfigDocument, parseImageDocument, type ImageDocument } from './image-documents.ts'
import type { ImageError } from './image-error.ts'
import type { WantedPlatform } from './image-source.ts'
import { architecturesOf, platformName, platformNames, selectManifest } from './select-platform.ts'

/** What a step must know of an image before it is pulled. */
export interface ImageDetails {
  readonly config: ImageConfig
  /** Those that the image has for the wanted operating system. */
  readonly architectures: readonly string[]
  /** When it was created, in ms; 0 if its config does not say. */
  readonly created: number
}

const configLimit = 8 * 1024 * 1024

/** Index, manifest and config of a digest; each is asked for once per digest and comes from the client's cache afterwards. */
export async function imageDetails(
  client: RegistryClient,
  target: RegistryTarget,
  { digest, platform: wanted }: { readonly digest: string; readonly platform: WantedPlatform | undefined },
  options: CallOptions,
): Promise<Result<ImageDetails, ImageError>> {
  const image = imageName(target, digest)
  const document = (reference: string) => fetchDocument(client, target, reference, options)

  let top = await document(digest)
  if (!top.ok) return top
  let architectures: readonly string[] | undefined
  let declared = false
  if (top.value.kind === 'index') {
    const flat = await flatten(top.value.manifests, document, image)
    if (!flat.ok) return flat
    const manifests = flat.value
    const chosen = selectManifest(manifests, wanted)
    if (chosen === undefined) {
      return fail({ kind: 'platform', image, wanted: wantedName(wanted), available: platformNames(manifests) })
    }
    const all = architecturesOf(manifests, wanted?.os ?? 'linux')
    architectures = wanted?.architecture === undefined ? all : all.filter((name) => name === wanted.architecture?.split('/')[0])
    declared = chosen.platform !== undefined
    top = await document(chosen.digest)
    if (!top.ok) return top
  }
  if (top.value.kind === 'index') return fail({ kind: 'malformed', image, detail: 'its index calls an index an image' })

  const bytes = await client.getBlob(target, top.value.config.digest, configLimit, options)
  if (!bytes.ok) return fail({ kind: 'registry', error: bytes.error })
  const config = parseConfigDocument(bytes.value)
  if (!config.ok) return fail({ kind: 'malformed', image, detail: config.error })
  const { platform } = config.value
  if (!declared && !satisfies(platform, wanted)) {
    return fail({ kind: 'platform', image, wanted: wantedName(wanted), available: [platformName(platform)] })
  }
  architectures ??= platform.architecture === '' ? [] : [platform.architecture]
  return ok({ config: config.value.config, architectures, created: config.value.created ?? 0 })
}

/** Replaces the indexes in an index by their manifests. */
async function flatten(
  manifests: readonly Descriptor[],
  document: (digest: string) => Promise<Result<ImageDocument, ImageError>>,
  image: string,
): Promise<Result<readonly Descriptor[], ImageError>> {
  let flat = manifests
  for (let fetched = 0; flat.some(isIndex); ) {
    const next: Descriptor[] = []
    for (const descriptor of flat) {
      if (!isIndex(descriptor)) {
        next.push(descriptor)
        continue
      }
      if (++fetched > nestedLimit) return fail({ kind: 'malformed', image, detail: `it holds more than ${nestedLimit} indexes in indexes` })
      const nested = await document(descriptor.digest)
      if (!nested.ok) return nested
      next.push(...(nested.value.kind === 'index' ? nested.value.manifests : [{ ...descriptor, mediaType: mediaTypes.ociManifest }]))
    }
    flat = next
  }
  return ok(flat)
}

const nestedLimit = 20

const isIndex = ({ mediaType }: Descriptor): boolean => mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerIndex

async function fetchDocument(
  client: RegistryClient,
  target: RegistryTarget,
  reference: string,
  options: CallOptions,
): Promise<Result<ImageDocument, ImageError>> {
  const manifest = await client.getManifest(target, reference, options)
  if (!manifest.ok) return fail({ kind: 'registry', error: manifest.error })
  const parsed = parseImageDocument(manifest.value.bytes)
  return parsed.ok ? parsed : fail({ kind: 'malformed', image: imageName(target, reference), detail: parsed.error })
}

const satisfies = (platform: { os: string; architecture: string }, wanted: WantedPlatform | undefined): boolean =>
  (wanted?.os === undefined || platform.os === wanted.os) &&
  (wanted?.architecture === undefined || platform.architecture === '' || platform.architecture === wanted.architecture.split('/')[0])

const wantedName = (wanted: WantedPlatform | undefined): string => `${wanted?.os ?? 'linux'}/${wanted?.architecture ?? 'any architecture'}`

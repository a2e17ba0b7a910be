import type { ImageConfig } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import { imageName, type RegistryTarget } from '../registry/target.ts'
import { parseConfigDocument, parseImageDocument, type ImageDocument } from './image-documents.ts'
import type { ImageError } from './image-error.ts'
import type { WantedPlatform } from './image-source.ts'
import { architecturesOf, platformName, platformNames, selectManifest } from './select-platform.ts'

/** What of an image a step needs to know before it is pulled. */
export interface ImageDetails {
  readonly config: ImageConfig
  /** Those that the image has for the wanted operating system. */
  readonly architectures: readonly string[]
}

const configLimit = 8 * 1024 * 1024

/** Index, manifest and config of a digest; each is asked for once per digest and comes from the client's cache afterwards. */
export async function imageDetails(
  client: RegistryClient,
  target: RegistryTarget,
  digest: string,
  wanted: WantedPlatform | undefined,
  options: CallOptions,
): Promise<Result<ImageDetails, ImageError>> {
  const image = imageName(target, digest)
  const document = (reference: string) => fetchDocument(client, target, reference, options)

  let top = await document(digest)
  if (!top.ok) return top
  let architectures: readonly string[] | undefined
  if (top.value.kind === 'index') {
    const { manifests } = top.value
    const chosen = selectManifest(manifests, wanted)
    if (chosen === undefined) {
      return fail({ kind: 'platform', image, wanted: wantedName(wanted), available: platformNames(manifests) })
    }
    const all = architecturesOf(manifests, wanted?.os ?? 'linux')
    architectures = wanted?.architecture === undefined ? all : all.filter((name) => name === wanted.architecture?.split('/')[0])
    top = await document(chosen.digest)
    if (!top.ok) return top
  }
  if (top.value.kind === 'index') return fail({ kind: 'malformed', image, detail: 'its index holds another index where an image should be' })

  const bytes = await client.getBlob(target, top.value.config.digest, configLimit, options)
  if (!bytes.ok) return fail({ kind: 'registry', error: bytes.error })
  const config = parseConfigDocument(bytes.value)
  if (!config.ok) return fail({ kind: 'malformed', image, detail: config.error })
  const { platform } = config.value
  if (architectures === undefined) {
    if (!satisfies(platform, wanted)) {
      return fail({ kind: 'platform', image, wanted: wantedName(wanted), available: [platformName(platform)] })
    }
    architectures = platform.architecture === '' ? [] : [platform.architecture]
  }
  return ok({ config: config.value.config, architectures })
}

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

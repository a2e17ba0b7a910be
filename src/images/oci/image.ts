import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ImageConfig } from '../../model/image.ts'
import { mediaTypes, type Descriptor, type Platform } from '../registry/media-types.ts'
import type { BlobStore } from './blob-store.ts'
import { layerOfEntries, type FileContent, type Layer } from './layer.ts'

export interface NewImage {
  readonly platform: Platform
  readonly layers: readonly Layer[]
  readonly config?: Partial<ImageConfig>
  readonly labels?: Readonly<Record<string, string>>
  /** Default: 1970, so that the same content has the same digest. */
  readonly created?: Date
}

/** Writes config and manifest of an image whose layers are in the store; the descriptor names its platform. */
export async function writeImage(store: BlobStore, image: NewImage): Promise<Descriptor> {
  const { platform, layers, config = {} } = image
  const created = (image.created ?? new Date(0)).toISOString()
  const process = {
    ...(config.user ? { User: config.user } : {}),
    ...(config.env?.length ? { Env: config.env } : {}),
    ...(config.entrypoint?.length ? { Entrypoint: config.entrypoint } : {}),
    ...(config.cmd?.length ? { Cmd: config.cmd } : {}),
    ...(config.workingDir ? { WorkingDir: config.workingDir } : {}),
    ...(image.labels === undefined ? {} : { Labels: image.labels }),
  }
  const configBlob = await store.write(
    JSON.stringify({
      created,
      ...platform,
      config: process,
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(() => ({ created, created_by: 'airside' })),
    }),
  )
  const manifest = await writeManifest(store, { mediaType: mediaTypes.ociConfig, ...configBlob }, layers.map(({ descriptor }) => descriptor))
  return { ...manifest, platform }
}

/** Writes the manifest of an image whose config and layers are in the store. */
export async function writeManifest(store: BlobStore, config: Descriptor, layers: readonly Descriptor[]): Promise<Descriptor> {
  const manifest = await store.write(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers }))
  return { mediaType: mediaTypes.ociManifest, ...manifest }
}

/** Writes an index over images for several platforms. */
export async function writeIndex(store: BlobStore, manifests: readonly Descriptor[]): Promise<Descriptor> {
  const index = await store.write(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }))
  return { mediaType: mediaTypes.ociIndex, ...index }
}

export interface BinaryImage {
  readonly descriptor: Descriptor
  /** Made of the content: the same binaries have the same tag. */
  readonly tag: string
}

/**
 * An image `FROM scratch` that holds one executable at its root, for several architectures: the supervisor's image.
 * `binaries`: architecture (Go's name) → file, or its content.
 */
export async function writeBinaryImage(
  store: BlobStore,
  name: string,
  binaries: Readonly<Record<string, string | Uint8Array>>,
): Promise<BinaryImage> {
  const manifests: Descriptor[] = []
  for (const [architecture, binary] of Object.entries(binaries).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const content = typeof binary === 'string' ? await fileContent(binary) : binary
    const layer = await layerOfEntries(store, [{ type: 'file', path: name, mode: 0o755, content }])
    manifests.push(await writeImage(store, { platform: { os: 'linux', architecture }, layers: [layer], config: { entrypoint: [`/${name}`] } }))
  }
  const descriptor = await writeIndex(store, manifests)
  return { descriptor, tag: contentTag(descriptor.digest) }
}

/** A tag made from a digest, e.g. `sha256-0123456789abcdef`. */
export const contentTag = (digest: string): string => digest.replace(':', '-').slice(0, 'sha256-'.length + 16)

/** A file's content, for a layer. */
async function fileContent(file: string): Promise<FileContent> {
  const { size } = await stat(file)
  return { size, open: () => createReadStream(file) }
}

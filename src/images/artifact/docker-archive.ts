import { Readable } from 'node:stream'
import { z } from 'zod'
import { boundedArray, boundedString } from '../../lib/bounded.ts'
import { mediaTypes, type Descriptor } from '../registry/media-types.ts'
import type { BlobStore } from '../oci/blob-store.ts'
import { writeManifest } from '../oci/image.ts'
import { layerOfTar, zstdLayer, type Layer } from '../oci/layer.ts'
import { descriptorsLimit, layerDiffs, parseConfigDocument, type ConfigDocument } from '../resolve/image-documents.ts'
import { isFile } from './format.ts'
import { parseJson, readFiles, readLinks } from './folder-files.ts'
import { InvalidImage } from './invalid-image.ts'
import { insidePath, shown, type TarEntries } from './tar-entries.ts'

/** What `docker save` writes beside configs and layers: which of them are an image. */
export const archiveIndex = 'manifest.json'

const path = boundedString(4096)
const schema = boundedArray(z.object({ Config: path, Layers: boundedArray(path, descriptorsLimit).nullish() }), 1000)

interface Archive {
  readonly config: string
  readonly layers: readonly string[]
}

function parseArchive(bytes: Uint8Array): Archive {
  const parsed = schema.safeParse(parseJson(bytes, archiveIndex))
  if (!parsed.success) throw new InvalidImage(`its ${archiveIndex} is not one of an image archive`)
  const [image, another] = parsed.data
  if (image === undefined) throw new InvalidImage(`its ${archiveIndex} names no image`)
  if (another !== undefined) throw new InvalidImage(`it holds ${parsed.data.length} images: which one to run nobody says`)
  const inside = (name: string): string => insidePath(name, `its ${archiveIndex}`)
  return { config: inside(image.Config), layers: (image.Layers ?? []).map(inside) }
}

/** A manifest.json that names the one image of an archive by its files alone. */
export function namelessArchiveIndex(index: Uint8Array): object {
  const { config, layers } = parseArchive(index)
  return [{ Config: config, RepoTags: null, Layers: layers }]
}

/** Config of the one image of an archive. `index`: its manifest.json. */
export async function archiveFacts(entries: TarEntries, index: Uint8Array): Promise<ConfigDocument> {
  return configOf((await readConfig(entries, parseArchive(index))).bytes)
}

async function readConfig(entries: TarEntries, { config }: Archive): Promise<{ readonly bytes: Buffer }> {
  const bytes = (await readFiles(entries, new Set([config]))).get(config)
  if (bytes === undefined) throw new InvalidImage(`its config ${shown(config)} is not there`)
  return { bytes }
}

function configOf(bytes: Uint8Array): ConfigDocument {
  const config = parseConfigDocument(bytes)
  if (!config.ok) throw new InvalidImage(config.error)
  return config.value
}

/** Writes the one image of an archive to a store: its config as it is, layers that are not compressed compressed. */
export async function writeArchiveImage(entries: TarEntries, index: Uint8Array, store: BlobStore): Promise<Descriptor> {
  const archive = parseArchive(index)
  const { bytes } = await readConfig(entries, archive)
  const { platform } = configOf(bytes)
  const diffIds = layerDiffs(bytes) ?? []
  if (diffIds.length !== archive.layers.length) throw new InvalidImage(`its config tells of ${diffIds.length} layers, its archive holds ${archive.layers.length}`)

  const follow = await readLinks(entries)
  const wanted = new Set(archive.layers.map(follow))
  const written = new Map<string, WrittenLayer>()
  for await (const { path, header, content } of entries()) {
    if (wanted.has(path) && isFile(header.type)) written.set(path, await writeLayer(store, content))
  }
  const layers = archive.layers.map((name, position) => {
    const layer = written.get(follow(name))
    if (layer === undefined) throw new InvalidImage(`its layer ${shown(name)} is not there`)
    if (layer.diffId !== undefined && layer.diffId !== diffIds[position]) throw new InvalidImage(`its layer ${shown(name)} is damaged: it is ${layer.diffId}, its config says ${diffIds[position]}`)
    return layer.descriptor
  })
  const config = { mediaType: mediaTypes.ociConfig, ...(await store.write(bytes)) }
  return { ...(await writeManifest(store, config, layers)), platform }
}

type WrittenLayer = Pick<Layer, 'descriptor'> & Partial<Layer>

/** A compressed layer is taken as it is; the runtime compares it with the config when it unpacks it. */
async function writeLayer(store: BlobStore, content: AsyncIterable<Uint8Array>): Promise<WrittenLayer> {
  const { start, whole } = await peek(content)
  const mediaType = start[0] === 0x1f && start[1] === 0x8b ? mediaTypes.ociLayerGzip : start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd ? zstdLayer : undefined
  return mediaType === undefined ? layerOfTar(store, whole, 'zstd') : { descriptor: { mediaType, ...(await store.write(whole)) } }
}

async function peek(content: AsyncIterable<Uint8Array>): Promise<{ start: Buffer; whole: Readable }> {
  const chunks = content[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  let ended = false
  while (start.length < 4 && !ended) {
    const next = await chunks.next()
    if (next.done === true) ended = true
    else start = Buffer.concat([start, next.value])
  }
  const whole = async function* (): AsyncIterable<Uint8Array> {
    if (start.length > 0) yield start
    for (let next = ended ? undefined : await chunks.next(); next !== undefined && next.done !== true; next = await chunks.next()) yield next.value
  }
  return { start, whole: Readable.from(whole(), { objectMode: false }) }
}

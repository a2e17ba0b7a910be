import { Readable } from 'node:stream'
import { z } from 'zod'
import { boundedArray, boundedString } from '../../lib/bounded.ts'
import { digestProblem } from '../reference/grammar.ts'
import { mediaTypes, type Descriptor } from '../registry/media-types.ts'
import type { BlobStore } from '../oci/blob-store.ts'
import { writeIndex } from '../oci/image.ts'
import { digest, parseConfigDocument, parseImageDocument, type ConfigDocument, type ImageDocument } from '../resolve/image-documents.ts'
import { isFile } from './format.ts'
import { parseJson, readFiles } from './folder-files.ts'
import { InvalidImage } from './invalid-image.ts'
import type { TarEntries } from './tar-entries.ts'

/** The file of a layout that lists which of its blobs are images. */
export const layoutIndex = 'index.json'

const name = boundedString(1024)
const platform = z.object({ os: name, architecture: name, variant: name.optional() })
/** Manifests and indexes of one layout, wherever they stand. */
const imagesLimit = 1000
const schema = z.object({
  manifests: boundedArray(z.object({ mediaType: name.default(''), digest, size: z.number().int().nonnegative(), platform: platform.nullish() }), imagesLimit),
})
const deepest = 3

/** One image as the layout has it, or, where it names several and each says its platform, one index over them. */
type Root = readonly [Descriptor] | readonly Descriptor[]

function parseIndex(bytes: Uint8Array): Root {
  const parsed = schema.safeParse(parseJson(bytes, layoutIndex))
  if (!parsed.success) throw new InvalidImage(`its ${layoutIndex} is not an index`)
  const images = parsed.data.manifests.map((image): Descriptor => {
    const { mediaType, size } = image
    const { os, architecture, variant } = image.platform ?? {}
    const named = os === undefined || architecture === undefined ? {} : { platform: { os, architecture, ...(variant !== undefined && { variant }) } }
    return { mediaType, digest: image.digest, size, ...named }
  })
  if (images.length === 0) throw new InvalidImage(`its ${layoutIndex} names no image`)
  if (images.length > 1 && images.some((image) => image.platform === undefined)) throw new InvalidImage(`it holds ${images.length} images: which one to run nobody says`)
  return images
}

/** An index.json with the same images and none of the annotations that name them. */
export function namelessLayoutIndex(index: Uint8Array): object {
  return { schemaVersion: 2, manifests: parseIndex(index).map(({ mediaType, ...image }) => ({ ...(mediaType !== '' && { mediaType }), ...image })) }
}

export interface LayoutFacts {
  readonly config: ConfigDocument['config']
  readonly architectures: readonly string[]
}

const tooMany = (): InvalidImage => new InvalidImage(`it names more than ${imagesLimit} manifests`)

const blobPath = (of: string): string => `blobs/${of.replace(':', '/')}`

/** Config and architectures of the layout's image: of `architecture`, else of the first one. `index`: its index.json. */
export async function layoutFacts(entries: TarEntries, index: Uint8Array, architecture: string): Promise<LayoutFacts> {
  const read = async (digests: readonly string[]): Promise<ReadonlyMap<string, Buffer>> => readFiles(entries, new Set(digests.map(blobPath)))
  let level: readonly Descriptor[] = parseIndex(index)
  const images: { readonly architecture: string | undefined; readonly document: Extract<ImageDocument, { kind: 'manifest' }> }[] = []
  let counted = 0
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === deepest) throw new InvalidImage('indexes stand in indexes')
    counted += level.length
    if (counted > imagesLimit) throw tooMany()
    const files = await read(level.map((image) => image.digest))
    const below: Descriptor[] = []
    for (const descriptor of level) {
      const bytes = files.get(blobPath(descriptor.digest))
      // An index may name platforms whose blobs are missing; those that are there are used.
      if (bytes === undefined && level.length > 1) continue
      const document = parseBlob(bytes, descriptor)
      if (document.kind === 'index') below.push(...document.manifests)
      else images.push({ architecture: descriptor.platform?.architecture, document })
    }
    level = below
  }
  const real = images.filter((image) => image.architecture !== 'unknown') // attestations
  const chosen = real.find((image) => image.architecture === architecture) ?? real[0]
  if (chosen === undefined) throw new InvalidImage('it holds no image')
  const bytes = (await read([chosen.document.config.digest])).get(blobPath(chosen.document.config.digest))
  const config = bytes && parseConfigDocument(bytes)
  if (config === undefined) throw new InvalidImage(`its config ${chosen.document.config.digest} is not there`)
  if (!config.ok) throw new InvalidImage(config.error)
  const architectures = real.length === 1 ? [config.value.platform.architecture] : real.map((image) => image.architecture)
  return { config: config.value.config, architectures: [...new Set(architectures.filter((name) => name !== undefined && name !== ''))] as string[] }
}

function parseBlob(bytes: Uint8Array | undefined, { digest: named }: Descriptor): ImageDocument {
  if (bytes === undefined) throw new InvalidImage(`its manifest ${named} is not there`)
  const document = parseImageDocument(bytes)
  if (!document.ok) throw new InvalidImage(document.error)
  return document.value
}

/** Writes the layout's blobs to a store, each compared with its name, and gives the image that they are. */
export async function writeLayoutImage(entries: TarEntries, index: Uint8Array, store: BlobStore): Promise<Descriptor> {
  const images = parseIndex(index)
  for await (const { path, header, content } of entries()) {
    const [, algorithm, hex] = /^blobs\/([^/]+)\/([^/]+)$/.exec(path) ?? []
    if (hex === undefined || !isFile(header.type)) continue
    const named = `${algorithm}:${hex}`
    if (algorithm !== 'sha256' || digestProblem(named) !== undefined) throw new InvalidImage(`its blob ${named} has no sha256 digest for a name`)
    const { digest: found } = await store.write(Readable.from(content, { objectMode: false }))
    if (found !== named) throw new InvalidImage(`its blob ${named} is damaged: its bytes are ${found}`)
  }
  const counted = { images: 0 }
  for (const image of images) await complete(store, image, 0, counted)
  const [only, another] = images
  if (only !== undefined && another === undefined) return { ...only, mediaType: await mediaTypeOf(store, only) }
  return writeIndex(store, images)
}

/** Checks that all blobs are there, since the error of an interrupted push would be less clear. */
async function complete(store: BlobStore, image: Descriptor, depth: number, counted: { images: number }): Promise<void> {
  if (++counted.images > imagesLimit) throw tooMany()
  if (depth === deepest) throw new InvalidImage('indexes stand in indexes')
  const there = await store.size(image.digest)
  if (there === undefined) throw new InvalidImage(`its manifest ${image.digest} is not there`)
  if (there > 4 * 1024 * 1024) throw new InvalidImage(`its manifest ${image.digest} has ${there} bytes`)
  const document = parseBlob(await store.read(image.digest), image)
  if (document.kind === 'index') {
    for (const child of document.manifests) await complete(store, child, depth + 1, counted)
    return
  }
  for (const { digest: part } of [document.config, ...document.layers]) {
    if ((await store.size(part)) === undefined) throw new InvalidImage(`its blob ${part} is not there`)
  }
}

/** As the document itself says it, where index.json leaves it out. */
async function mediaTypeOf(store: BlobStore, { digest: of, mediaType }: Descriptor): Promise<string> {
  if (mediaType !== '') return mediaType
  const json = parseJson(await store.read(of), 'manifest') as { mediaType?: unknown; manifests?: unknown }
  if (typeof json.mediaType === 'string') return json.mediaType
  return json.manifests === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex
}

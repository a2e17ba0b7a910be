import { createHash } from 'node:crypto'
import { pack, type Header } from 'tar-stream'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'

/** A file, folder or link of a test image's root. Paths without a leading slash. */
export type Entry =
  | { readonly path: string; readonly content: string | Uint8Array; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly path: string; readonly folder: true; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly hardLink: string }

/** What a container of the image is like unless it is told otherwise. */
export interface ImageConfig {
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
}

export interface Blob {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** An image of one platform as the registry wants it. */
export interface Image {
  readonly architecture: string
  readonly manifest: Blob
  /** Configuration and layers. */
  readonly blobs: readonly Blob[]
}

const oci = 'application/vnd.oci.image'
const epoch = new Date(0)

/** Makes an image with one layer per list of entries; the same entries give the same digest. */
export async function makeImage(layers: readonly (readonly Entry[])[], config: ImageConfig = {}, architecture = hostArchitecture()): Promise<Image> {
  const tars = await Promise.all(layers.map(tar))
  const layerBlobs = tars.map((bytes) => blob(`${oci}.layer.v1.tar+gzip`, gzipSync(bytes, { level: 1 })))
  const configBlob = json(`${oci}.config.v1+json`, {
    created: epoch.toISOString(),
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    history: tars.map(() => ({ created: epoch.toISOString(), created_by: 'airside test' })),
  })
  const manifest = json(`${oci}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config: descriptor(configBlob),
    layers: layerBlobs.map(descriptor),
  })
  return { architecture, manifest, blobs: [configBlob, ...layerBlobs] }
}

/** An index over images of several architectures. */
export function makeIndex(images: readonly Image[]): Blob {
  return json(`${oci}.index.v1+json`, {
    schemaVersion: 2,
    mediaType: `${oci}.index.v1+json`,
    manifests: images.map(({ manifest, architecture }) => ({ ...descriptor(manifest), platform: { os: 'linux', architecture } })),
  })
}

/** This machine's architecture in the words of image indexes. */
export function hostArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}

async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack()
  const bytes = buffer(archive)
  for (const entry of entries) {
    const base: Partial<Header> & { name: string } = { name: entry.path, mtime: epoch, uid: 0, gid: 0 }
    if ('link' in entry) archive.entry({ ...base, type: 'symlink', linkname: entry.link, mode: 0o777 })
    else if ('hardLink' in entry) archive.entry({ ...base, type: 'link', linkname: entry.hardLink, mode: 0o755 })
    else {
      const owned = { ...base, uid: entry.uid ?? 0, gid: entry.gid ?? 0 }
      if ('folder' in entry) archive.entry({ ...owned, type: 'directory', mode: entry.mode ?? 0o755 })
      else archive.entry({ ...owned, mode: entry.mode ?? 0o644 }, Buffer.from(entry.content))
    }
  }
  archive.finalize()
  return bytes
}

function blob(mediaType: string, bytes: Uint8Array): Blob {
  return { mediaType, bytes, digest: digestOf(bytes) }
}

function json(mediaType: string, value: unknown): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)))
}

function descriptor({ mediaType, digest, bytes }: Blob) {
  return { mediaType, digest, size: bytes.length }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

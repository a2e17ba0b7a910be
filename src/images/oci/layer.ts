import { createHash } from 'node:crypto'
import { Readable, Transform, pipeline } from 'node:stream'
import { createGzip } from 'node:zlib'
import { pack, type Header, type Pack } from 'tar-stream'
import { mediaTypes, type Descriptor } from '../registry/media-types.ts'
import type { BlobStore } from './blob-store.ts'
import { zstd } from './zstd.ts'

/** One file of a layer. `path` is relative to the root, without `.` and `..`; owner root and time 0 unless said. */
export type LayerEntry = {
  readonly path: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly mtime?: Date
} & (
  | { readonly type: 'directory' }
  | { readonly type: 'file'; readonly content: Uint8Array | string | FileContent }
  | { readonly type: 'symlink'; readonly target: string }
)

/** Content that is read when it is written into the layer. */
export interface FileContent {
  /** In bytes; what `open` gives must be as long. */
  readonly size: number
  open(): Readable
}

export interface Layer {
  readonly descriptor: Descriptor
  /** Digest of the tar before compression. */
  readonly diffId: string
}

export const zstdLayer = 'application/vnd.oci.image.layer.v1.tar+zstd'

/** gzip is what everything reads; zstd is several times as fast, for images that nodes of today pull, and the same on every machine. */
export type Compression = 'gzip' | 'zstd'

type TarHeader = Partial<Header> & Pick<Header, 'name'>

const epoch = new Date(0)

/** Entries as they come, in their order: the same ones give the same layer, byte for byte. */
export function layerOfEntries(store: BlobStore, entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>): Promise<Layer> {
  const tar = pack()
  packEntries(tar, entries).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return layerOfTar(store, Readable.from(tar))
}

/** A tar stream as it is, compressed. */
export async function layerOfTar(store: BlobStore, tar: Readable, compression: Compression = 'gzip'): Promise<Layer> {
  const diff = createHash('sha256')
  const measure = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      diff.update(chunk)
      done(null, chunk)
    },
  })
  // The store's own pipeline sees every error: pipeline destroys the last stream with it.
  const compressed = compression === 'gzip' ? pipeline(tar, measure, createGzip(), () => undefined) : zstd(pipeline(tar, measure, () => undefined))
  const { digest, size } = await store.write(compressed).finally(() => compressed.destroy())
  return { descriptor: { mediaType: compression === 'gzip' ? mediaTypes.ociLayerGzip : zstdLayer, digest, size }, diffId: `sha256:${diff.digest('hex')}` }
}

async function packEntries(tar: Pack, entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>): Promise<void> {
  for await (const entry of entries) {
    const common = { name: safePath(entry.path), uid: entry.uid ?? 0, gid: entry.gid ?? 0, mtime: entry.mtime ?? epoch }
    switch (entry.type) {
      case 'directory':
        await add(tar, { ...common, name: `${common.name}/`, type: 'directory', mode: entry.mode ?? 0o755 })
        break
      case 'symlink':
        await add(tar, { ...common, type: 'symlink', linkname: entry.target, mode: 0o777 })
        break
      case 'file': {
        const { content } = entry
        const header: TarHeader = { ...common, type: 'file', mode: entry.mode ?? 0o644 }
        if (typeof content === 'object' && 'open' in content) await addStream(tar, header, content)
        else await add(tar, header, Buffer.from(content))
      }
    }
  }
}

const add = (tar: Pack, header: TarHeader, content?: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve())
    if (content === undefined) tar.entry(header, done)
    else tar.entry(header, content, done)
  })

const addStream = (tar: Pack, header: TarHeader, content: FileContent): Promise<void> =>
  new Promise((resolve, reject) => {
    const entry = tar.entry({ ...header, size: content.size }, (error) => (error ? reject(error) : resolve()))
    pipeline(content.open(), entry, (error) => error && reject(error))
  })

function safePath(path: string): string {
  const parts = path.split('/')
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new Error(`not a path inside a layer: ${JSON.stringify(path)}`)
  }
  return path
}

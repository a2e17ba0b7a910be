import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { extract, pack, type Header } from 'tar-stream'
import type { ArtifactRef } from '../../../model/artifact.ts'
import { directoryBlobStore, memoryBlobStore, type BlobStore } from '../../oci/blob-store.ts'
import { writeImage, writeIndex } from '../../oci/image.ts'
import { layerOfEntries } from '../../oci/layer.ts'
import type { Descriptor } from '../../registry/media-types.ts'
import { parseConfigDocument, parseImageDocument } from '../../resolve/image-documents.ts'
import { artifactImageReader } from '../artifact-image-reader.ts'

export type Entry = Partial<Header> & { readonly name: string } & { readonly content?: string | Uint8Array }

export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const out = pack()
  const bytes = buffer(out)
  for (const { content, ...given } of entries) {
    const header = { mtime: new Date(1000), ...given }
    if (content === undefined) out.entry(header)
    else out.entry(header, Buffer.from(content))
  }
  out.finalize()
  return bytes
}

export const file = (name: string, content: string | Uint8Array, more: Partial<Header> = {}): Entry => ({ name, content, ...more })
export const folder = (name: string): Entry => ({ name, type: 'directory' })
export const elf = (machine: number): Buffer => {
  const bytes = Buffer.alloc(64, 0x90)
  bytes.write('\u007fELF\u0002\u0001', 'latin1')
  bytes.writeUInt16LE(machine, 18)
  return bytes
}
export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
export const signal = new AbortController().signal
export const artifact: ArtifactRef = { digest: `sha256:${'0'.repeat(64)}`, size: 1 }

/** Images over one tar, read in chunks of a size. */
export const imagesOf = (tar: Uint8Array, chunk = 70_000) =>
  artifactImageReader(
    () =>
      Promise.resolve(
        (async function* () {
          for (let at = 0; at < tar.length; at += chunk) yield tar.subarray(at, at + chunk)
        })(),
      ),
    'amd64',
  )

export async function written(tar: Uint8Array, store: BlobStore = memoryBlobStore(), chunk?: number): Promise<Descriptor> {
  const made = await imagesOf(tar, chunk).write(artifact, 'made', store, signal)
  if (!made.ok) throw new Error(made.error)
  return made.value
}

export async function imageIn(store: BlobStore, image: Descriptor) {
  const document = parseImageDocument(await store.read(image.digest))
  if (!document.ok || document.value.kind !== 'manifest') throw new Error('no manifest')
  const config = parseConfigDocument(await store.read(document.value.config.digest))
  if (!config.ok) throw new Error(config.error)
  return { ...config.value, layers: document.value.layers }
}

export async function filesOf(tar: Uint8Array): Promise<string[]> {
  const lines: string[] = []
  const entries = extract()
  entries.end(tar)
  for await (const entry of entries) {
    const { type, name, mode, uid, gid, linkname, pax } = entry.header
    const content = (await buffer(entry)).toString()
    lines.push([type, name, (mode ?? 0).toString(8), `${(pax as { uid?: string } | null)?.uid ?? uid}:${gid}`, linkname ?? content.slice(0, 20)].join(' '))
  }
  return lines
}

export const long = `${'deep/'.repeat(30)}file-of-a-name-that-no-old-header-holds`

export const rootfs: readonly Entry[] = [
  folder('./'),
  file('digest', 'sha256:…'),
  file('metadata.json', JSON.stringify({ env: ['PATH=/bin', 'WHO=artifact'], user: 'app' })),
  folder('rootfs/'),
  folder('rootfs/bin/'),
  file('rootfs/bin/busybox', elf(183), { mode: 0o4755 }),
  { name: 'rootfs/bin/sh', type: 'link', linkname: 'rootfs/bin/busybox', mode: 0o4755 },
  { name: 'rootfs/bin/cat', type: 'symlink', linkname: '/bin/busybox' },
  file('rootfs/empty', ''),
  file(`rootfs/${long}`, 'deep', { uid: 1000, gid: 2000 }),
  file('rootfs/text', 'text', { pax: { uid: '3000000' } as never }),
]

/** Files of a layout that holds one image (or an index of two), made by our own writer. */
export async function layoutFiles(index: boolean): Promise<{ files: Entry[]; root: Descriptor; layer: Descriptor; config: Buffer; layerTar: Buffer }> {
  const dir = await mkdtemp(join(tmpdir(), 'airside-layout-'))
  try {
    const store = directoryBlobStore(dir)
    const layer = await layerOfEntries(store, [{ type: 'file', path: 'made', content: 'by an image build' }])
    const config = { entrypoint: ['/made'], cmd: ['x'], env: ['A=b'], user: '1000', workingDir: '/work' }
    const image = await writeImage(store, { platform: { os: 'linux', architecture: 'amd64' }, layers: [layer], config })
    const other = await writeImage(store, { platform: { os: 'linux', architecture: 'arm64' }, layers: [layer], config: { env: ['A=arm'] } })
    const root = index ? await writeIndex(store, [other, image]) : image
    const document = parseImageDocument(await store.read(image.digest))
    if (!document.ok || document.value.kind !== 'manifest') throw new Error('no manifest')
    const digests = [...new Set([root.digest, image.digest, other.digest, document.value.config.digest, layer.descriptor.digest])]
    const otherDocument = parseImageDocument(await store.read(other.digest))
    if (otherDocument.ok && otherDocument.value.kind === 'manifest') digests.push(otherDocument.value.config.digest)
    const { mediaType, digest, size } = root
    return {
      root,
      layer: layer.descriptor,
      config: Buffer.from(await store.read(document.value.config.digest)),
      layerTar: await tarOf([file('made', 'by an image build')]),
      files: [
        ...(await Promise.all(digests.map(async (name) => file(`blobs/${name.replace(':', '/')}`, await store.read(name))))),
        file('index.json', JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size }] })),
        file('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
      ],
    }
  } finally {
    await rm(dir, { recursive: true })
  }
}

export const under = (prefix: string, entries: readonly Entry[]): Entry[] => entries.map((entry) => ({ ...entry, name: `${prefix}/${entry.name}` }))
export const expectedConfig = { entrypoint: ['/made'], cmd: ['x'], env: ['A=b'], user: '1000', workingDir: '/work' }

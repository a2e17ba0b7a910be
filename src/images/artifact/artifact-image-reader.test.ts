import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync, zstdDecompressSync } from 'node:zlib'
import { extract, pack, type Header } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import type { ArtifactRef } from '../../model/artifact.ts'
import { directoryBlobStore, memoryBlobStore, type BlobStore } from '../oci/blob-store.ts'
import { writeImage, writeIndex } from '../oci/image.ts'
import { layerOfEntries } from '../oci/layer.ts'
import type { Descriptor } from '../registry/media-types.ts'
import { parseConfigDocument, parseImageDocument } from '../resolve/image-documents.ts'
import { artifactImageReader } from './artifact-image-reader.ts'

type Entry = Partial<Header> & { readonly name: string } & { readonly content?: string | Uint8Array }

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
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

const file = (name: string, content: string | Uint8Array, more: Partial<Header> = {}): Entry => ({ name, content, ...more })
const folder = (name: string): Entry => ({ name, type: 'directory' })
const elf = (machine: number): Buffer => {
  const bytes = Buffer.alloc(64, 0x90)
  bytes.write('\u007fELF\u0002\u0001', 'latin1')
  bytes.writeUInt16LE(machine, 18)
  return bytes
}
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const signal = new AbortController().signal
const artifact: ArtifactRef = { digest: `sha256:${'0'.repeat(64)}`, size: 1 }

/** Images over one tar, read in chunks of a size. */
const imagesOf = (tar: Uint8Array, chunk = 70_000) =>
  artifactImageReader(
    () =>
      Promise.resolve(
        (async function* () {
          for (let at = 0; at < tar.length; at += chunk) yield tar.subarray(at, at + chunk)
        })(),
      ),
    'amd64',
  )

async function written(tar: Uint8Array, store: BlobStore = memoryBlobStore(), chunk?: number): Promise<Descriptor> {
  const made = await imagesOf(tar, chunk).write(artifact, 'made', store, signal)
  if (!made.ok) throw new Error(made.error)
  return made.value
}

async function imageIn(store: BlobStore, image: Descriptor) {
  const document = parseImageDocument(await store.read(image.digest))
  if (!document.ok || document.value.kind !== 'manifest') throw new Error('no manifest')
  const config = parseConfigDocument(await store.read(document.value.config.digest))
  if (!config.ok) throw new Error(config.error)
  return { ...config.value, layers: document.value.layers }
}

async function filesOf(tar: Uint8Array): Promise<string[]> {
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

const long = `${'deep/'.repeat(30)}file-of-a-name-that-no-old-header-holds`

const rootfs: readonly Entry[] = [
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

describe('an artifact of rootfs/ and metadata.json', () => {
  it('is one layer with everything as it was, its variables and its user', async () => {
    const store = memoryBlobStore()
    const image = await imageIn(store, await written(await tarOf(rootfs), store))
    expect(image.config).toEqual({ entrypoint: [], cmd: [], env: ['PATH=/bin', 'WHO=artifact'], user: 'app', workingDir: '' })
    expect(image.platform).toEqual({ os: 'linux', architecture: 'arm64' })
    expect(image.layers.map(({ mediaType }) => mediaType)).toEqual(['application/vnd.oci.image.layer.v1.tar+zstd'])
    expect(await filesOf(zstdDecompressSync(await store.read(image.layers[0]?.digest ?? '')))).toEqual([
      'directory bin/ 755 0:0 ',
      `file bin/busybox 4755 0:0 ${elf(183).toString().slice(0, 20)}`,
      'link bin/sh 4755 0:0 bin/busybox',
      'symlink bin/cat 644 0:0 /bin/busybox',
      'file empty 644 0:0 ',
      `file ${long} 644 1000:2000 deep`,
      'file text 644 3000000:0 text',
    ])
  })

  it('gives the same digest wherever its chunks end', async () => {
    const tar = await tarOf([...rootfs, file('rootfs/big', Buffer.alloc(3_000_000).map((_, at) => (at * at) >> 5))])
    const digests = await Promise.all([512, 999, 262_144, 10_000_000].map(async (chunk) => (await written(tar, memoryBlobStore(), chunk)).digest))
    expect(new Set(digests).size).toBe(1)
  })

  it('is described without being written', async () => {
    expect(await imagesOf(await tarOf(rootfs)).describe(artifact, 'made', signal)).toEqual({
      ok: true,
      value: { config: { entrypoint: [], cmd: [], env: ['PATH=/bin', 'WHO=artifact'], user: 'app', workingDir: '' }, architectures: ['arm64'] },
    })
    expect(await imagesOf(await tarOf([folder('rootfs/'), file('rootfs/a.sh', '#!/bin/sh')])).describe(artifact, 'made', signal)).toMatchObject({ ok: true, value: { architectures: [] } })
  })

  it('is given to an engine as files', async () => {
    const input = await imagesOf(await tarOf(rootfs)).forEngine(artifact, 'made', signal)
    if (!input.ok) throw new Error(input.error)
    expect(input.value.kind).toBe('files')
    expect((await filesOf(await buffer(input.value.tar))).map((line) => line.split(' ')[1])).toContain(long)
  })

  const refused: readonly [string, readonly Entry[], RegExp][] = [
    ['a path that leads out', [file('rootfs/../../etc/passwd', 'x')], /leads out of it: "rootfs\/\.\.\/\.\.\/etc\/passwd"/],
    ['an absolute path', [{ ...file('/etc/passwd', 'x') }], /leads out of it: "\/etc\/passwd"/],
    ['a hard link out of rootfs/', [file('secret', 'x'), { name: 'rootfs/x', type: 'link', linkname: 'secret' }], /"rootfs\/x" is a link to a file outside rootfs\//],
    ['a hard link that leads out', [{ name: 'rootfs/x', type: 'link', linkname: 'rootfs/../../x' }], /leads out of it/],
    ['a device', [{ name: 'rootfs/sda', type: 'block-device' }], /"sda" is a block-device/],
    ['a rootfs that is a link', [{ name: 'rootfs', type: 'symlink', linkname: '/' }], /its rootfs is no folder/],
    ['metadata that is no JSON', [file('metadata.json', '{'), folder('rootfs/')], /metadata\.json is not JSON/],
    ['metadata of another shape', [file('metadata.json', '{"env":{"A":"b"}}'), folder('rootfs/')], /metadata\.json is not \{"env"/],
    ['metadata that is too large', [file('metadata.json', Buffer.alloc(5_000_000)), folder('rootfs/')], /"metadata\.json" has 5000000 bytes/],
    ['a name that is not UTF-8', [file('rootfs/b\ufffdd', 'x')], /is not UTF-8/],
  ]
  it.each(refused)('with %s is refused', async (_, entries, words) => {
    const made = await imagesOf(await tarOf(entries)).write(artifact, 'made', memoryBlobStore(), signal)
    expect(made).toMatchObject({ ok: false, error: expect.stringMatching(words) as string })
    expect(made).toMatchObject({ ok: false, error: expect.stringMatching(/^artifact made cannot be used as an image: /) as string })
  })

  it('that is cut off is refused', async () => {
    const tar = await tarOf(rootfs)
    expect(await imagesOf(tar.subarray(0, tar.length - 4_000)).write(artifact, 'made', memoryBlobStore(), signal)).toMatchObject({
      ok: false, error: expect.stringContaining('no whole tar archive') as string,
    })
  })
})

/** Files of a layout that holds one image (or an index of two), made by our own writer. */
async function layoutFiles(index: boolean): Promise<{ files: Entry[]; root: Descriptor; layer: Descriptor; config: Buffer; layerTar: Buffer }> {
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

const under = (prefix: string, entries: readonly Entry[]): Entry[] => entries.map((entry) => ({ ...entry, name: `${prefix}/${entry.name}` }))
const expectedConfig = { entrypoint: ['/made'], cmd: ['x'], env: ['A=b'], user: '1000', workingDir: '/work' }

describe('an artifact that is an OCI layout', () => {
  const wrappings: readonly [string, (files: Entry[]) => Promise<Entry[]>][] = [
    ['at its root', (files) => Promise.resolve(files)],
    ['in a folder', (files) => Promise.resolve(under('image', files))],
    ['in an image.tar', async (files) => [file('image.tar', await tarOf(files))]],
  ]
  it.each(wrappings)('%s keeps its digest and config', async (_, wrap) => {
    const { files, root } = await layoutFiles(false)
    const tar = await tarOf(await wrap(files))
    const store = memoryBlobStore()
    expect(await written(tar, store)).toMatchObject({ digest: root.digest, mediaType: root.mediaType, size: root.size })
    expect((await imageIn(store, root)).config).toEqual(expectedConfig)
    expect(await imagesOf(tar).describe(artifact, 'made', signal)).toEqual({ ok: true, value: { config: expectedConfig, architectures: ['amd64'] } })
    const input = await imagesOf(tar).forEngine(artifact, 'made', signal)
    if (!input.ok) throw new Error(input.error)
    expect((await filesOf(await buffer(input.value.tar))).map((line) => line.split(' ')[1]).toSorted()).toEqual(files.map(({ name }) => name).toSorted())
  })

  it('for several architectures stays an index; the config is that of this machine', async () => {
    const { files, root } = await layoutFiles(true)
    expect((await written(await tarOf(files))).digest).toBe(root.digest)
    const images = imagesOf(await tarOf(files))
    expect(await images.describe(artifact, 'made', signal)).toEqual({ ok: true, value: { config: expectedConfig, architectures: ['arm64', 'amd64'] } })
  })

  it('is used when there is no rootfs/', async () => {
    const { files } = await layoutFiles(false)
    const tar = await tarOf([...files, ...rootfs.slice(2)])
    expect(await imagesOf(tar).describe(artifact, 'made', signal)).toMatchObject({ ok: true, value: { architectures: ['arm64'] } })
    expect(await imagesOf(await tarOf([file('README.md', 'text')])).describe(artifact, 'made', signal)).toEqual({
      ok: false, error: 'artifact made is no image: it has neither rootfs/, image.tar nor an OCI layout',
    })
  })

  it('is refused when a blob is not what its name says, is not there, or a name leads out', async () => {
    const { files, layer } = await layoutFiles(false)
    const path = `blobs/${layer.digest.replace(':', '/')}`
    const changed = (entries: readonly Entry[]) => tarOf(entries).then((tar) => imagesOf(tar).write(artifact, 'made', memoryBlobStore(), signal))
    const other = files.map((entry) => (entry.name === path ? file(path, 'other bytes') : entry))
    expect(await changed(other)).toMatchObject({ ok: false, error: expect.stringContaining(`its blob ${layer.digest} is damaged`) as string })
    expect(await changed(files.filter(({ name }) => name !== path))).toMatchObject({ ok: false, error: expect.stringContaining(`its blob ${layer.digest} is not there`) as string })
    expect(await changed([...files, file('blobs/sha256/../../../x', 'x')])).toMatchObject({ ok: false, error: expect.stringContaining('leads out of it') as string })
    const index = (manifests: unknown) => changed([file('index.json', JSON.stringify({ manifests })), file('oci-layout', '{}')])
    expect(await index([{ digest: 'sha256:../../x', size: 1 }])).toMatchObject({ ok: false, error: expect.stringContaining('is not an index') as string })
    expect(await index([])).toMatchObject({ ok: false, error: expect.stringContaining('names no image') as string })
    expect(await index([1, 2].map((n) => ({ digest: `sha256:${String(n).repeat(64)}`, size: 1 })))).toMatchObject({ ok: false, error: expect.stringContaining('holds 2 images') as string })
  })
})

describe("an artifact that is docker's archive", () => {
  async function archive(change: (entries: Entry[]) => Entry[] = (entries) => entries, compress: (tar: Buffer) => Buffer = (tar) => tar): Promise<Buffer> {
    const { config: text, layerTar } = await layoutFiles(false)
    const layer = compress(layerTar)
    const config = Buffer.from(JSON.stringify({ ...(JSON.parse(text.toString()) as object), rootfs: { type: 'layers', diff_ids: [digestOf(layerTar), digestOf(layerTar)] } }))
    const entries = [
      file('config.json', config),
      { name: 'first/layer.tar', type: 'symlink' as const, linkname: '../second/layer.tar' },
      file('second/layer.tar', layer),
      file('manifest.json', JSON.stringify([{ Config: 'config.json', RepoTags: ['a:b'], Layers: ['first/layer.tar', 'second/layer.tar'] }])),
    ]
    return tarOf([file('image.tar', await tarOf(change(entries)))])
  }

  it('keeps its config; layers are compressed unless they are', async () => {
    for (const [compress, type] of [[(tar: Buffer) => tar, 'tar+zstd'], [(tar: Buffer) => gzipSync(tar), 'tar+gzip']] as const) {
      const tar = await archive(undefined, compress)
      const store = memoryBlobStore()
      const image = await imageIn(store, await written(tar, store))
      expect(image.config).toEqual(expectedConfig)
      expect(image.layers.map(({ mediaType }) => mediaType)).toEqual([`application/vnd.oci.image.layer.v1.${type}`, `application/vnd.oci.image.layer.v1.${type}`])
      expect(await imagesOf(tar).describe(artifact, 'made', signal)).toEqual({ ok: true, value: { config: expectedConfig, architectures: ['amd64'] } })
      expect((await written(tar)).digest).toBe((await written(tar, memoryBlobStore(), 700)).digest)
    }
  })

  const refused: readonly [string, (entries: Entry[]) => Entry[], RegExp][] = [
    ['a layer that is not its config’s', (entries) => entries.map((entry) => (entry.name === 'second/layer.tar' ? file(entry.name, 'other') : entry)), /layer "first\/layer\.tar" is damaged/],
    ['a layer that is not there', (entries) => entries.filter(({ name }) => name !== 'second/layer.tar'), /layer "first\/layer\.tar" is not there/],
    ['a config that is not there', (entries) => entries.filter(({ name }) => name !== 'config.json'), /config "config\.json" is not there/],
    ['a link in a circle', (entries) => entries.map((entry) => (entry.name === 'second/layer.tar' ? { name: entry.name, type: 'symlink' as const, linkname: '../first/layer.tar' } : entry)), /link in a circle/],
    ['a link that leads out', (entries) => entries.map((entry) => (entry.type === 'symlink' ? { ...entry, linkname: '../../../etc/passwd' } : entry)), /leads out of it/],
    ['two images', (entries) => entries.map((entry) => (entry.name === 'manifest.json' ? file(entry.name, JSON.stringify([{ Config: 'a' }, { Config: 'b' }])) : entry)), /holds 2 images/],
    ['a layer too few', (entries) => entries.map((entry) => (entry.name === 'manifest.json' ? file(entry.name, JSON.stringify([{ Config: 'config.json', Layers: [] }])) : entry)), /tells of 2 layers, its archive holds 0/],
  ]
  it.each(refused)('with %s is refused', async (_, change, words) => {
    expect(await imagesOf(await archive(change)).write(artifact, 'made', memoryBlobStore(), signal)).toMatchObject({ ok: false, error: expect.stringMatching(words) as string })
  })

  it('that is compressed as a whole, or no tar at all, is refused', async () => {
    for (const content of [gzipSync(await tarOf([])), Buffer.alloc(2_000, 'x')]) {
      expect(await imagesOf(await tarOf([file('image.tar', content)])).describe(artifact, 'made', signal)).toMatchObject({ ok: false, error: expect.stringContaining('image.tar is no whole tar archive') as string })
    }
  })
})

it('what the store throws is thrown, an artifact that is not there and an abort are words', async () => {
  const broken = artifactImageReader(
    () =>
      Promise.resolve(
        (async function* () {
          yield (await tarOf(rootfs)).subarray(0, 2_048)
          throw new Error('the disk broke')
        })(),
      ),
    'amd64',
  )
  await expect(broken.write(artifact, 'made', memoryBlobStore(), signal)).rejects.toThrow('the disk broke')
  expect(await artifactImageReader(() => Promise.resolve(undefined), 'amd64').describe(artifact, 'made', signal)).toEqual({ ok: false, error: 'artifact made is not in the store' })
  await expect(imagesOf(await tarOf(rootfs)).write(artifact, 'made', memoryBlobStore(), AbortSignal.abort())).rejects.toThrow('abort')
})

describe('streams', () => {
  /** A tar with one large file in rootfs/, and how much of it was asked for; `open`: streams that nobody has closed. */
  async function large(megabytes: number) {
    const content = Buffer.alloc(1_000_000, 'x')
    const tar = await tarOf([file('metadata.json', '{}'), file('rootfs/big', content)])
    const [head, tail] = [tar.subarray(0, tar.indexOf(content)), Buffer.alloc(1_024)]
    const size = megabytes * 1_048_576
    head.fill(`${size.toString(8).padStart(11, '0')}\0`, head.length - 512 + 124, head.length - 512 + 136)
    head.fill(' ', head.length - 512 + 148, head.length - 512 + 156)
    const sum = head.subarray(-512).reduce((total, byte) => total + byte, 0)
    head.fill(`${sum.toString(8).padStart(6, '0')}\0 `, head.length - 512 + 148, head.length - 512 + 156)
    const seen = { open: 0, bytes: 0 }
    async function* stream(): AsyncIterable<Uint8Array> {
      seen.open++
      try {
        yield head
        for (let at = 0; at < size; at += 65_536) {
          seen.bytes += 65_536
          yield Buffer.alloc(65_536, 'x')
        }
        yield tail
      } finally {
        seen.open--
      }
    }
    return { seen, images: artifactImageReader(() => Promise.resolve(stream()), 'amd64') }
  }

  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  it('are read no faster than they are consumed', async () => {
    const { seen, images } = await large(200)
    const stalled: BlobStore = { ...memoryBlobStore(), write: () => new Promise(() => undefined) }
    void images.write(artifact, 'made', stalled, signal)
    await settled()
    expect(seen.bytes).toBeGreaterThan(0)
    expect(seen.bytes).toBeLessThan(8_000_000)
  })

  it('are closed in every case', async () => {
    const { seen, images } = await large(4)
    expect(await images.describe(artifact, 'made', signal)).toMatchObject({ ok: true })
    expect(await images.write(artifact, 'made', memoryBlobStore(), signal)).toMatchObject({ ok: true })
    await expect(images.write(artifact, 'made', { ...memoryBlobStore(), write: () => Promise.reject(new Error('no space left')) }, signal)).rejects.toThrow('no space left')
    const stop = new AbortController()
    const input = await images.forEngine(artifact, 'made', stop.signal)
    if (!input.ok) throw new Error(input.error)
    input.value.tar.once('data', () => stop.abort())
    await expect(buffer(input.value.tar)).rejects.toThrow('abort')
    const left = await images.forEngine(artifact, 'made', signal)
    if (left.ok) left.value.tar.destroy()
    await settled()
    expect(seen.open).toBe(0)
  })
})

import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { memoryBlobStore } from '../oci/blob-store.ts'
import { artifact, digestOf, type Entry, expectedConfig, file, filesOf, imageIn, imagesOf, layoutFiles, rootfs, signal, tarOf, under, written } from './testing/image-tars.ts'

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

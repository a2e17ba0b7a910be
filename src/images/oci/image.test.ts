import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RegistryClient } from '../registry/registry-client.ts'
import { parseConfigDocument, parseImageDocument } from '../resolve/image-documents.ts'
import { startRegistry } from '../server/start-registry.ts'
import { sampleImage, sampleIndex } from '../testing/sample-image.ts'
import { directoryBlobStore, memoryBlobStore, type BlobStore } from './blob-store.ts'
import { contentTag, writeBinaryImage, writeImage } from './image.ts'
import { layerOfEntries, layerOfTar, type Layer, type LayerEntry } from './layer.ts'
import { pushImage } from './push-image.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-oci-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function list(store: BlobStore, layer: Layer): Promise<string[]> {
  const lines: string[] = []
  const tar = extract()
  tar.end(gunzipSync(await store.read(layer.descriptor.digest)))
  for await (const entry of tar) {
    const { type, name, mode, uid, mtime, linkname } = entry.header
    const content = Buffer.concat((await Readable.from(entry).toArray()) as Buffer[]).toString()
    lines.push([type, name, mode.toString(8), uid, mtime.getTime(), linkname ?? content].join(' '))
  }
  return lines
}

describe('layers', () => {
  it('hold their entries in the order given, owned by root, at one time', async () => {
    const entries: LayerEntry[] = [
      { type: 'file', path: 'a', content: 'A', mode: 0o640 },
      { type: 'directory', path: 'bin' },
      { type: 'file', path: 'bin/run', content: 'run', mode: 0o755 },
      { type: 'symlink', path: 'link', target: 'a' },
    ]
    const store = memoryBlobStore()
    const layer = await layerOfEntries(store, entries)
    expect(await list(store, layer)).toEqual(['file a 640 0 0 A', 'directory bin/ 755 0 0 ', 'file bin/run 755 0 0 run', 'symlink link 777 0 0 a'])
    expect(await layerOfEntries(directoryBlobStore(join(dir, 'other')), entries)).toEqual(layer)
  })

  it('may be a tar stream as it is', async () => {
    const store = memoryBlobStore()
    const made = await layerOfEntries(store, [{ type: 'file', path: 'x', content: 'y', uid: 7 }])
    const tar = gunzipSync(await store.read(made.descriptor.digest))
    expect(await layerOfTar(store, Readable.from([tar]))).toEqual(made)
  })

  it.each(['../x', '/x', 'a/../b', '', 'a//b', './a', 'a\0'])('refuse the path %j', async (path) => {
    await expect(layerOfEntries(memoryBlobStore(), [{ type: 'file', path, content: '' }])).rejects.toThrow('not a path inside a layer')
  })

  it('fail with the source that fails, and leave nothing behind', async () => {
    const store = directoryBlobStore(dir)
    const content = { size: 10, open: () => new Readable({ read() { this.destroy(new Error('disk broke')) } }) }
    await expect(layerOfEntries(store, [{ type: 'file', path: 'x', content }])).rejects.toThrow('disk broke')
  })
})

describe('images', () => {
  it('say what runs in them', async () => {
    const store = memoryBlobStore()
    const image = await sampleImage(store, 'seed', 'arm64', 'nobody')
    const document = parseImageDocument(await store.read(image.digest))
    if (!document.ok || document.value.kind !== 'manifest') throw new Error('no manifest')
    const config = parseConfigDocument(await store.read(document.value.config.digest))
    expect(config).toEqual({
      ok: true,
      value: {
        platform: { os: 'linux', architecture: 'arm64' },
        config: { entrypoint: ['/bin/run'], cmd: ['seed'], env: ['SEED=seed', 'ARCH=arm64'], user: 'nobody', workingDir: '/work' },
      },
    })
  })

  it('have the same digest for the same content', async () => {
    expect((await sampleIndex(memoryBlobStore(), 'x')).digest).toBe((await sampleIndex(directoryBlobStore(dir), 'x')).digest)
    expect((await sampleIndex(memoryBlobStore(), 'x')).digest).not.toBe((await sampleIndex(memoryBlobStore(), 'y')).digest)
  })

  it('of one binary for several architectures are tagged by content', async () => {
    const file = join(dir, 'binary')
    await writeFile(file, 'ELF')
    const store = memoryBlobStore()
    const image = await writeBinaryImage(store, 'airside-supervisor', { arm64: Buffer.from('ARM'), amd64: file })
    expect(image.tag).toBe(contentTag(image.descriptor.digest))
    expect(image.tag).toMatch(/^sha256-[0-9a-f]{16}$/)
    const index = parseImageDocument(await store.read(image.descriptor.digest))
    expect(index).toMatchObject({ value: { manifests: [{ platform: { architecture: 'amd64' } }, { platform: { architecture: 'arm64' } }] } })
    const again = await writeBinaryImage(memoryBlobStore(), 'airside-supervisor', { amd64: Buffer.from('ELF'), arm64: Buffer.from('ARM') })
    expect(again).toEqual(image)
  })
})

it('an index is pushed with all that it refers to', async () => {
  const store = directoryBlobStore(join(dir, 'blobs'))
  const index = await sampleIndex(store, 'x')
  const registry = await startRegistry({ dir: join(dir, 'registry') })
  const client = new RegistryClient()
  const pushed = await pushImage(client, { registry: registry.host, repository: 'app' }, { store, image: index })
  expect(pushed).toMatchObject({ ok: true, value: { digest: index.digest, uploaded: 4 } })
  await client.close()
  await registry.stop()
})

it('a push of what is no image is refused before anything is sent', async () => {
  const client = new RegistryClient()
  const store = memoryBlobStore()
  const blob = await store.write('{"hello":1}')
  const pushed = await pushImage(client, { registry: '127.0.0.1:1', repository: 'a' }, { store, image: { mediaType: 'x', ...blob } })
  expect(pushed).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: expect.stringContaining('not pushed') as string } })
  const empty = await writeImage(store, { platform: { os: 'linux', architecture: 'amd64' }, layers: [] })
  expect(empty.size).toBeGreaterThan(0)
  await client.close()
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { parseConfigDocument, parseImageDocument } from '../resolve/image-documents.ts'
import { startRegistry } from '../server/start-registry.ts'
import { pushSample, sampleImage } from '../testing/sample-image.ts'
import { memoryBlobStore, type BlobStore } from './blob-store.ts'
import { extendImage } from './extend-image.ts'
import { writeIndex, writeManifest } from './image.ts'
import { layerOfEntries, type Layer } from './layer.ts'
import { pushImage } from './push-image.ts'

let dir: string
let registry: Awaited<ReturnType<typeof startRegistry>>
let target: RegistryTarget
const client = new RegistryClient()
const architectures = ['amd64', 'arm64']

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-extend-'))
  registry = await startRegistry({ dir })
  target = { registry: registry.host, repository: 'base', insecure: true }
})
afterEach(async () => {
  await registry.stop()
  await rm(dir, { recursive: true, force: true })
})

const ourLayer = (store: BlobStore): Promise<Layer> => layerOfEntries(store, [{ type: 'file', path: 'opt/ours', content: 'ours' }])

it('puts its layers on those of each architecture, and is pushed with layers that only the base’s registry has', async () => {
  await pushSample(target, '1', { index: true })
  const store = memoryBlobStore()
  const layer = await ourLayer(store)
  const config = { entrypoint: ['/opt/ours'], cmd: [], user: '1000', env: ['SEED=ours', 'MORE=yes'] }
  const extended = await extendImage(store, { client, target, reference: '1' }, { architectures, layers: [layer], config })
  if (!extended.ok) throw new Error(extended.error)
  const other = { ...target, repository: 'ours' }
  expect(await pushImage(client, other, extended.value, { tags: ['2'] })).toMatchObject({ ok: true })

  const index = await client.getManifest(other, '2')
  const document = index.ok && parseImageDocument(index.value.bytes)
  if (!document || !document.ok || document.value.kind !== 'index') throw new Error('no index was pushed')
  expect(document.value.manifests.map(({ platform }) => platform?.architecture)).toEqual(architectures)
  for (const { digest, platform } of document.value.manifests) {
    const manifest = await client.getManifest(other, digest)
    const image = manifest.ok && parseImageDocument(manifest.value.bytes)
    if (!image || !image.ok || image.value.kind !== 'manifest') throw new Error('no image was pushed')
    expect(image.value.layers).toHaveLength(2)
    expect(image.value.layers[1]).toEqual(layer.descriptor)
    expect(await client.hasBlob(other, image.value.layers[0]?.digest ?? '')).toEqual({ ok: true, value: true })
    const bytes = await client.getBlob(other, image.value.config.digest, 1_000_000)
    const parsed = bytes.ok && parseConfigDocument(bytes.value)
    expect(parsed).toMatchObject({
      value: {
        platform,
        config: { entrypoint: ['/opt/ours'], cmd: [], user: '1000', workingDir: '/work', env: [`ARCH=${platform?.architecture ?? ''}`, 'SEED=ours', 'MORE=yes'] },
      },
    })
  }
})

it('takes a base of one architecture, without what an index holds besides images', async () => {
  const store = memoryBlobStore()
  await pushSample(target, 'single')
  const extension = { architectures, layers: [await ourLayer(store)], config: {} }
  expect(await extendImage(store, { client, target, reference: 'single' }, extension)).toMatchObject({ ok: true })

  const image = await sampleImage(store, 'attested')
  const attested = await writeIndex(store, [{ ...image, platform: { os: 'unknown', architecture: 'unknown' } }, image])
  await pushImage(client, target, { store, image: attested }, { tags: ['attested'] })
  const extended = await extendImage(store, { client, target, reference: 'attested' }, extension)
  if (!extended.ok) throw new Error(extended.error)
  expect(parseImageDocument(await store.read(extended.value.image.digest))).toMatchObject({ value: { manifests: [{ platform: { architecture: 'amd64' } }] } })
})

it('says what is wrong with a base', async () => {
  const store = memoryBlobStore()
  const extension = { architectures: ['s390x'], layers: [await ourLayer(store)], config: {} }
  const extend = (reference: string) => extendImage(store, { client, target, reference }, extension)
  await pushSample(target, '1', { index: true })
  expect(await extend('1')).toEqual({ ok: false, error: `${registry.host}/base:1: it has no image for linux on s390x` })
  expect(await extend('2')).toMatchObject({ ok: false, error: expect.stringContaining(`${registry.host}/base:2`) })

  // A config that names fewer layers than the manifest has.
  const config = await store.write(JSON.stringify({ os: 'linux', architecture: 's390x', rootfs: { type: 'layers', diff_ids: [] } }))
  const broken = await writeManifest(store, { mediaType: 'application/vnd.oci.image.config.v1+json', ...config }, [extension.layers[0]?.descriptor as Layer['descriptor']])
  await pushImage(client, target, { store, image: broken }, { tags: ['broken'] })
  expect(await extend('broken')).toEqual({ ok: false, error: `${registry.host}/base:broken: its config does not name each of its layers` })
})

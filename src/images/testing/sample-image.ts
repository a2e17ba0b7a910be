import { memoryBlobStore, type BlobStore } from '../oci/blob-store.ts'
import { writeImage, writeIndex } from '../oci/image.ts'
import { layerOfEntries } from '../oci/layer.ts'
import { pushImage } from '../oci/push-image.ts'
import type { Descriptor } from '../registry/media-types.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryTarget } from '../registry/target.ts'

/** A small image whose content, and so its digest, depends on `seed`. */
export async function sampleImage(store: BlobStore, seed: string, architecture = 'amd64', user = ''): Promise<Descriptor> {
  const layer = await layerOfEntries(store, [
    { type: 'directory', path: 'etc' },
    { type: 'file', path: 'etc/seed', content: `${seed} ${architecture}` },
    { type: 'symlink', path: 'etc/link', target: 'seed' },
  ])
  return writeImage(store, {
    platform: { os: 'linux', architecture },
    layers: [layer],
    config: { entrypoint: ['/bin/run'], cmd: [seed], env: [`SEED=${seed}`, `ARCH=${architecture}`], user, workingDir: '/work' },
  })
}

/** An index of that image for two architectures. */
export async function sampleIndex(store: BlobStore, seed: string): Promise<Descriptor> {
  return writeIndex(store, [await sampleImage(store, seed, 'amd64'), await sampleImage(store, seed, 'arm64')])
}

/** Pushes a sample and gives its digest. */
export async function pushSample(
  target: RegistryTarget,
  tag: string,
  options: { seed?: string; index?: boolean } = {},
): Promise<string> {
  const client = new RegistryClient()
  const store = memoryBlobStore()
  const image = await (options.index === true ? sampleIndex : sampleImage)(store, options.seed ?? tag)
  const pushed = await pushImage(client, target, { store, image }, { tags: [tag] })
  await client.close()
  if (!pushed.ok) throw new Error(pushed.error.detail)
  return pushed.value.digest
}

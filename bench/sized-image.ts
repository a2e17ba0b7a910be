import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { directoryBlobStore } from '../src/images/oci/blob-store.ts'
import { writeImage } from '../src/images/oci/image.ts'
import { layerOfEntries, type Layer } from '../src/images/oci/layer.ts'
import { pushImage } from '../src/images/oci/push-image.ts'
import { RegistryClient } from '../src/images/registry/registry-client.ts'
import { busyboxImage } from '../test/services/images.ts'
import { hostArchitecture } from '../test/services/oci-image.ts'

export interface SizedImage {
  /** Moves the tag `1` to an image of the same size that nobody has seen yet. */
  next(): Promise<void>
  close(): Promise<void>
}

/** busybox, so many megabytes of noise in one layer, and a small layer that is another one each time. */
export async function sizedImage(registry: string, repository: string, megabytes: number): Promise<SizedImage> {
  const folder = await mkdtemp(join(tmpdir(), 'airside-bench-image-'))
  const close = () => rm(folder, { recursive: true, force: true })
  try {
    const store = directoryBlobStore(folder)
    const busybox = await busyboxLayer(store)
    const noise = await layerOfEntries(store, [{ type: 'file', path: 'noise', content: { size: megabytes * 1_000_000, open: () => Readable.from(noiseOf(megabytes)) } }])
    return {
      async next() {
        const mark = await layerOfEntries(store, [{ type: 'file', path: 'mark', content: randomBytes(16) }])
        const image = await writeImage(store, { platform: { os: 'linux', architecture: hostArchitecture() }, layers: [busybox, noise, mark], config: { cmd: ['sh'], env: ['PATH=/bin'] } })
        const client = new RegistryClient()
        // What the registry has of the image before is not sent again.
        const pushed = await pushImage(client, { registry, repository, insecure: true }, { store, image }, { tags: ['1'] }).finally(() => client.close())
        if (!pushed.ok) throw new Error(`an image of ${megabytes} MB was not pushed: ${pushed.error.detail}`)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function* noiseOf(megabytes: number): Iterable<Uint8Array> {
  for (let made = 0; made < megabytes; made += 1) yield randomBytes(1_000_000)
}

async function busyboxLayer(store: ReturnType<typeof directoryBlobStore>): Promise<Layer> {
  const { blobs } = await busyboxImage()
  const [config, layer] = blobs
  if (config === undefined || layer === undefined) throw new Error('the image of busybox has no layer')
  const [diffId = ''] = (JSON.parse(Buffer.from(config.bytes).toString()) as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids
  return { descriptor: { mediaType: layer.mediaType, ...(await store.write(layer.bytes)) }, diffId }
}

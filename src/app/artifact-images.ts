import type { ArtifactStore } from '../artifacts/store.ts'
import { artifactImageReader, type ArtifactImageReader } from '../images/artifact/artifact-image-reader.ts'
import { collectImages } from '../images/artifact/collect.ts'
import type { Destination } from '../images/artifact/destination.ts'
import { imagesFolder } from '../images/artifact/folders.ts'
import { publisher, type Publish } from '../images/artifact/publisher.ts'
import { PublishedImages } from '../images/artifact/published.ts'
import { openStaging } from '../images/artifact/staging.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { periodic } from '../lib/service.ts'

/** Go's name of this machine's architecture. */
export const ownArchitecture = process.arch === 'x64' ? 'amd64' : process.arch

export function openArtifactImages(store: ArtifactStore): ArtifactImageReader {
  return artifactImageReader(async ({ digest }) => (await store.open(digest))?.stream, ownArchitecture)
}

const collectEveryMs = 3_600_000
const graceMs = 24 * 3_600_000

/** Puts artifacts' images where nodes pull them from, and removes them when their artifacts are gone, until it is closed. */
export async function openPublisher(options: {
  readonly images: ArtifactImageReader
  readonly destination: Destination
  readonly data: string
  readonly store: ArtifactStore
  readonly clock: Clock
  readonly log: Log
}): Promise<{ readonly publish: Publish; close(): Promise<void> }> {
  const { images, destination, data, store, clock, log } = options
  const folders = imagesFolder(data)
  const published = new PublishedImages(folders.published)
  const collection = periodic({
    name: 'collection of published images', clock, log, everyMs: collectEveryMs,
    async run(signal) {
      const needed = async (digest: Parameters<ArtifactStore['has']>[0]) => (await store.has(digest)) !== undefined
      const { left } = await collectImages({ published, remove: (image) => destination.remove(image, image.digest, signal), needed, unusedSince: clock.now() - graceMs, signal })
      for (const { image, reason } of left) log.warn({ image: `${image.registry}/${image.repository}@${image.digest}`, reason }, 'an unused image could not be removed from its registry')
    },
  })
  const publish = publisher({ images, destination, published, clock, staging: await openStaging(folders.staging) })
  void collection.start()
  return { publish, close: () => collection.stop() }
}

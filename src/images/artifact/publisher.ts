import { rm } from 'node:fs/promises'
import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { ImageSource } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { directoryBlobStore } from '../oci/blob-store.ts'
import { formatReference, registryHost } from '../reference/reference.ts'
import { SingleFlight } from '../registry/single-flight.ts'
import type { ArtifactImageReader } from './artifact-image-reader.ts'
import type { Destination, ImageLocation } from './destination.ts'
import type { Published, PublishedImages } from './published.ts'
import type { openStaging } from './staging.ts'

export interface PublisherOptions {
  readonly images: ArtifactImageReader
  readonly destination: Destination
  readonly published: PublishedImages
  readonly staging: Awaited<ReturnType<typeof openStaging>>
  readonly clock: Pick<Clock, 'now'>
}

export type RegistryImage = Extract<ImageSource, { kind: 'registry' }>

/**
 * Gives an artifact's image a place in a registry, once for its content: what is remembered, or stands there under its tag, is not
 * sent again. `onPush` is told before something is sent, and when a registry lets us wait.
 */
export type Publish = (artifact: ArtifactRef, name: string, signal: AbortSignal, onPush: (line: string) => void) => Promise<Result<RegistryImage, string>>

interface Publication {
  readonly artifact: ArtifactRef
  readonly name: string
  readonly location: ImageLocation
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

export function publisher({ images, destination, published, staging, clock }: PublisherOptions): Publish {
  const flights = new SingleFlight<Result<string, string>>()
  /** Callers that wait for one push are all told of it, also those that joined later. */
  const listeners = new Map<string, Set<(line: string) => void>>()

  return async (artifact, name, signal, onPush) => {
    const location = destination.location(artifact)
    const mine = listeners.get(artifact.digest) ?? new Set()
    listeners.set(artifact.digest, mine.add(onPush))
    try {
      const digest = await flights.run(artifact.digest, signal, (shared) => publish({ artifact, name, location, signal: shared, tell: (line) => mine.forEach((tell) => tell(line)) }))
      if (!digest.ok) return digest
      const { registry, repository, tag } = location
      const credentials = await destination.credentials(location)
      return ok({ kind: 'registry', reference: formatReference({ registry, repository, tag, digest: digest.value }), host: registryHost(registry), ...(credentials && { credentials }) })
    } catch (error) {
      if (signal.aborted) throw error
      return fail(`the image of artifact ${name} could not be put into ${destination.name}: ${messageOf(error)}`)
    } finally {
      mine.delete(onPush)
      if (mine.size === 0) listeners.delete(artifact.digest)
    }
  }

  async function publish({ artifact, name, location, signal, tell }: Publication): Promise<Result<string, string>> {
    const { registry, repository, tag } = location
    const how = { signal, onWait: tell }
    const known = await published.get(artifact.digest)
    const remember = async (digest: string, origin: Published['origin']): Promise<Result<string, string>> => {
      await published.put({ artifact: artifact.digest, registry, repository, digest, origin, usedAt: clock.now() })
      return ok(digest)
    }
    if (known?.registry === registry && known.repository === repository) {
      const there = await destination.find(location, known.digest, how)
      if (!there.ok) return there
      if (there.value !== undefined) return remember(known.digest, known.origin)
    }
    const tagged = await destination.find(location, tag, how)
    if (!tagged.ok) return tagged
    if (tagged.value !== undefined) return remember(tagged.value, destination.served ? 'served' : 'found')

    tell(`pushing image ${name} to ${destination.name}`)
    const folder = await staging.make()
    try {
      const store = directoryBlobStore(folder)
      const image = await images.write(artifact, name, store, signal)
      if (!image.ok) return image
      const pushed = await destination.push(location, store, image.value, how)
      return pushed.ok ? await remember(image.value.digest, destination.served ? 'served' : 'pushed') : pushed
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

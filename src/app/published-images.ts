import { imagesFolder } from '../images/artifact/folders.ts'
import { collectImages } from '../images/artifact/collect.ts'
import { remoteDestination } from '../images/artifact/destination.ts'
import { PublishedImages, type Published } from '../images/artifact/published.ts'
import { dockerConfigCredentials } from '../images/docker-config/docker-config-credentials.ts'
import type { OperatorTrust } from '../images/reference/registry-trust.ts'
import { RegistryClient } from '../images/registry/registry-client.ts'
import { systemClock } from '../lib/clock.ts'
import { ok } from '../model/result.ts'

const registryPatienceMs = 60_000

const placeOf = ({ registry, repository }: Published): string => `${registry}/${repository}`

/** Foreign repositories that hold images of this data folder's artifacts, with how many. */
export async function publishedPlaces(data: string): Promise<string[]> {
  const counts = new Map<string, number>()
  for (const image of await new PublishedImages(imagesFolder(data).published).list()) if (image.origin === 'pushed') counts.set(placeOf(image), (counts.get(placeOf(image)) ?? 0) + 1)
  return [...counts].map(([place, count]) => `${place} (${count})`)
}

/** Deletes images of artifacts from registries; says how that went. */
export async function unpublish(data: string, trust: OperatorTrust): Promise<string[]> {
  const published = new PublishedImages(imagesFolder(data).published)
  if ((await published.list()).length === 0) return []
  const client = new RegistryClient({ clock: systemClock })
  try {
    const credentials = dockerConfigCredentials({ clock: systemClock })
    const { removed, left } = await collectImages({
      published,
      // What this server has served goes with its folder.
      remove: (image, signal) => (image.origin === 'served' ? Promise.resolve(ok(undefined)) : remoteDestination(client, { ...image, trust: trust(image.registry) }, credentials).remove(image, image.digest, signal)),
      needed: () => Promise.resolve(false),
      unusedSince: Number.POSITIVE_INFINITY,
      signal: AbortSignal.timeout(registryPatienceMs),
    })
    return [
      ...(removed > 0 ? [`deleted ${removed} ${removed === 1 ? 'image' : 'images'} of artifacts from ${removed === 1 ? 'its registry' : 'their registries'}`] : []),
      ...left.map(({ image, reason }) => `${placeOf(image)}@${image.digest} stays in its registry: ${reason}`),
    ]
  } finally {
    await client.close()
  }
}

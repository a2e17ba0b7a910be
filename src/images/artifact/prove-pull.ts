import type { ImageSource } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { memoryBlobStore } from '../oci/blob-store.ts'
import { formatReference, registryHost } from '../reference/reference.ts'
import type { Destination } from './destination.ts'
import { writeProbeImage } from './probe-image.ts'

/** Has a node pull and run an image, and leaves nothing of that; the error is what the node, or the cluster, says. `onReason`: why it waits. */
export type ProbePull = (image: ImageSource & { readonly kind: 'registry' }, signal: AbortSignal, onReason: (line: string) => void) => Promise<Result<void, string>>

/**
 * Proves that what this server puts into a registry can be pulled by nodes: with an image of a few hundred bytes, which stays there. The
 * error is one clause. Throws on an abort.
 */
export async function provePull(destination: Destination, probe: ProbePull, signal: AbortSignal, tell: (line: string) => void): Promise<Result<void, string>> {
  const store = memoryBlobStore()
  const { descriptor, tag } = await writeProbeImage(store)
  const place = destination.probePlace(tag)
  const how = { signal, onWait: tell }
  const found = await destination.find(place, place.tag, how)
  if (!found.ok) return found
  if (found.value === undefined) {
    const pushed = await destination.push(place, store, descriptor, how)
    if (!pushed.ok) return fail(`this server cannot push there: ${pushed.error}`)
  }
  const { registry, repository } = place
  const credentials = await destination.credentials(place)
  // By tag: that is asked for at every pull, whatever the node has.
  const pulled = await probe({ kind: 'registry', reference: formatReference(place), host: registryHost(registry), ...(credentials && { credentials }) }, signal, tell)
  return pulled.ok ? ok(undefined) : fail(`a node could not pull ${registry}/${repository}:${place.tag}: ${pulled.error}`)
}

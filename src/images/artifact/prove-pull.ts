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
  const location = destination.probeLocation(tag)
  const how = { signal, onWait: tell }
  const found = await destination.find(location, location.tag, how)
  if (!found.ok) return found
  if (found.value === undefined) {
    const pushed = await destination.push(location, store, descriptor, how)
    if (!pushed.ok) return fail(`this server cannot push there: ${pushed.error}`)
  }
  const { registry, repository } = location
  const credentials = await destination.credentials(location)
  // By tag: that is asked for at every pull, whatever the node has.
  const pulled = await probe({ kind: 'registry', reference: formatReference(location), host: registryHost(registry), ...(credentials && { credentials }) }, signal, tell)
  return pulled.ok ? ok(undefined) : fail(`a node could not pull ${registry}/${repository}:${location.tag}: ${pulled.error}`)
}

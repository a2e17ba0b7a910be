import type { ImageSpec } from '../../model/image.ts'
import type { Container } from '../../runtime/contract.ts'
import type { BuildContext } from '../build-context.ts'

/** A runtime that has not heard by then what a container runs will not, in ms. */
const patienceMs = 20_000

/**
 * The digest of an image that only its node could ask for: said in the log, and saved as a version of what was checked. A step that has
 * done its work does not fail for it.
 */
export async function findByNode({ services }: BuildContext, image: ImageSpec, container: Container, note: (line: string) => void): Promise<string | undefined> {
  if (image.foundByNode === undefined || image.source.kind !== 'registry') return undefined
  const { tag, scope } = image.foundByNode
  const { reference } = image.source
  const late = new AbortController()
  void services.clock.sleep(patienceMs, late.signal).then(() => late.abort(), () => undefined)
  try {
    const digest = /@(sha(?:256|512):[0-9a-f]+)$/.exec((await container.imageFound?.(late.signal)) ?? container.imageDigest ?? '')?.[1]
    if (digest === undefined) {
      note(`the digest of ${reference} is not known: its node does not say it`)
      return undefined
    }
    note(`the node found ${reference} to be ${digest}`)
    if (scope !== undefined) await services.versions.save(scope, [{ tag, digest }], services.clock.now())
    return digest
  } catch (error) {
    services.log.warn({ image: reference, err: error, component: 'engine' }, 'a version that a node found could not be saved')
    return undefined
  } finally {
    late.abort()
  }
}

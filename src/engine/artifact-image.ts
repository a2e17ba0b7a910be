import { messageOf } from '../lib/errors.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import type { ImageSpec } from '../model/image.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ImageFailure } from '../steps/ports.ts'
import type { EngineServices } from './build-context.ts'

/** An image that a step has made, or a get has fetched: run as what it says of itself. */
export async function artifactImage(services: EngineServices, artifact: ArtifactRef, name: string, privileged: boolean, signal: AbortSignal): Promise<Result<ImageSpec, ImageFailure>> {
  const refused = artifactImageRefusal(services, name)
  if (refused !== undefined) return fail({ kind: 'failed', message: refused })
  try {
    const described = await services.artifactImages.describe(artifact, name, signal)
    if (!described.ok) return fail({ kind: 'failed', message: described.error })
    const { config, architectures } = described.value
    return ok({ source: { kind: 'artifact', artifact, name }, config, architectures, privileged })
  } catch (error) {
    return fail(signal.aborted ? { kind: 'aborted' } : { kind: 'failed', message: `artifact ${name} cannot be read: ${messageOf(error)}` })
  }
}

/** Why the runtime cannot run it, if it cannot; `image`: what the user calls it. */
export function artifactImageRefusal({ runtime }: EngineServices, image: string): string | undefined {
  const { noArtifactImages } = runtime.capabilities
  return noArtifactImages === undefined ? undefined : `image ${image} is an artifact: ${noArtifactImages}`
}

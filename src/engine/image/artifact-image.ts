import { messageOf } from '../../lib/errors.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { ImageSpec } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { ImageFailure } from '../../steps/ports.ts'
import type { Asking } from './asking.ts'
import type { EngineServices } from '../build-context.ts'

/** An image that a step has made, or a get has fetched: run as what it says of itself. */
export async function artifactImage(
  services: EngineServices,
  { artifact, name, privileged }: { readonly artifact: ArtifactRef; readonly name: string; readonly privileged: boolean },
  { signal, note }: Pick<Asking, 'signal' | 'note'>,
): Promise<Result<ImageSpec, ImageFailure>> {
  const possible = await mayBeArtifact(services, name, { signal, note })
  if (!possible.ok) return possible
  try {
    const described = await services.artifactImages.describe(artifact, name, signal)
    if (!described.ok) return fail({ kind: 'failed', message: described.error })
    const { config, architectures } = described.value
    return ok({ source: { kind: 'artifact', artifact, name }, config, architectures, privileged })
  } catch (error) {
    return fail(signal.aborted ? { kind: 'aborted' } : { kind: 'failed', message: `artifact ${name} cannot be read: ${messageOf(error)}` })
  }
}

/** Whether the runtime can run an image that is an artifact; `image`: what the user calls it. */
export async function mayBeArtifact(services: EngineServices, image: string, { signal, note }: Pick<Asking, 'signal' | 'note'>): Promise<Result<void, ImageFailure>> {
  try {
    const refused = await noArtifactImages(services, signal, note)
    return refused === undefined ? ok(undefined) : fail({ kind: 'failed', message: `image ${image} is an artifact: ${refused}` })
  } catch (error) {
    if (signal.aborted) return fail({ kind: 'aborted' })
    throw error
  }
}

/** Why the runtime cannot run any of them; found out where that is not known yet, and `onWait` is told then. Throws on an abort. */
export async function noArtifactImages(
  { runtime, artifactImages }: Pick<EngineServices, 'runtime' | 'artifactImages'>,
  signal: AbortSignal,
  onWait: (line: string) => void,
): Promise<string | undefined> {
  return runtime.capabilities.noArtifactImages ?? artifactImages.refusal?.(signal, onWait)
}

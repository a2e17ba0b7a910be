import type { ArtifactImages } from '../../engine/ports.ts'
import type { ArtifactImageReader } from './artifact-image-reader.ts'

const describedKept = 1_000

/** The engine's view of artifact images. An artifact never changes, so each is described once. */
export function describedOnce(images: ArtifactImageReader): ArtifactImages {
  const known = new Map<string, Awaited<ReturnType<ArtifactImageReader['describe']>>>()
  return {
    async describe(artifact, name, signal) {
      const before = known.get(artifact.digest)
      if (before !== undefined) return before
      const described = await images.describe(artifact, name, signal)
      // Not remembered: the error holds the name that this step uses for the artifact.
      if (!described.ok) return described
      if (known.size >= describedKept) known.delete(known.keys().next().value ?? '')
      known.set(artifact.digest, described)
      return described
    },
  }
}

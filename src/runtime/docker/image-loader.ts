import { pipeline, Transform, type Readable } from 'node:stream'
import { layerByteCounter } from '../../lib/traffic.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { ImageSource } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { EngineClient } from './engine/client.ts'
import type { EngineError } from './engine/errors.ts'

/**
 * An artifact as an engine can take it: the files of a root, or an archive as `docker save` writes it (or an OCI layout), which must
 * name no image: the engine would take those names from the user's own. The error is a line for the user that names the artifact.
 */
export type ReadArtifactImage = (artifact: ArtifactRef, name: string, signal: AbortSignal) => Promise<Result<{ readonly kind: 'files' | 'archive'; readonly tar: Readable }, string>>

/** Loads artifacts into the engine as images. */
export interface ImageLoader {
  /** Makes it an image of the engine; resolves with the name to run it by. */
  import(source: Extract<ImageSource, { kind: 'artifact' }>, signal: AbortSignal): Promise<Result<string, string>>
}

const repository = 'localhost/airside-artifact'

/** One name per content: an image is imported once. */
export const artifactImageName = (artifact: ArtifactRef): string => `${repository}:${tagOf(artifact)}`

const tagOf = ({ digest }: ArtifactRef): string => digest.replace('sha256:', '').slice(0, 40)

export function createImageLoader(client: EngineClient, readImage: ReadArtifactImage): ImageLoader {
  return {
    async import({ artifact, name }, signal) {
      const image = await readImage(artifact, name, signal)
      if (!image.ok) return image
      const { kind, tar: read } = image.value
      const tar = counted(read)
      const taken = kind === 'files' ? await client.importImage(artifactImageName(artifact), tar, signal) : await load(client, artifact, tar, signal)
      const broken = read.errored
      tar.destroy()
      read.destroy()
      if (taken.ok) return ok(artifactImageName(artifact))
      // A fault of the artifact ends the upload; the engine reports only that it ended.
      return fail(broken?.message ?? taken.error.message)
    },
  }
}

/** Passes bytes on and counts them. */
function counted(tar: Readable): Readable {
  const count = layerByteCounter()
  const through = new Transform({
    transform(chunk: Buffer, _, done) {
      count(chunk.length)
      done(null, chunk)
    },
  })
  return pipeline(tar, through, () => undefined) // an error of either destroys both, and the reader gets it
}

/** A loaded image has no name, only an id. */
async function load(client: EngineClient, artifact: ArtifactRef, tar: Readable, signal: AbortSignal): Promise<Result<unknown, EngineError>> {
  const loaded = await client.loadImage(tar, signal)
  return loaded.ok ? client.tagImage(loaded.value, repository, tagOf(artifact)) : loaded
}

import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { Result } from '../model/result.ts'

/** Content-addressed store of artifacts (tar streams). Objects never change; references to them are kept in the databases. */
export interface ArtifactStore {
  /**
   * Stores a stream under the digest of what came. All or nothing: when the source throws, its error is thrown and nothing
   * is kept. `expected`: what the sender says that it sent. Storing an object again heals a damaged one.
   */
  put(source: AsyncIterable<Uint8Array>, expected?: ArtifactRef): Promise<Result<ArtifactRef, PutError>>
  /**
   * Undefined: not there. The stream is verified while it is read: a damaged object makes it throw a DamagedArtifact after
   * the last byte, and is gone from the store then. `reuseBuffers`: a chunk is valid only until the next one is asked for.
   */
  open(digest: ArtifactDigest, options?: { readonly reuseBuffers?: boolean }): Promise<OpenArtifact | undefined>
  /** Size in bytes, or undefined. */
  has(digest: ArtifactDigest): Promise<number | undefined>
  /** Deletes an artifact, if it is there. Streams that are open can be read to the end. */
  delete(digest: ArtifactDigest): Promise<void>
  /** Deletes it, unless it was put (again) at `before`, unix ms, or later; gives how many bytes that freed. Open streams read on. */
  deleteOlder(digest: ArtifactDigest, before: number): Promise<number>
  list(): AsyncIterable<StoredArtifact>
}

/** To be read to its end, or closed by leaving the iteration. */
export interface OpenArtifact {
  readonly size: number
  readonly stream: AsyncIterable<Uint8Array>
}

export interface StoredArtifact extends ArtifactRef {
  /** Unix ms of the last put: an artifact that was stored a moment ago may not be referenced yet. */
  readonly storedAt: number
}

export type PutError =
  | { readonly kind: 'no-space'; readonly message: string }
  /** Not the digest or size that was announced. */
  | { readonly kind: 'mismatch'; readonly message: string }
  | { readonly kind: 'unavailable'; readonly message: string }

/** The content that was read does not have the digest. */
export class DamagedArtifact extends Error {
  override readonly name = 'DamagedArtifact'
  readonly digest: ArtifactDigest

  constructor(digest: ArtifactDigest) {
    super(`artifact ${digest} is damaged in the store; it was removed`)
    this.digest = digest
  }
}

/** Digests become file names, so nothing else is accepted. */
export const isDigest = (text: string): text is ArtifactDigest => /^sha256:[0-9a-f]{64}$/.test(text)

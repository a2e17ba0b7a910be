/** `sha256:<64 hex>` of an artifact's canonical tar stream. */
export type ArtifactDigest = `sha256:${string}`

/** A directory tree in the content-addressed store. */
export interface ArtifactRef {
  readonly digest: ArtifactDigest
  /** Bytes of the tar stream. */
  readonly size: number
}

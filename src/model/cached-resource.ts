import type { ArtifactRef } from './artifact.ts'
import type { MetadataField, Version } from './version.ts'

/** What a get fetched. */
export interface CachedResource {
  readonly artifact: ArtifactRef
  readonly version: Version
  readonly metadata: readonly MetadataField[]
}

import type { ArtifactDigest } from '../model/artifact.ts'
import type { ArtifactStore } from './store.ts'

export interface Collection {
  readonly store: Pick<ArtifactStore, 'list' | 'deleteOlder'>
  readonly referenced: ReadonlySet<ArtifactDigest>
  /** What earlier collections found unreferenced, and when each first did (unix ms). */
  readonly unreferencedSince: ReadonlyMap<ArtifactDigest, number>
  /** Artifacts stored or referenced within this time are kept: a reference to them may be about to be written. */
  readonly graceMs: number
  /** Unix ms, from before the references were read. */
  readonly now: number
  readonly signal?: AbortSignal
}

export interface Collected {
  readonly removed: number
  /** In bytes. */
  readonly freed: number
  /** For the next collection. */
  readonly unreferencedSince: ReadonlyMap<ArtifactDigest, number>
}

/**
 * Deletes artifacts that nothing has referred to for the whole of the grace, as far as was looked, and that are older than that. A crash at any point
 * costs nothing but a later deletion.
 */
export async function collectArtifacts({ store, referenced, unreferencedSince, graceMs, now, signal }: Collection): Promise<Collected> {
  const since = new Map<ArtifactDigest, number>()
  let removed = 0
  let freed = 0
  for await (const { digest, storedAt } of store.list()) {
    signal?.throwIfAborted()
    if (referenced.has(digest)) continue
    const first = unreferencedSince.get(digest) ?? now
    if (first <= now - graceMs && storedAt < now - graceMs) {
      const bytes = await store.deleteOlder(digest, now - graceMs)
      if (bytes > 0) removed += 1
      freed += bytes
    } else since.set(digest, Math.min(first, now))
  }
  return { removed, freed, unreferencedSince: since }
}

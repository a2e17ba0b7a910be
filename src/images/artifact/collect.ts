import type { ArtifactDigest } from '../../model/artifact.ts'
import type { Result } from '../../model/result.ts'
import type { Published, PublishedImages } from './published.ts'

export interface Collection {
  readonly published: PublishedImages
  /** From its registry; only what we put there is asked for. */
  readonly remove: (image: Published, signal: AbortSignal) => Promise<Result<void, string>>
  /** Whether an artifact is still of use; its image is then too. */
  readonly needed: (artifact: ArtifactDigest) => Promise<boolean>
  /** Images that a step used since then (unix ms) stay: nodes may be pulling them. */
  readonly unusedSince: number
  readonly signal: AbortSignal
}

/** An unused image that could not be removed from its registry, and why. */
export interface Left {
  readonly image: Published
  readonly reason: string
}

/** Removes images whose artifacts are gone, from their registry where we put them there, and from our memory. */
export async function collectImages({ published, remove, needed, unusedSince, signal }: Collection): Promise<{ readonly removed: number; readonly left: readonly Left[] }> {
  let removed = 0
  const left: Left[] = []
  const unneeded: Published[] = []
  const kept = new Set<string>()
  for (const image of await published.list()) {
    if (image.usedAt > unusedSince || (await needed(image.artifact))) kept.add(imageOf(image))
    else unneeded.push(image)
  }
  for (const image of unneeded) {
    // Two artifacts may be one image, under two tags: its digest is deleted with the last of them.
    if (image.origin !== 'found' && !kept.has(imageOf(image))) {
      const gone = await remove(image, signal)
      if (gone.ok) removed++
      else left.push({ image, reason: gone.error })
    }
    await published.forget(image.artifact)
  }
  return { removed, left }
}

const imageOf = ({ registry, repository, digest }: Published): string => `${registry}/${repository}@${digest}`

import { fail, ok, type Result } from '../../model/result.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import type { RegistryTarget } from '../registry/target.ts'
import type { ImageError } from './image-error.ts'
import { inParallel } from './in-parallel.ts'
import { tagDigests } from './tag-digests.ts'
import type { TagPattern } from './tag-pattern.ts'
import type { TagVersion } from './tag-selection.ts'

/** How many images are asked for their creation time at once. */
const parallel = 8

/** When the image of a digest was created, in ms; 0 if it does not say. */
export type CreatedAt = (digest: string) => Promise<Result<number, ImageError>>

/**
 * The versions of a repository whose source has a `tag_regex`: every tag that matches, in the registry's order, or, with
 * `createdAt`, the newest image last. Several tags of one digest are several versions, as the resource has it.
 */
export async function patternVersions(
  client: RegistryClient,
  target: RegistryTarget,
  { pattern, createdAt }: { readonly pattern: TagPattern; readonly createdAt: CreatedAt | undefined },
  options: CallOptions,
): Promise<Result<TagVersion[], ImageError>> {
  const tags = await client.listTags(target, options)
  if (!tags.ok) return fail({ kind: 'registry', error: tags.error })
  const matching = await pattern.select(tags.value)
  const digests = await tagDigests(client, target, matching, options)
  if (!digests.ok) return fail({ kind: 'registry', error: digests.error })
  const versions = matching.flatMap((tag) => {
    const digest = digests.value.get(tag)
    return digest === undefined ? [] : [{ tag, digest }]
  })
  if (createdAt === undefined) return ok(versions)

  const made = new Map<string, number>()
  const failure = await inParallel([...new Set(digests.value.values())], parallel, async (digest) => {
    const created = await createdAt(digest)
    if (created.ok) made.set(digest, created.value)
    return created.ok ? undefined : created.error
  })
  if (failure !== undefined) return fail(failure)
  return ok(versions.toSorted((a, b) => (made.get(a.digest) ?? 0) - (made.get(b.digest) ?? 0)))
}

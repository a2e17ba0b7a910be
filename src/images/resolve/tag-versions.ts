import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { compareSemVer } from './semver.ts'
import { tagDigests } from './tag-digests.ts'
import { candidatesOf, orderVersions, type TagRules, type TagVersion } from './tag-selection.ts'

/**
 * The semver versions of a repository, oldest first. From a version whose tag still means the same digest, only newer ones
 * are looked up.
 */
export async function tagVersions(
  client: RegistryClient,
  target: RegistryTarget,
  { rules, from }: { readonly rules: TagRules; readonly from: Version | undefined },
  options: CallOptions,
): Promise<Result<TagVersion[], RegistryError>> {
  const tags = await client.listTags(target, options)
  if (!tags.ok) return tags
  let candidates = candidatesOf(tags.value, rules)
  const found = new Map<string, string>()

  const start = candidates.find(({ tag }) => tag === from?.['tag'])
  if (start !== undefined) {
    const digest = await tagDigests(client, target, [start.tag], options)
    if (!digest.ok) return fail(digest.error)
    for (const [tag, value] of digest.value) found.set(tag, value)
    const { version } = start
    if (version !== undefined && found.get(start.tag) === from?.['digest']) {
      candidates = candidates.filter((other) => other === start || other.version === undefined || compareSemVer(other.version, version) > 0)
    }
    // The first of several equally specific tags of an image counts, so the tag of the version that was given comes first.
    candidates = [start, ...candidates.filter((other) => other !== start)]
  }

  const others = await tagDigests(client, target, candidates.flatMap(({ tag }) => (tag === start?.tag ? [] : [tag])), options)
  if (!others.ok) return others
  for (const [tag, value] of others.value) found.set(tag, value)
  return ok(
    orderVersions(
      candidates.flatMap((candidate) => {
        const digest = found.get(candidate.tag)
        return digest === undefined ? [] : [{ ...candidate, digest }]
      }),
      rules,
    ),
  )
}

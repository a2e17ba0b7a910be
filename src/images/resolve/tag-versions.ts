import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { compareSemVer } from './semver.ts'
import { candidatesOf, orderVersions, type Candidate, type TagRules, type TagVersion } from './tag-selection.ts'

/** HEADs under way at a time. */
const parallel = 16

/**
 * The versions of a repository whose source names no tag, oldest first. From a version whose tag still means the same
 * digest, only newer ones are looked up.
 */
export async function tagVersions(
  client: RegistryClient,
  target: RegistryTarget,
  rules: TagRules,
  from: Version | undefined,
  options: CallOptions,
): Promise<Result<TagVersion[], RegistryError>> {
  const tags = await client.listTags(target, options)
  if (!tags.ok) return tags
  let candidates = candidatesOf(tags.value, rules)
  const found = new Map<string, string>()

  const lookUp = async ({ tag }: Candidate): Promise<RegistryError | undefined> => {
    const head = await client.headManifest(target, tag, options)
    if (head.ok) found.set(tag, head.value.digest)
    // Deleted since it was listed.
    return head.ok || head.error.kind === 'not-found' ? undefined : head.error
  }

  const start = candidates.find(({ tag }) => tag === from?.['tag'])
  if (start !== undefined) {
    const error = await lookUp(start)
    if (error !== undefined) return fail(error)
    const { version } = start
    if (version !== undefined && found.get(start.tag) === from?.['digest']) {
      candidates = candidates.filter((other) => other === start || other.version === undefined || compareSemVer(other.version, version) > 0)
    }
    // Where several tags say the same of one image, the first counts: the version asked from goes first.
    candidates = [start, ...candidates.filter((other) => other !== start)]
  }

  const waiting = candidates.filter((candidate) => candidate !== start)
  let failure: RegistryError | undefined
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && failure === undefined; next = waiting.shift()) {
      const error = await lookUp(next)
      failure ??= error
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, work))
  if (failure !== undefined) return fail(failure)

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

import { fail, ok, type Result } from '../../model/result.ts'
import { versionsLimit } from '../../model/version.ts'
import { registryError } from '../registry/classify.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { inParallel } from './in-parallel.ts'

/** HEADs under way at a time. */
const parallel = 16

/** What each tag means now. One that is gone since it was listed is left out; any other failure ends it. */
export async function tagDigests(
  client: RegistryClient,
  target: RegistryTarget,
  tags: readonly string[],
  options: CallOptions,
): Promise<Result<ReadonlyMap<string, string>, RegistryError>> {
  if (tags.length > versionsLimit) {
    return fail(registryError({ target }, 'bad-response', `${tags.length} of its tags may be versions, and each of at most ${versionsLimit} is asked for: let the source mean fewer of them, or name a \`tag\``))
  }
  const found = new Map<string, string>()
  const failure = await inParallel(tags, parallel, async (tag) => {
    const head = await client.headManifest(target, tag, options)
    if (head.ok) found.set(tag, head.value.digest)
    return head.ok || head.error.kind === 'not-found' ? undefined : head.error
  })
  return failure === undefined ? ok(found) : fail(failure)
}

import { fail, ok, type Result } from '../../model/result.ts'
import { registryError, type ErrorContext } from './classify.ts'
import type { RegistryError } from './registry-error.ts'
import { tagLimits, type TagLimits, type TagPage } from './tag-pages.ts'

/** All tags of a repository, page by page, in the registry's order. `page` asks for one page by its path. */
export async function allTags(context: ErrorContext, page: (path: string) => Promise<Result<TagPage, RegistryError>>, limits: TagLimits = tagLimits): Promise<Result<string[], RegistryError>> {
  const bad = (detail: string) => fail(registryError(context, 'bad-response', detail))
  const tags = new Set<string>()
  const asked = new Set<string>()
  for (let path: string | undefined = `/v2/${context.target.repository}/tags/list?n=1000`; path !== undefined; ) {
    if (asked.has(path)) return bad(`its list of tags leads in a circle: the page after number ${asked.size} is one that was read before`)
    if (asked.size === limits.pages) return bad(`its list of tags has more than ${limits.pages} pages`)
    asked.add(path)
    const read: Result<TagPage, RegistryError> = await page(path)
    if (!read.ok) return read
    for (const tag of read.value.tags) tags.add(tag)
    if (tags.size > limits.tags) return bad(`it has more than ${limits.tags} tags: name one by \`tag\``)
    path = read.value.next
  }
  return ok([...tags])
}

import { fail, ok, type Result } from '../../model/result.ts'
import { tagProblem } from '../reference/grammar.ts'
import { registryError, type ErrorContext } from './classify.ts'
import type { Answer } from './exchange.ts'
import type { RegistryError } from './registry-error.ts'

/** One page of a list of tags, and where the next one is (on the same host, whatever the link says). */
export function nextPage(
  context: ErrorContext,
  answer: Pick<Answer, 'headers' | 'url'>,
  bytes: Uint8Array,
): Result<{ tags: string[]; next: string | undefined }, RegistryError> {
  let tags: unknown
  try {
    tags = (JSON.parse(Buffer.from(bytes).toString('utf8')) as { tags?: unknown }).tags ?? []
  } catch {
    return fail(registryError(context, 'bad-response', 'its list of tags is not JSON'))
  }
  if (!Array.isArray(tags)) return fail(registryError(context, 'bad-response', 'its list of tags is none'))
  const valid = tags.filter((tag): tag is string => typeof tag === 'string' && tagProblem(tag) === undefined)
  return ok({ tags: valid, next: nextPath(answer) })
}

function nextPath({ headers, url }: Pick<Answer, 'headers' | 'url'>): string | undefined {
  const header = headers['link']
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '')
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(text)?.[1]
  if (target === undefined || !URL.canParse(target, url.href)) return undefined
  const next = new URL(target, url)
  return next.pathname.startsWith('/v2/') ? `${next.pathname}${next.search}` : undefined
}

import { parseBoundedJson, type JsonBounds } from '../../lib/bounded-json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { tagProblem } from '../reference/grammar.ts'
import { registryError, type ErrorContext } from './classify.ts'
import type { Answer } from './exchange.ts'
import { parseLinks } from './link-header.ts'
import { cleanText, type RegistryError } from './registry-error.ts'

export interface TagPage {
  readonly tags: readonly string[]
  /** Path and query of the next page on the same host; undefined: this is the last one. */
  readonly next: string | undefined
}

/** Bounds of a list of tags, whose length the registry chooses. */
export interface TagLimits {
  readonly pages: number
  readonly tags: number
}

export const tagLimits: TagLimits = { pages: 2000, tags: 100_000 }

/** Bytes of one page; a registry without pages sends all tags in one. */
export const tagPageLimit = 16 * 1024 * 1024
/** Twice as many as there may be tags, since each has a comma. */
const pageBounds: JsonBounds = { items: 2 * tagLimits.tags + 1000, depth: 100 }

/** Reads one page of a list of tags. `path`: what was asked for. A link to the next page that cannot be read is an error, since versions would be missed. */
export function readTagPage(context: ErrorContext, path: string, { headers, url }: Pick<Answer, 'headers' | 'url'>, bytes: Uint8Array): Result<TagPage, RegistryError> {
  const bad = (detail: string) => fail(registryError(context, 'bad-response', detail))
  const read = parseBoundedJson(bytes, pageBounds)
  if (!read.ok) return bad(`its list of tags cannot be read: ${read.error}`)
  const json = read.value
  const tags = typeof json === 'object' && json !== null && !Array.isArray(json) ? ((json as { tags?: unknown }).tags ?? []) : undefined
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) return bad('its list of tags is not a list of names')
  const header = headers['link']
  const next = nextPath(Array.isArray(header) ? header.join(', ') : (header ?? ''), path, url)
  // A name that is not valid in a reference cannot be pulled.
  return next.ok ? ok({ tags: tags.filter((tag) => tagProblem(tag) === undefined), next: next.value }) : bad(next.error)
}

/**
 * The path of the next page. Behind a proxy that gives repositories other paths, the link has the registry's own path, which the proxy
 * does not serve: so the query is taken from the link, and the path is the one that was asked for. Of a link to another place in the API,
 * the path counts from /v2/ on.
 */
function nextPath(header: string, path: string, from: URL): Result<string | undefined, string> {
  if (header.trim() === '') return ok(undefined)
  const bad = (what: string) => fail(`its list of tags has further pages that cannot be found: ${what}: Link: ${cleanText(header, [], 150)}`)
  const links = parseLinks(header)
  if (links === undefined) return bad('its Link header is not well formed')
  const next = links.find(({ rels }) => rels.includes('next'))
  if (next === undefined) return ok(undefined)
  if (!URL.canParse(next.target, from.href)) return bad('the link to the next one is not a URL')
  const { pathname, search } = new URL(next.target, from)
  if (/\/tags\/list\/?$/.test(pathname)) return ok(`${path.split('?')[0]}${search}`)
  const api = pathname.indexOf('/v2/')
  return api === -1 ? bad('the link to the next one is not below /v2/') : ok(`${pathname.slice(api)}${search}`)
}

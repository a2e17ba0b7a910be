import type { Json } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { digestProblem, tagProblem } from './grammar.ts'
import { formatReference, parseReference, type ImageReference, type ReferenceError } from './reference.ts'

/** The parts of a registry-image source that say which image it is; values as they come from YAML, unchecked. */
export interface ReferenceSource {
  readonly repository?: Json
  readonly tag?: Json
  readonly digest?: Json
}

/** How an image's digest (or, without one, its tag) came to be known. */
export type ChosenBy = 'check' | 'pin' | 'tag'

/** Which image of a repository: at least a tag, and a digest where one is known. */
export interface ChosenImage {
  readonly repository: ImageReference
  readonly tag: string
  readonly digest?: string
  readonly by: ChosenBy
}

export interface VersionCandidates {
  /** What the image's check found. */
  readonly checked?: Version | undefined
  /** The static version of the get plan: a pin. */
  readonly version?: Version | undefined
}

/**
 * In this order: the check's result, if it has a digest; the get plan's static version; the source's own digest or tag. A source with
 * none of them gives the tag `latest`, found `by: 'tag'`: a source that names versions by a rule (`semver_constraint`, `tag_regex`, or
 * neither tag nor digest) has the resolver list the tags first (ImageResolver). A version with a digest and no tag
 * (`version: {digest: …}`) keeps the source's tag, so that people can read it.
 */
export function chooseImage(source: ReferenceSource, candidates: VersionCandidates): Result<ChosenImage, ReferenceError> {
  const repository = parseRepository(source.repository)
  if (!repository.ok) return repository
  const sourceTag = parseTag(source.tag)
  if (!sourceTag.ok) return sourceTag
  const sourceDigest = parseDigest(source.digest)
  if (!sourceDigest.ok) return sourceDigest
  const fallbackTag = sourceTag.value ?? 'latest'

  const { checked, version } = candidates
  const given = checked?.['digest'] ? checked : version
  if (given && (given['digest'] || given['tag'])) {
    const tag = parseTag(given['tag'])
    if (!tag.ok) return tag
    const digest = parseDigest(given['digest'])
    if (!digest.ok) return digest
    return ok({
      repository: repository.value,
      tag: tag.value ?? fallbackTag,
      ...(digest.value === undefined ? {} : { digest: digest.value }),
      by: given === checked ? 'check' : 'pin',
    })
  }
  return ok({
    repository: repository.value,
    tag: fallbackTag,
    ...(sourceDigest.value === undefined ? {} : { digest: sourceDigest.value }),
    by: sourceDigest.value === undefined ? 'tag' : 'pin',
  })
}

/** What a kubelet or engine is told to pull: tag and digest where known (a person reads the tag, the digest is obeyed). */
export const referenceOf = (image: Omit<ChosenImage, 'by'>): string =>
  formatReference({
    registry: image.repository.registry,
    repository: image.repository.repository,
    tag: image.tag,
    ...(image.digest === undefined ? {} : { digest: image.digest }),
  })

/** A source's `repository`: a name alone, its tag and digest have keys of their own. */
export function parseRepository(repository: Json | undefined): Result<ImageReference, ReferenceError> {
  if (typeof repository !== 'string' || repository === '') {
    return invalid(repository, repository === undefined || repository === '' ? '`repository` is missing' : '`repository` must be a string')
  }
  const parsed = parseReference(repository)
  if (!parsed.ok) return parsed
  if (parsed.value.digest !== undefined) return invalid(repository, '`repository` names a digest: pin it with `digest`')
  if (parsed.value.tag !== undefined) return invalid(repository, '`repository` names a tag: put it under `tag`')
  return parsed
}

/** YAML reads `1.2` as a number; absent, null and '' all mean that there is none. */
export function parseTag(tag: Json | undefined): Result<string | undefined, ReferenceError> {
  if (tag === undefined || tag === null || tag === '') return ok(undefined)
  if (typeof tag !== 'string' && typeof tag !== 'number') return invalid(tag, '`tag` must be a string or a number')
  const text = String(tag)
  const problem = tagProblem(text)
  return problem === undefined ? ok(text) : invalid(text, problem)
}

function parseDigest(digest: Json | undefined): Result<string | undefined, ReferenceError> {
  if (digest === undefined || digest === null || digest === '') return ok(undefined)
  if (typeof digest !== 'string') return invalid(digest, '`digest` must be a string')
  const problem = digestProblem(digest)
  return problem === undefined ? ok(digest) : invalid(digest, problem)
}

function invalid(value: Json | undefined, detail: string): { ok: false; error: ReferenceError } {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  return fail({ kind: 'invalid-reference', text, detail })
}

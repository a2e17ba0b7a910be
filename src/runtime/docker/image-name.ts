import { fail, ok, type Result } from '../../model/result.ts'
import { describeReferenceError, formatReference, parseReference } from '../../images/reference/reference.ts'

export interface EngineImage {
  /** What the engine is asked for: the digest alone where there is one (not every engine reads a tag beside it). */
  readonly name: string
  /** False: the name has a tag only, which may have moved. */
  readonly fixed: boolean
}

export function engineImage(reference: string): Result<EngineImage, string> {
  const parsed = parseReference(reference)
  if (!parsed.ok) return fail(describeReferenceError(parsed.error))
  const { registry, repository, tag, digest } = parsed.value
  if (digest !== undefined) return ok({ name: formatReference({ registry, repository, digest }), fixed: true })
  return ok({ name: formatReference({ registry, repository, tag: tag ?? 'latest' }), fixed: false })
}

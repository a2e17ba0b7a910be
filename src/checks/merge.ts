/** Versions are told apart by the hash of their content. */
export interface MergeInput {
  /** What a check printed, oldest first. */
  readonly found: readonly string[]
  /** Those of `found` that the scope has in its order already. */
  readonly known: ReadonlySet<string>
  /** The scope's newest version. */
  readonly latest?: string | undefined
  /** The version that was checked from. */
  readonly from?: string | undefined
}

/**
 * The versions that go on top of a scope's order, in this order; none: nothing moves. Where one is new, all that the check printed go on
 * top, so that the last is the latest. Where none is, the resource may have lost its latest version (a branch was reset, a tag deleted):
 * it was checked from and is not there any more. Then what is left goes on top, or the lost one would be used for ever.
 */
export function merge({ found, known, latest, from }: MergeInput): readonly string[] {
  // A version that is printed twice is at its last place.
  const once = [...new Set(found.toReversed())].reverse()
  const news = once.some((hash) => !known.has(hash))
  const lost = latest !== undefined && from === latest && once.length > 0 && !once.includes(latest)
  return news || lost ? once : []
}

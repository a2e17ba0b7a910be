import { fits, type SandboxKind } from './kind.ts'

/** A step, of this kind, that a sandbox served or would have served. */
export interface Need {
  readonly kind: SandboxKind
  readonly at: number
}

/** So long a need counts. */
export const needMs = 600_000

export interface SandboxPlan {
  readonly make: readonly SandboxKind[]
  /** Names. */
  readonly remove: readonly string[]
}

/**
 * Which sandboxes to make and to remove: as many wait as steps of the last ten minutes had need of, the latest needs first, and at
 * most `limit`. One of a kind that is not wanted now is removed when its place is. Pure; `needs` and `waiting` are oldest first.
 */
export function planSandboxes({ needs, waiting, limit, now }: {
  readonly needs: readonly Need[]
  readonly waiting: readonly { readonly name: string; readonly kind: SandboxKind }[]
  readonly limit: number
  readonly now: number
}): SandboxPlan {
  const wanted = needs.filter(({ at }) => now - at < needMs).map(({ kind }) => kind).toReversed().slice(0, limit)
  if (wanted.length === 0) return { make: [], remove: waiting.map(({ name }) => name) }
  const spare = [...waiting]
  const make: SandboxKind[] = []
  for (const kind of wanted) {
    const index = spare.findIndex((one) => fits(one.kind, kind))
    if (index < 0) make.push(kind)
    else spare.splice(index, 1)
  }
  const excess = Math.max(0, waiting.length + make.length - limit)
  return { make, remove: spare.slice(0, excess).map(({ name }) => name) }
}

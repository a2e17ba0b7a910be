/** What the server sends for a subscription of /api/v1/watch. */
export type WatchMessage =
  | { readonly kind: 'set'; readonly sub: number; readonly rev: string; readonly value: unknown }
  | { readonly kind: 'patch'; readonly sub: number; readonly rev: string; readonly items: readonly unknown[] }
  | { readonly kind: 'error'; readonly sub: number; readonly status: number }

/** Reads a message; undefined: not one that this page knows. */
export function parseMessage(text: string): WatchMessage | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { sub, rev, set, patch, error } = parsed as Record<string, unknown>
  if (typeof sub !== 'number') return undefined
  if (typeof error === 'number') return { kind: 'error', sub, status: error }
  if (typeof rev !== 'string' && typeof rev !== 'number') return undefined
  if (Array.isArray(patch)) return { kind: 'patch', sub, rev: String(rev), items: patch }
  return set === undefined ? undefined : { kind: 'set', sub, rev: String(rev), value: set }
}

/** A list after a patch: items with a known id are replaced, those that are gone removed, others added at the end. */
export function applyPatch<T extends { readonly id: number | string }>(list: readonly T[], items: readonly unknown[]): T[] {
  const changes = new Map((items as readonly (T & { gone?: true })[]).map((item) => [item.id, item]))
  const known = list.map((item: T & { gone?: true }) => {
    const change = changes.get(item.id) ?? item
    changes.delete(item.id)
    return change
  })
  return [...known, ...changes.values()].filter(({ gone }) => gone !== true)
}

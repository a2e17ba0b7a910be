import type { Principal } from '../auth/roles.ts'

/** Teams whose pipelines the principal may see besides public ones; undefined: all. */
export function visibleTeams(principal: Principal): readonly string[] | undefined {
  if (principal.kind !== 'user') return []
  return principal.admin ? undefined : [...principal.roles.keys()]
}

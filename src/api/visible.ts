import type { Principal } from '../auth/roles.ts'

/** Teams whose pipelines the principal may see besides public ones; undefined: all. */
export function visibleTeams(principal: Principal): readonly string[] | undefined {
  if (principal.kind !== 'user') return []
  return principal.admin ? undefined : [...principal.roles.keys()]
}

/** Callers with one key see the same in lists of pipelines. */
export interface ListAudience {
  readonly key: string
  /** Has a role in the team. */
  readonly member: (team: string) => boolean
}

export function listAudience(principal: Principal): ListAudience {
  const teams = visibleTeams(principal)
  if (teams === undefined) return { key: 'all', member: () => true }
  const known = new Set(teams)
  return { key: JSON.stringify([...known].toSorted()), member: (team) => known.has(team) }
}

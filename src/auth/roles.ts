import { roles, type Identity, type Role, type Team, type TeamAuth } from '../model/team.ts'

/** Whose request it is. */
export type Principal =
  | { readonly kind: 'anonymous' }
  /** A token was given that is not valid. */
  | { readonly kind: 'invalid' }
  | { readonly kind: 'user'; readonly identity: Identity; readonly admin: boolean; readonly roles: ReadonlyMap<string, readonly Role[]> }

export function principalOf(identity: Identity, teams: readonly Team[]): Extract<Principal, { kind: 'user' }> {
  const held = new Map<string, readonly Role[]>()
  for (const team of teams) {
    const given = rolesIn(team.auth, identity)
    if (given.length > 0) held.set(team.name, given)
  }
  const admin = teams.some((team) => team.admin && held.get(team.name)?.includes('owner') === true)
  return { kind: 'user', identity, admin, roles: held }
}

/** A role without users and groups is nobody's. Names are compared without regard to case, since fly writes them in lower case. */
export function rolesIn(auth: TeamAuth, { connector, subject, name }: Identity): Role[] {
  const own = new Set([subject, name].map((who) => `${connector}:${who}`.toLowerCase()))
  return roles.filter((role) => auth[role]?.users.some((user) => own.has(user.toLowerCase())) === true)
}

/** Whether the principal has the role, or one above it, in the team. Admins have every role everywhere. */
export function hasRole(principal: Principal, team: string, least: Role): boolean {
  if (principal.kind !== 'user') return false
  return principal.admin || (principal.roles.get(team)?.some((role) => roles.indexOf(role) <= roles.indexOf(least)) ?? false)
}

import { roles, type Identity, type Role, type Team, type TeamAuth } from '../model/team.ts'
import { authStrings, folded, type AuthStrings } from './auth-strings.ts'
import type { Ceiling, HeldToken, Person, TokenKind } from './ports.ts'

/** Whose request it is. */
export type Principal =
  | { readonly kind: 'anonymous' }
  /** A token was given that is not valid; `lacksCsrfToken`: a session's cookie, perhaps a valid one, without the token against forgery. */
  | { readonly kind: 'invalid'; readonly lacksCsrfToken?: true }
  | {
      readonly kind: 'user'
      readonly identity: Identity
      /** As the last login left the person; groups that no longer count are among its own. */
      readonly person: Person
      readonly admin: boolean
      readonly roles: ReadonlyMap<string, readonly Role[]>
      readonly token: { readonly id: number; readonly kind: TokenKind; readonly ownerId: number; readonly ceiling: Ceiling }
    }

/** How long an API token's owner is taken to be in the groups that the last login named. */
export const groupsLastMs = 7 * 24 * 3_600_000

export function principalOf({ id, kind, owner, ceiling }: HeldToken, teams: readonly Team[], now: number): Extract<Principal, { kind: 'user' }> {
  const known = now - owner.lastLoginAt > groupsLastMs ? { ...owner, groups: [] } : owner
  const held = rolesOf(known, teams)
  const token = { id, kind, ownerId: owner.id, ceiling }
  if (ceiling.role === undefined && ceiling.team === undefined) return { kind: 'user', identity: known, person: owner, admin: isAdmin(held, teams), roles: held, token }
  return { kind: 'user', identity: known, person: owner, admin: false, roles: under(ceiling, held, isAdmin(held, teams), teams), token }
}

/** The roles that a person has, by team. */
export function rolesOf(person: Pick<Person, 'connector' | 'subject' | 'name' | 'nameIsTheirs' | 'groups'>, teams: readonly Team[]): ReadonlyMap<string, readonly Role[]> {
  const strings = authStrings(person)
  return new Map(teams.map(({ name, auth }) => [name, rolesIn(auth, strings)] as const).filter(([, held]) => held.length > 0))
}

/** A role without users and groups is nobody's. */
export function rolesIn(auth: TeamAuth, { users, groups }: AuthStrings): Role[] {
  const names = (given: readonly string[] | undefined, own: readonly string[]): boolean => given?.some((entry) => own.includes(folded(entry))) === true
  return roles.filter((role) => names(auth[role]?.users, users) || names(auth[role]?.groups, groups))
}

const isAdmin = (held: ReadonlyMap<string, readonly Role[]>, teams: readonly Team[]): boolean =>
  teams.some(({ name, admin }) => admin && held.get(name)?.includes('owner') === true)

/** What is left of the roles under a ceiling. An admin is an owner in each team, and no longer an admin. */
function under({ team, role }: Ceiling, held: ReadonlyMap<string, readonly Role[]>, admin: boolean, teams: readonly Team[]): ReadonlyMap<string, readonly Role[]> {
  const lowered = (one: Role): Role => (role === undefined || roles.indexOf(one) >= roles.indexOf(role) ? one : role)
  const all = admin ? new Map(teams.map(({ name }): [string, readonly Role[]] => [name, ['owner']])) : held
  return new Map([...all].filter(([name]) => team === undefined || name === team).map(([name, given]) => [name, [...new Set(given.map(lowered))]]))
}

/** Whether the principal has the role, or one above it, in the team. Admins have every role everywhere. */
export function hasRole(principal: Principal, team: string, least: Role): boolean {
  if (principal.kind !== 'user') return false
  return principal.admin || (principal.roles.get(team)?.some((role) => roles.indexOf(role) <= roles.indexOf(least)) ?? false)
}

import type { Role, TeamAuth } from '../model/team.ts'
import type { LocalUser } from './passwords/local-users.ts'

/** What an operator says about logins. */
export interface LoginOptions {
  readonly localUsers: readonly LocalUser[]
  /** Who has which role in the team main; absent: as the database has it. */
  readonly mainTeam?: TeamAuth
  readonly loginMs: number
  /** Cookies for https only, although the external URL is not of https. */
  readonly secureCookies: boolean
  /** Least roles of routes that are others than Concourse's, by the route's name. */
  readonly roles: ReadonlyMap<string, Role>
}

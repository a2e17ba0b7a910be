import type { Role, TeamAuth } from '../model/team.ts'
import type { GithubOptions } from './connectors/github.ts'
import type { LdapOptions } from './connectors/ldap.ts'
import type { OidcOptions } from './connectors/oidc.ts'
import type { Client } from './connectors/presets.ts'
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
  readonly providers: LoginProviders
  readonly ldap?: LdapOptions
  /** Where passwords are checked; absent: local users here, all others by LDAP. */
  readonly passwordConnector?: 'local' | 'ldap'
}

/** Identity providers that people log in at. */
export interface LoginProviders {
  readonly oidc?: Omit<OidcOptions, 'id'>
  readonly github?: GithubOptions
  readonly gitlab?: Client & { readonly host?: string }
  readonly microsoft?: Client & { readonly tenant: string }
  readonly gitea?: Client & { readonly host: string; readonly displayName?: string }
}

import type { AppOptions } from '../app/options.ts'
import type { Role, TeamAuth } from '../model/team.ts'
import { CommandError } from './exit.ts'
import { loginLdap } from './login-ldap.ts'
import { loginProviders, type LoginSettings } from './login-providers.ts'

/** Throws a CommandError that says which settings are missing. */
export function loginOptions(settings: LoginSettings): NonNullable<AppOptions['login']> {
  const mainTeam = mainTeamOf(settings)
  const providers = loginProviders(settings)
  const ldap = loginLdap(settings)
  if (Object.keys(providers).length > 0 && settings.externalUrl === undefined) {
    throw new CommandError('logins at a provider need external-url: the provider sends people back to EXTERNAL-URL/sky/issuer/callback')
  }
  return {
    localUsers: settings.addLocalUser,
    ...(mainTeam && { mainTeam }),
    loginMs: settings.authDuration * 1000,
    secureCookies: settings.cookieSecure,
    roles: settings.configRbac ?? new Map<string, Role>(),
    providers,
    ...(ldap && { ldap }),
    ...(settings.passwordConnector !== undefined && { passwordConnector: settings.passwordConnector }),
  }
}

/** Who has which role in the team main: the file's roles, and owners that are named one by one. */
function mainTeamOf(settings: LoginSettings): TeamAuth | undefined {
  const entries = (connector: string, names: readonly string[]): string[] => names.map((name) => `${connector}:${name.toLowerCase()}`)
  const users = [
    ...entries('local', settings.mainTeamLocalUser), ...entries('oidc', settings.mainTeamOidcUser), ...entries('github', settings.mainTeamGithubUser),
    ...entries('gitlab', settings.mainTeamGitlabUser), ...entries('microsoft', settings.mainTeamMicrosoftUser), ...entries('gitea', settings.mainTeamGiteaUser), ...entries('ldap', settings.mainTeamLdapUser),
  ]
  const groups = [
    ...entries('oidc', settings.mainTeamOidcGroup), ...entries('github', [...settings.mainTeamGithubOrg, ...settings.mainTeamGithubTeam]), ...entries('gitlab', settings.mainTeamGitlabGroup),
    ...entries('microsoft', settings.mainTeamMicrosoftGroup), ...entries('gitea', [...settings.mainTeamGiteaOrg, ...settings.mainTeamGiteaTeam]), ...entries('ldap', settings.mainTeamLdapGroup),
  ]
  const { mainTeamConfig } = settings
  if (users.length + groups.length === 0) return mainTeamConfig
  const { owner } = mainTeamConfig ?? {}
  return { ...mainTeamConfig, owner: { users: [...(owner?.users ?? []), ...users], groups: [...(owner?.groups ?? []), ...groups] } }
}

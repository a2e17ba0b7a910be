import type { AppOptions } from '../app/options.ts'
import type { Role, TeamAuth } from '../model/team.ts'
import type { SettingsOf } from './settings/table.ts'

type LoginSettings = Pick<SettingsOf<'web'>, 'addLocalUser' | 'mainTeamLocalUser' | 'mainTeamConfig' | 'authDuration' | 'cookieSecure' | 'configRbac'>

export function loginOptions(settings: LoginSettings): NonNullable<AppOptions['login']> {
  const mainTeam = mainTeamOf(settings)
  return {
    localUsers: settings.addLocalUser,
    ...(mainTeam && { mainTeam }),
    loginMs: settings.authDuration * 1000,
    secureCookies: settings.cookieSecure,
    roles: settings.configRbac ?? new Map<string, Role>(),
  }
}

/** Who has which role in the team main: the file's roles, and owners that are named one by one. */
function mainTeamOf({ mainTeamLocalUser, mainTeamConfig }: LoginSettings): TeamAuth | undefined {
  const users = mainTeamLocalUser.map((name) => `local:${name.toLowerCase()}`)
  const groups: string[] = []
  if (users.length + groups.length === 0) return mainTeamConfig
  const { owner } = mainTeamConfig ?? {}
  return { ...mainTeamConfig, owner: { users: [...(owner?.users ?? []), ...users], groups: [...(owner?.groups ?? []), ...groups] } }
}

import type { AppOptions } from '../app/options.ts'
import { CommandError } from './exit.ts'
import type { SettingsOf } from './settings/table.ts'

/** The listener and the database have nothing to do with logins. */
export type LoginSettings = Omit<SettingsOf<'web'>, 'bind' | 'port' | 'postgres' | 'drainDelay' | 'peerUrl' | 'prometheusBindIp' | 'prometheusBindPort' | 'metricsMaxJobs'>

type Providers = NonNullable<AppOptions['login']>['providers']

/** Tenants that anybody can be of. */
const anyTenant = ['common', 'organizations', 'consumers']

/** The providers whose client id is given. */
export function loginProviders(settings: LoginSettings): Providers {
  const { oidcClientId, githubClientId, gitlabClientId, microsoftClientId, giteaClientId, microsoftTenant } = settings
  if (microsoftClientId !== undefined && microsoftTenant !== undefined && anyTenant.includes(microsoftTenant)) {
    throw new CommandError(`microsoft-tenant: name one tenant instead of ${microsoftTenant}: people of others could take any name that a team grants something to`)
  }
  return {
    ...(oidcClientId !== undefined && {
      oidc: {
        clientId: oidcClientId,
        clientSecret: needed('oidc', 'client-secret', settings.oidcClientSecret),
        issuer: needed('oidc', 'issuer', settings.oidcIssuer),
        name: settings.oidcDisplayName,
        scopes: settings.oidcScope.length === 0 ? ['profile', 'email'] : settings.oidcScope.filter((scope) => scope !== 'openid'),
        userNameKey: settings.oidcUserNameKey,
        groupsKey: settings.oidcDisableGroups ? undefined : settings.oidcGroupsKey,
        userInfo: !settings.oidcDisableGetUserInfo,
        authorities: settings.oidcCaCert,
      },
    }),
    ...(githubClientId !== undefined && {
      github: {
        clientId: githubClientId,
        clientSecret: needed('github', 'client-secret', settings.githubClientSecret),
        ...(settings.githubHost !== undefined && { host: settings.githubHost }),
        authorities: settings.githubCaCert === undefined ? [] : [settings.githubCaCert],
      },
    }),
    ...(gitlabClientId !== undefined && {
      gitlab: { clientId: gitlabClientId, clientSecret: needed('gitlab', 'client-secret', settings.gitlabClientSecret), ...(settings.gitlabHost !== undefined && { host: settings.gitlabHost }) },
    }),
    ...(microsoftClientId !== undefined && {
      microsoft: { clientId: microsoftClientId, clientSecret: needed('microsoft', 'client-secret', settings.microsoftClientSecret), tenant: needed('microsoft', 'tenant', microsoftTenant) },
    }),
    ...(giteaClientId !== undefined && {
      gitea: {
        clientId: giteaClientId,
        clientSecret: needed('gitea', 'client-secret', settings.giteaClientSecret),
        host: needed('gitea', 'host', settings.giteaHost),
        ...(settings.giteaDisplayName !== undefined && { displayName: settings.giteaDisplayName }),
      },
    }),
  }
}

function needed<T>(provider: string, name: string, value: T | undefined): T {
  if (value === undefined) throw new CommandError(`${provider}-${name} is missing: ${provider}-client-id is given, which does not do without it`)
  return value
}

import { commaSeparated, ofTeam, parseHost, parseOrigin, readPem, webSetting } from '../login/values.ts'
import type { Setting } from '../setting.ts'
import { hidden, list, one, onOff, text } from '../types.ts'

const secretText = one('TEXT', (given) => ({ ok: true, value: given }) as const, hidden)
const whole = (given: string): string[] => [given]
const id = (key: string, name: string) => webSetting(text('ID'), `CONCOURSE_${key}_CLIENT_ID`, `id of this installation at ${name}`)
const secret = (key: string, name: string) => ({ ...webSetting(secretText, `CONCOURSE_${key}_CLIENT_SECRET`, `secret of this installation at ${name}`), secret: whole })
const callback = 'Register EXTERNAL-URL/sky/issuer/callback as the redirect URI there, as for Concourse.'

/** Providers that people are sent to. Each begins to count with its client id. */
export const loginProviders = {
  'oidc-client-id': { ...id('OIDC', 'the provider of OpenID Connect'), details: `${callback} Needs oidc-issuer and oidc-client-secret too.` },
  'oidc-client-secret': secret('OIDC', 'the provider of OpenID Connect'),
  'oidc-issuer': webSetting(one('URL', parseOrigin), 'CONCOURSE_OIDC_ISSUER', 'provider of OpenID Connect', 'What comes before `/.well-known/openid-configuration`.'),
  'oidc-display-name': { ...webSetting(text('NAME'), 'CONCOURSE_OIDC_DISPLAY_NAME', 'what the login page calls the provider'), default: 'OpenID Connect' },
  'oidc-scope': webSetting(list('SCOPE', (given) => ({ ok: true, value: given }) as const), commaSeparated('CONCOURSE_OIDC_SCOPE'), 'scope to ask for besides openid', 'Without any: profile and email.'),
  'oidc-user-name-key': { ...webSetting(text('CLAIM'), 'CONCOURSE_OIDC_USER_NAME_KEY', 'claim of the name', 'It counts where there is no preferred_username.'), default: 'username' },
  'oidc-groups-key': { ...webSetting(text('CLAIM'), 'CONCOURSE_OIDC_GROUPS_KEY', 'claim of the groups'), default: 'groups' },
  'oidc-disable-groups': webSetting(onOff, 'CONCOURSE_OIDC_DISABLE_GROUPS', 'let no groups count'),
  'oidc-disable-get-user-info': webSetting(onOff, 'CONCOURSE_OIDC_DISABLE_GET_USER_INFO', 'go by the id token alone', 'Without it the provider’s userinfo endpoint is asked too.'),
  'oidc-ca-cert': webSetting(list('FILE', readPem), commaSeparated('CONCOURSE_OIDC_CA_CERT'), 'PEM file of an authority that the provider’s certificate is of'),
  'main-team-oidc-user': ofTeam('oidc', 'users', 'OIDC_USER'),
  'main-team-oidc-group': ofTeam('oidc', 'groups', 'OIDC_GROUP'),

  'github-client-id': { ...id('GITHUB', 'GitHub'), details: callback },
  'github-client-secret': secret('GITHUB', 'GitHub'),
  'github-host': webSetting(one('HOST', parseHost), 'CONCOURSE_GITHUB_HOST', 'host of GitHub Enterprise', 'Without a scheme.'),
  'github-ca-cert': webSetting(one('FILE', readPem), 'CONCOURSE_GITHUB_CA_CERT', 'PEM file of the authority of GitHub Enterprise'),
  'main-team-github-user': ofTeam('github', 'users', 'GITHUB_USER'),
  'main-team-github-org': ofTeam('github', 'groups', 'GITHUB_ORG'),
  'main-team-github-team': ofTeam('github', 'groups', 'GITHUB_TEAM'),

  'gitlab-client-id': { ...id('GITLAB', 'GitLab'), details: `${callback} GitLab is spoken to by OpenID Connect: its application needs the scopes openid, profile and email.` },
  'gitlab-client-secret': secret('GITLAB', 'GitLab'),
  'gitlab-host': webSetting(one('URL', parseOrigin), 'CONCOURSE_GITLAB_HOST', 'GitLab of one’s own', 'With its scheme.'),
  'main-team-gitlab-user': ofTeam('gitlab', 'users', 'GITLAB_USER'),
  'main-team-gitlab-group': ofTeam('gitlab', 'groups', 'GITLAB_GROUP'),

  'microsoft-client-id': { ...id('MICROSOFT', 'Microsoft Entra'), details: `${callback} Needs microsoft-tenant too.` },
  'microsoft-client-secret': secret('MICROSOFT', 'Microsoft Entra'),
  'microsoft-tenant': webSetting(text('TENANT'), 'CONCOURSE_MICROSOFT_TENANT', 'tenant, by its id or domain', 'One tenant, not common or organizations: people of others could take any name.'),
  'main-team-microsoft-user': ofTeam('microsoft', 'users', 'MICROSOFT_USER'),
  'main-team-microsoft-group': ofTeam('microsoft', 'groups', 'MICROSOFT_GROUP'),

  'gitea-client-id': { ...id('GITEA', 'Gitea'), details: `${callback} Needs gitea-host too.` },
  'gitea-client-secret': secret('GITEA', 'Gitea'),
  'gitea-host': webSetting(one('URL', parseOrigin), 'CONCOURSE_GITEA_HOST', 'Gitea, with its scheme'),
  'gitea-display-name': webSetting(text('NAME'), 'CONCOURSE_GITEA_DISPLAY_NAME', 'what the login page calls it'),
  'main-team-gitea-user': ofTeam('gitea', 'users', 'GITEA_USER'),
  'main-team-gitea-org': ofTeam('gitea', 'groups', 'GITEA_ORG'),
  'main-team-gitea-team': ofTeam('gitea', 'groups', 'GITEA_TEAM'),
} as const satisfies Readonly<Record<string, Setting>>

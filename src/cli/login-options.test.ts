import { Command } from 'commander'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loginOptions } from './login-options.ts'
import { addSettings, settingsOf } from './settings/settings-of.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'airside-login-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const said: string[] = []
function from(env: Readonly<Record<string, string>>) {
  said.length = 0
  const command = addSettings(new Command(), 'web')
  command.parse([], { from: 'user' })
  return loginOptions(settingsOf('web', command, (line) => said.push(line), env))
}

test('Concourse’s settings of logins mean the same', async () => {
  const secret = join(folder, 'secret')
  await writeFile(secret, 'of GitHub\n')
  const options = from({
    CONCOURSE_EXTERNAL_URL: 'https://ci.example',
    CONCOURSE_ADD_LOCAL_USER: 'jo:one,max:two',
    CONCOURSE_MAIN_TEAM_LOCAL_USER: 'Jo,max',
    CONCOURSE_MAIN_TEAM_OIDC_GROUP: 'Ops',
    CONCOURSE_MAIN_TEAM_GITHUB_TEAM: 'Acme:Web',
    CONCOURSE_AUTH_DURATION: '8h',
    CONCOURSE_OIDC_ISSUER: 'https://id.example/',
    CONCOURSE_OIDC_CLIENT_ID: 'ci',
    CONCOURSE_OIDC_CLIENT_SECRET: 'of the provider',
    CONCOURSE_OIDC_SCOPE: 'openid,profile,groups',
    CONCOURSE_OIDC_GROUPS_KEY: 'roles',
    CONCOURSE_GITHUB_CLIENT_ID: 'gh',
    AIRSIDE_GITHUB_CLIENT_SECRET_FILE: secret,
  })
  expect(options).toMatchObject({
    localUsers: [{ name: 'jo', password: 'one' }, { name: 'max', password: 'two' }],
    mainTeam: { owner: { users: ['local:jo', 'local:max'], groups: ['oidc:ops', 'github:acme:web'] } },
    loginMs: 8 * 3_600_000,
    providers: {
      oidc: { issuer: 'https://id.example', clientId: 'ci', clientSecret: 'of the provider', scopes: ['profile', 'groups'], groupsKey: 'roles', userNameKey: 'username', userInfo: true, authorities: [] },
      github: { clientId: 'gh', clientSecret: 'of GitHub', authorities: [] },
    },
  })
  expect(said.join('\n')).not.toMatch(/one|two|of the provider|of GitHub/)
})

test('owners that are named one by one are owners beside those of the file', async () => {
  const file = join(folder, 'main.yml')
  await writeFile(file, 'roles:\n- {name: owner, local: {users: [max]}}\n- {name: viewer, oidc: {groups: [all]}}\n')
  expect(from({ AIRSIDE_MAIN_TEAM_CONFIG: file, AIRSIDE_MAIN_TEAM_LOCAL_USER: 'jo' }).mainTeam).toEqual({
    owner: { users: ['local:max', 'local:jo'], groups: [] }, viewer: { users: [], groups: ['oidc:all'] },
  })
  expect(from({}).mainTeam).toBeUndefined()
})

test('Concourse’s settings of LDAP mean the same', () => {
  const env = {
    CONCOURSE_LDAP_HOST: 'ldap.example', CONCOURSE_LDAP_BIND_DN: 'cn=ci', CONCOURSE_LDAP_BIND_PW: 'of the entry', CONCOURSE_LDAP_USER_SEARCH_BASE_DN: 'ou=people', CONCOURSE_LDAP_USER_SEARCH_USERNAME: 'uid',
    CONCOURSE_LDAP_GROUP_SEARCH_BASE_DN: 'ou=teams', CONCOURSE_LDAP_GROUP_SEARCH_SCOPE: 'one', CONCOURSE_MAIN_TEAM_LDAP_GROUP: 'Ops',
  }
  expect(from(env)).toMatchObject({
    mainTeam: { owner: { groups: ['ldap:ops'] } },
    ldap: {
      host: 'ldap.example:636', tls: 'ldaps', bindDn: 'cn=ci', bindPassword: 'of the entry', prompt: 'Username',
      users: { baseDn: 'ou=people', scope: 'sub', username: 'uid', idAttribute: 'uid', nameAttribute: 'uid', emailAttribute: 'mail' },
      groups: { baseDn: 'ou=teams', scope: 'one', userAttribute: 'DN', groupAttribute: 'member', nameAttribute: 'cn' },
    },
  })
  expect(from({ ...env, CONCOURSE_LDAP_START_TLS: 'true' }).ldap).toMatchObject({ host: 'ldap.example:389', tls: 'start-tls' })
  expect(from({ ...env, CONCOURSE_LDAP_INSECURE_NO_SSL: 'true', CONCOURSE_LDAP_HOST: 'ldap.example:3890' }).ldap).toMatchObject({ host: 'ldap.example:3890', tls: 'none' })
  expect(from({ CONCOURSE_PASSWORD_CONNECTOR: 'local' })).toMatchObject({ passwordConnector: 'local' })
})

const url = { AIRSIDE_EXTERNAL_URL: 'https://ci.example' }
test.each<[Record<string, string>, string]>([
  [{ ...url, AIRSIDE_OIDC_CLIENT_ID: 'x', AIRSIDE_OIDC_ISSUER: 'https://id.example' }, 'oidc-client-secret is missing'],
  [{ ...url, AIRSIDE_OIDC_CLIENT_ID: 'x', AIRSIDE_OIDC_CLIENT_SECRET: 'x' }, 'oidc-issuer is missing'],
  [{ ...url, AIRSIDE_GITEA_CLIENT_ID: 'x', AIRSIDE_GITEA_CLIENT_SECRET: 'x' }, 'gitea-host is missing'],
  [{ ...url, AIRSIDE_MICROSOFT_CLIENT_ID: 'x', AIRSIDE_MICROSOFT_CLIENT_SECRET: 'x' }, 'microsoft-tenant is missing'],
  [{ ...url, AIRSIDE_MICROSOFT_CLIENT_ID: 'x', AIRSIDE_MICROSOFT_CLIENT_SECRET: 'x', AIRSIDE_MICROSOFT_TENANT: 'common' }, 'name one tenant instead of common'],
  [{ AIRSIDE_GITHUB_CLIENT_ID: 'x', AIRSIDE_GITHUB_CLIENT_SECRET: 'x' }, 'need external-url'],
  [{ AIRSIDE_LDAP_HOST: 'ldap.example' }, 'ldap-user-search-username is missing'],
  [{ AIRSIDE_LDAP_HOST: 'ldap.example', AIRSIDE_LDAP_START_TLS: 'true', AIRSIDE_LDAP_INSECURE_NO_SSL: 'true' }, 'exclude each other'],
  [{ AIRSIDE_PASSWORD_CONNECTOR: 'ldap' }, 'ldap-host is missing'],
  [{ ...url, AIRSIDE_OIDC_ISSUER: 'id.example' }, 'AIRSIDE_OIDC_ISSUER "id.example": write it as https://HOST'],
  [{ ...url, AIRSIDE_GITHUB_HOST: 'https://github.example' }, 'without a scheme'],
])('settings %j are refused with what to do', (env, sentence) => {
  expect(() => from(env)).toThrow(sentence)
})

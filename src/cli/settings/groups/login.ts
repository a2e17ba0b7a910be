import { commaSeparated, ofTeam, parseLocalUser, parseNetwork, passwordOfUser } from '../login/values.ts'
import { readRolesFile, readTeamFile } from '../login/role-files.ts'
import type { Setting } from '../setting.ts'
import { hidden, list, one, onOff, seconds } from '../types.ts'

export const login = {
  'add-local-user': {
    group: 'Login', commands: ['web'], type: list('NAME:PASSWORD', parseLocalUser, hidden), secret: passwordOfUser, concourse: commaSeparated('CONCOURSE_ADD_LOCAL_USER'),
    summary: 'local user, with the password or its bcrypt hash',
    details: 'A hash has a cost between 10 and 16; `htpasswd -nbBC 10 NAME PASSWORD` makes one.',
  },
  'main-team-local-user': ofTeam('local', 'users', 'LOCAL_USER'),
  'main-team-config': {
    group: 'Login', commands: ['web'], type: one('FILE', readTeamFile), concourse: 'CONCOURSE_MAIN_TEAM_CONFIG',
    summary: 'YAML file of the roles in the team main',
    details: 'As `fly set-team --config` takes it. Roles of the team main from settings take the place of those that it has, at each start.',
  },
  'auth-duration': {
    group: 'Login', commands: ['web'], type: seconds, default: '24h', concourse: 'CONCOURSE_AUTH_DURATION',
    summary: 'how long a login lasts',
  },
  'cookie-secure': {
    group: 'Login', commands: ['web'], type: onOff, concourse: 'CONCOURSE_COOKIE_SECURE',
    summary: 'set cookies for https only',
    details: 'They are always, where the external URL is one of https.',
  },
  'config-rbac': {
    group: 'Login', commands: ['web'], type: one('FILE', readRolesFile), concourse: 'CONCOURSE_CONFIG_RBAC',
    summary: 'YAML file of other least roles of routes',
    details: 'For each role a list of routes by the names that Concourse has for them: `member: [GetConfig]`.',
  },
  'trusted-proxy': {
    group: 'Login', commands: ['web'], type: list('ADDRESS', parseNetwork),
    summary: 'proxy whose X-Forwarded-For says the client’s address',
    details: 'An address or a network, such as `10.0.0.0/8`. Failed logins are counted by the client’s address.',
  },
} as const satisfies Readonly<Record<string, Setting>>

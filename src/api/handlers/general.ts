import type { z } from 'zod'
import { authStrings } from '../../auth/auth-strings.ts'
import { groupsLastMs, hasRole, type Principal } from '../../auth/roles.ts'
import type { ApiServices, Handler } from '../request.ts'
import { infoSchema, userSchema } from '../schemas.ts'
import { userExplainedSchema } from '../web-schemas.ts'
import { empty, jsonOf } from '../reply.ts'

/** fly refuses a server of another major or minor version than its own. */
export const concourseVersion = '8.2.5'

export const workerVersion = '2.5'

export const getInfo: Handler = ({ externalUrl, webImageHosts = [], globalResources = false }) =>
  Promise.resolve(
    jsonOf(infoSchema, {
      version: concourseVersion,
      worker_version: workerVersion,
      feature_flags: { global_resources: globalResources, build_rerun: true, cache_streamed_volumes: false, resource_causality: true },
      ...(externalUrl !== '' && { external_url: externalUrl }),
      ...(webImageHosts.length > 0 && { web_image_hosts: [...webImageHosts] }),
    }),
  )

export const getUser: Handler = async (services, { principal, csrfToken }) =>
  principal.kind === 'user' ? jsonOf(userSchema, await presentedUser(services, principal), csrfToken === undefined ? {} : { headers: { 'X-Csrf-Token': csrfToken } }) : empty(401)

/** What an owner has to write into a team's auth for this person, and why the person has the roles that it has. */
export const explainUser: Handler = ({ clock }, { principal }) => {
  if (principal.kind !== 'user') return Promise.resolve(empty(401))
  const { person, admin, roles, token } = principal
  const { connector, subject, name, fullName, email, groups, lastLoginAt, nameIsTheirs } = person
  const { users, groups: groupEntries } = authStrings(person)
  return Promise.resolve(
    jsonOf(userExplainedSchema, {
      connector, subject, name,
      ...(fullName !== undefined && { full_name: fullName }),
      ...(email !== undefined && { email }),
      groups: [...groups],
      last_login: lastLoginAt,
      groups_lapsed: clock.now() - lastLoginAt > groupsLastMs,
      name_counts: nameIsTheirs,
      team_auth: { users: [...users], groups: [...groupEntries] },
      is_admin: admin,
      teams: Object.fromEntries([...roles].map(([team, held]) => [team, [...held]])),
      token_limits: token.ceiling,
    }),
  )
}

export async function presentedUser({ routes, teams }: Pick<ApiServices, 'routes' | 'teams'>, principal: Extract<Principal, { kind: 'user' }>): Promise<z.input<typeof userSchema>> {
  const { identity, admin, roles } = principal
  const among = admin ? (await teams.list()).map(({ name }) => name) : [...roles.keys()]
  return {
    sub: `${identity.connector}:${identity.subject}`,
    name: identity.fullName ?? identity.name,
    user_id: identity.subject,
    user_name: identity.name,
    email: identity.email ?? '',
    is_admin: admin,
    is_system: false,
    teams: Object.fromEntries([...roles].map(([team, held]) => [team, [...held]])),
    connector: identity.connector,
    display_user_id: identity.name,
    actions: Object.fromEntries(among.map((team) => [team, routes.flatMap(({ name, access }) => ('role' in access && hasRole(principal, team, access.role) ? [name] : []))])),
    needs: Object.fromEntries(routes.flatMap(({ name, access }) => ('role' in access ? [[name, access.role]] : []))),
  }
}

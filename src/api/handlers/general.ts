import { hasRole } from '../../auth/roles.ts'
import type { Handler } from '../request.ts'
import { infoSchema, teamSchema, userSchema } from '../schemas.ts'
import { empty, jsonOf, notFound } from '../reply.ts'

/** fly refuses a server of another major or minor version than its own. */
export const concourseVersion = '8.2.5'

export const getInfo: Handler = ({ externalUrl }) =>
  Promise.resolve(
    jsonOf(infoSchema, {
      version: concourseVersion,
      worker_version: '2.5',
      feature_flags: { global_resources: false, build_rerun: false, cache_streamed_volumes: false, resource_causality: false },
      ...(externalUrl !== '' && { external_url: externalUrl }),
    }),
  )

export const getUser: Handler = (_services, { principal }) => {
  if (principal.kind !== 'user') return Promise.resolve(empty(401))
  const { identity, admin, roles } = principal
  return Promise.resolve(
    jsonOf(userSchema, {
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
    }),
  )
}

/** Those that the caller may look into. */
export const listTeams: Handler = async ({ teams }, { principal }) => {
  const seen = (await teams.list()).filter(({ name }) => hasRole(principal, name, 'viewer'))
  return jsonOf(teamSchema.array(), seen.map(({ id, name, auth }) => ({ id, name, auth: shown(auth) })))
}

export const getTeam: Handler = async ({ teams }, { params }) => {
  const team = (await teams.list()).find(({ name }) => name === params['team_name'])
  return team === undefined ? notFound : jsonOf(teamSchema, { id: team.id, name: team.name, auth: shown(team.auth) })
}

const shown = (auth: object): Record<string, never> => JSON.parse(JSON.stringify(auth)) as Record<string, never>

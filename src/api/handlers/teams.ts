import { hasRole } from '../../auth/roles.ts'
import { unusableName } from '../../config/validate/identifier.ts'
import { roles, type Role, type Team, type TeamAuth } from '../../model/team.ts'
import { bodyOf, nameBody, teamBody } from '../bodies.ts'
import { identifierWarnings } from '../present/warnings.ts'
import { empty, jsonOf, notFound, text } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { saveConfigSchema, setTeamSchema, teamSchema } from '../schemas.ts'

/** Those that the caller may look into. */
export const listTeams: Handler = async ({ teams }, { principal }) => {
  const seen = (await teams.list()).filter(({ name }) => hasRole(principal, name, 'viewer'))
  return jsonOf(teamSchema.array(), seen.map(presentTeam))
}

export const getTeam: Handler = async (services, { params }) => {
  const team = await teamNamed(services, params['team_name'])
  return team === undefined ? notFound : jsonOf(teamSchema, presentTeam(team))
}

export const setTeam: Handler = async (services, request) => {
  const { principal, params } = request
  const body = bodyOf(request, teamBody)
  if (!body.ok) return body.error
  const auth = teamAuth(body.value.auth)
  if (typeof auth === 'string') return text(400, auth)
  const name = params['team_name'] ?? ''
  const known = await teamNamed(services, params['team_name'])
  // A member of no team that exists is not told more than that: creating needs an admin.
  if (known === undefined && !(principal.kind === 'user' && principal.admin)) return text(403, 'forbidden')
  const warnings = known === undefined ? identifierWarnings('team', name) : []
  const unusable = unusableName(name)
  if (unusable !== undefined) return text(400, `team: ${unusable}`)
  await services.teams.put({ name, auth, admin: known?.admin ?? false }, services.clock.now())
  request.note({ auth: Object.fromEntries(Object.entries(auth).map(([role, { users, groups }]) => [role, { users: [...users], groups: [...groups] }])) })
  const team = await teamNamed(services, params['team_name'])
  return jsonOf(setTeamSchema, { ...(warnings.length > 0 && { warnings }), team: team === undefined ? {} : presentTeam(team) }, { status: known === undefined ? 201 : 200 })
}

export const renameTeam: Handler = async ({ teams }, request) => {
  const body = bodyOf(request, nameBody)
  if (!body.ok) return body.error
  const { name } = body.value
  const unusable = unusableName(name)
  if (unusable !== undefined) return jsonOf(saveConfigSchema, { errors: [`team: ${unusable}`] }, { status: 400 })
  request.note({ name: name.slice(0, 1_000) })
  const warnings = identifierWarnings('team', name)
  switch (await teams.rename(request.params['team_name'] ?? '', name)) {
    case 'unknown':
      return notFound
    case 'taken':
      return jsonOf(saveConfigSchema, { errors: [`team: there is a team ${JSON.stringify(name)} already`] }, { status: 400 })
    case 'renamed':
      return jsonOf(saveConfigSchema, warnings.length > 0 ? { warnings } : {})
  }
}

export const destroyTeam: Handler = async ({ teams }, { params }) => {
  switch (await teams.remove(params['team_name'] ?? '')) {
    case 'unknown':
      return notFound
    case 'last-admin':
      // fly says that itself where the refusal has no text.
      return empty(403)
    case 'removed':
      return empty(204)
  }
}

export async function teamNamed({ teams }: Pick<ApiServices, 'teams'>, wanted: string | undefined): Promise<Team | undefined> {
  return (await teams.list()).find(({ name }) => name === wanted)
}

type Given = Readonly<Record<string, { readonly users?: readonly string[] | null | undefined; readonly groups?: readonly string[] | null | undefined }>>

/** What a team's auth grants; or the error's sentence: a role without users and groups is refused, and so is one that does not exist. */
function teamAuth(given: Given): TeamAuth | string {
  const auth: { [R in Role]?: { users: readonly string[]; groups: readonly string[] } } = {}
  for (const [name, { users, groups }] of Object.entries(given)) {
    const role = roles.find((one) => one === name)
    if (role === undefined) return `auth: there is no role ${JSON.stringify(name.slice(0, 100))}; roles are ${roles.join(', ')}`
    if ((users?.length ?? 0) + (groups?.length ?? 0) === 0) return `auth: the role ${role} has neither users nor groups`
    auth[role] = { users: users ?? [], groups: groups ?? [] }
  }
  return Object.keys(auth).length === 0 ? 'auth is empty: name users or groups of at least one role' : auth
}

const presentTeam = ({ id, name, auth }: Team) => ({ id, name, auth: JSON.parse(JSON.stringify(auth)) as Record<string, { users: string[]; groups: string[] }> })

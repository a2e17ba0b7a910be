import type { Team } from '../api/types.ts'
import { formatRoute } from '../routes/format.ts'
import type { Action } from './action.ts'
import { fly } from './fly.ts'
import { teamPath } from './team-order.ts'

type Auth = Team['auth']
export type TeamRole = keyof Auth
export type Listed = 'users' | 'groups'

export const teamRoles: readonly TeamRole[] = ['owner', 'member', 'pipeline-operator', 'viewer']

/** Somebody of a team: a role, whether a user or a group, and the entry as a connector names them. */
export interface Entry {
  readonly role: TeamRole
  readonly listed: Listed
  readonly name: string
}

/** Somebody of a team, with all roles that were given to them, the strongest first. */
export interface Member extends Pick<Entry, 'listed' | 'name'> {
  readonly roles: readonly TeamRole[]
}

/** Each user and group once, in the order of their strongest roles. */
export function membersOf(auth: Auth): readonly Member[] {
  const members = new Map<string, Member>()
  for (const role of teamRoles)
    for (const listed of ['users', 'groups'] as const)
      for (const name of auth[role]?.[listed] ?? []) {
        const key = `${listed} ${name}`
        members.set(key, { listed, name, roles: [...(members.get(key)?.roles ?? []), role] })
      }
  return [...members.values()]
}

export function withEntry(auth: Auth, { role, listed, name }: Entry): Auth {
  const { users = [], groups = [] } = auth[role] ?? {}
  const held = { users, groups }
  return held[listed].includes(name) ? auth : { ...auth, [role]: { ...held, [listed]: [...held[listed], name] } }
}

/** A role that nobody is left in is not in the team's auth. */
export function withoutEntry(auth: Auth, { role, listed, name }: Entry): Auth {
  const { users = [], groups = [] } = auth[role] ?? {}
  const held = { users, groups, [listed]: { users, groups }[listed].filter((one) => one !== name) }
  const { [role]: _, ...others } = auth
  return held.users.length + held.groups.length === 0 ? others : { ...auth, [role]: held }
}

/** Entries have the form CONNECTOR:NAME. */
const wellFormed = /^[^:\s]+:\S.*$/

export function addEntry(team: Team, entry: Entry): Action {
  const impossible = entry.name === '' ? 'Name somebody first' : wellFormed.test(entry.name) ? undefined : 'Write it as CONNECTOR:NAME, as in local:ana or github:payments'
  return { ...setTeam(team, withEntry(team.auth, entry)), label: 'Add', ...(impossible !== undefined && { impossible }) }
}

export function removeEntry(team: Team, entry: Entry): Action {
  const auth = withoutEntry(team.auth, entry)
  const left = membersOf(auth).find(({ listed, name }) => listed === entry.listed && name === entry.name)?.roles
  const ends = `Their role ${entry.role} ends at once, also in pages that are open.`
  return {
    ...setTeam(team, auth),
    // Of several roles the button says which.
    label: left === undefined ? 'Remove' : `Remove ${entry.role}`,
    confirm: left === undefined ? { title: `Remove ${entry.name} from team ${team.name}?`, text: ends } : { title: `Take the role ${entry.role} from ${entry.name}?`, text: `${ends} They keep ${left.join(', ')}.` },
    ...(Object.keys(auth).length === 0 && { impossible: 'Somebody must be left in the team' }),
  }
}

function setTeam({ name }: Team, auth: Auth): Pick<Action, 'team' | 'route' | 'role' | 'method' | 'path' | 'body' | 'fly'> {
  return { team: name, route: 'SetTeam', role: 'owner', method: 'PUT', path: teamPath(name), body: { auth }, fly: fly('set-team', '-n', name, '-c', 'team.yml') }
}

export const renameTeam = (team: string, to: string): Action => ({
  label: 'Rename',
  team,
  route: 'RenameTeam',
  role: 'owner',
  method: 'PUT',
  path: teamPath(team, 'rename'),
  body: { name: to },
  fly: fly('rename-team', '-o', team, '-n', to),
  ...(to === '' && { impossible: 'A team needs a name' }),
  said: () => Promise.resolve({ text: `Team ${team} has a new name:`, link: { text: to, href: formatRoute({ page: 'team', team: to }) } }),
})

export const destroyTeam = (team: string): Action => ({
  label: 'Destroy',
  team,
  route: 'DestroyTeam',
  role: 'admin',
  method: 'DELETE',
  path: teamPath(team),
  fly: fly('destroy-team', '-n', team),
  confirm: { title: `Destroy team ${team}?`, text: 'Its pipelines, their builds and logs go with it. This cannot be undone.', name: team },
})

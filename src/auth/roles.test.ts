import { describe, expect, test } from 'vitest'
import type { Role, Team } from '../model/team.ts'
import { authStrings } from './auth-strings.ts'
import type { HeldToken, Person } from './ports.ts'
import { groupsLastMs, hasRole, principalOf, rolesIn } from './roles.ts'

const person: Person = { id: 1, connector: 'oidc', subject: 'S-1', name: 'Jo', groups: ['Dev', 'ops:web', ''], nameIsTheirs: true, lastLoginAt: 1_000 }
const heldBy = (owner: Partial<Person>, more: Partial<HeldToken> = {}): HeldToken => ({ id: 1, kind: 'fly', owner: { ...person, ...owner }, ceiling: {}, expiresAt: 9, ...more })
const users = (...given: string[]) => ({ users: given, groups: [] })
const groups = (...given: string[]) => ({ users: [], groups: given })

describe('team auth', () => {
  test.each<[string, Parameters<typeof rolesIn>[0], Role[]]>([
    ['a subject, whatever its case', { owner: users('OIDC:s-1') }, ['owner']],
    ['a name, whatever its case', { viewer: users('oidc:jo') }, ['viewer']],
    ['a group', { member: groups('oidc:dev') }, ['member']],
    ['a group with a colon', { member: groups('oidc:ops:web') }, ['member']],
    ['several roles', { member: groups('oidc:dev'), viewer: users('oidc:jo') }, ['member', 'viewer']],
    ['another connector', { owner: users('github:jo') }, []],
    ['a name that is a group', { owner: groups('oidc:jo') }, []],
    ['a group that is a name', { owner: users('oidc:dev') }, []],
    ['a part of a name', { owner: users('oidc:j', 'oidc:', 'jo') }, []],
    ['neither users nor groups: nobody', { owner: { users: [], groups: [] } }, []],
  ])('%s', (_, auth, expected) => {
    expect(rolesIn(auth, authStrings(person))).toEqual(expected)
  })

  test('S5: a name that belongs to another subject gives nothing, the subject does', () => {
    const strings = authStrings({ ...person, nameIsTheirs: false })
    expect(rolesIn({ owner: users('oidc:jo') }, strings)).toEqual([])
    expect(rolesIn({ owner: users('oidc:s-1') }, strings)).toEqual(['owner'])
  })

  test('names that are empty match nothing', () => {
    expect(rolesIn({ owner: users('oidc:') }, authStrings({ ...person, name: '', groups: [] }))).toEqual([])
  })
})

const team = (name: string, auth: Team['auth'], admin = false): Team => ({ id: 1, name, auth, admin })
const teams = [team('main', { owner: groups('oidc:dev') }, true), team('web', { member: users('oidc:s-1') }), team('other', {})]

test('an owner of a team of admins has every role everywhere', () => {
  const principal = principalOf(heldBy({}), teams, 2_000)
  expect(principal.admin).toBe(true)
  expect([hasRole(principal, 'other', 'owner'), hasRole(principal, 'nowhere', 'viewer')]).toEqual([true, true])
})

test('groups count for seven days after the login that named them', () => {
  const at = (now: number) => principalOf(heldBy({}), teams, now)
  expect([at(1_000 + groupsLastMs).admin, at(1_001 + groupsLastMs).admin]).toEqual([true, false])
  expect(at(1_001 + groupsLastMs).roles).toEqual(new Map([['web', ['member']]]))
})

test.each<[string, HeldToken['ceiling'], Record<string, Role[]>]>([
  ['a team', { team: 'web' }, { web: ['owner'] }],
  ['a role', { role: 'viewer' }, { main: ['viewer'], web: ['viewer'], other: ['viewer'] }],
  ['a team and a role', { team: 'web', role: 'pipeline-operator' }, { web: ['pipeline-operator'] }],
  ['a team that there is none of', { team: 'gone' }, {}],
])('an admin’s token with the ceiling of %s is no admin’s', (_, ceiling, expected) => {
  const principal = principalOf(heldBy({}, { kind: 'api', ceiling }), teams, 2_000)
  expect(principal.admin).toBe(false)
  expect(Object.fromEntries(principal.roles)).toEqual(expected)
})

test('a ceiling lifts nobody', () => {
  const principal = principalOf(heldBy({ groups: [] }, { ceiling: { role: 'owner' } }), teams, 2_000)
  expect(Object.fromEntries(principal.roles)).toEqual({ web: ['member'] })
})

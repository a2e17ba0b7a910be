import { expect, test } from 'vitest'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const auth = { owner: { users: ['local:jo'], groups: [] }, viewer: { users: [], groups: ['oidc:all'] } }

test('a team is made by an admin, changed by its owner, renamed and destroyed', async () => {
  const { call } = world()
  const made = await call('PUT', '/api/v1/teams/new', { auth })
  expect([made.statusCode, made.json()]).toMatchObject([201, { team: { name: 'new', auth } }])
  expect((await call('PUT', '/api/v1/teams/other', { auth: { owner: { users: ['local:stranger'] } } }, { as: 'stranger' })).statusCode).toBe(200)
  expect((await call('PUT', '/api/v1/teams/more', { auth }, { as: 'stranger' })).statusCode).toBe(403)
  expect((await call('GET', '/api/v1/teams/new')).json()).toMatchObject({ auth })
  expect((await call('PUT', '/api/v1/teams/new/rename', { name: 'Next' })).json()).toMatchObject({ warnings: [{ type: 'invalid_identifier', message: "team: 'Next' is not a valid identifier: must start with a lowercase letter or a number" }] })
  expect((await call('PUT', '/api/v1/teams/Next/rename', { name: 'other' })).json()).toEqual({ errors: ['team: there is a team "other" already'] })
  expect((await call('DELETE', '/api/v1/teams/Next', '', { headers: { 'content-type': 'application/json' } })).statusCode).toBe(204)
  expect((await call('DELETE', '/api/v1/teams/Next')).statusCode).toBe(404)
  const last = await call('DELETE', '/api/v1/teams/main')
  expect([last.statusCode, last.payload]).toEqual([403, ''])
})

test.each([
  [{}, 'auth: '], [{ auth: {} }, 'auth is empty'], [{ auth: { boss: { users: ['local:a'] } } }, 'no role "boss"'],
  [{ auth: { owner: { users: [], groups: [] } } }, 'the role owner has neither users nor groups'], [{ auth: { owner: {} } }, 'neither users nor groups'],
  [{ auth: { owner: { users: [1] } } }, 'auth.owner.users.0'],
])('auth that grants nobody or is misshapen is refused: %j', async (body, words) => {
  const set = await world().call('PUT', '/api/v1/teams/new', body)
  expect([set.statusCode, set.payload]).toEqual([400, expect.stringContaining(words)])
})

test('changing a team leaves it a team of admins', async () => {
  const { call } = world()
  await call('PUT', '/api/v1/teams/main', { auth: { owner: { users: ['local:admin'] } } })
  expect((await call('GET', '/api/v1/user')).json()).toMatchObject({ is_admin: true })
})

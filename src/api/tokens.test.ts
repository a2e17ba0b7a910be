import { expect, test } from 'vitest'
import { apiTokenSchema } from './schemas.ts'
import { apiWorld } from './testing/world.ts'

async function tokenWorld() {
  const world = await apiWorld()
  const call = async (method: 'GET' | 'POST' | 'DELETE' | 'PUT', url: string, token: string, body?: object) =>
    world.api.app.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(body && { payload: JSON.stringify(body) }) })
  return { ...world, call, admin: await world.tokenOf('admin') }
}

test('a person makes a token for a machine, which can do no more than was said, until it is revoked', async () => {
  const { call, admin } = await tokenWorld()
  const made = await call('POST', '/api/v1/tokens', admin, { name: 'deploy', team: 'main', role: 'pipeline-operator', expires_in: 3600 })
  const token = apiTokenSchema.parse(made.json())
  expect([made.statusCode, token]).toMatchObject([201, { name: 'deploy', team: 'main', role: 'pipeline-operator', expires_at: token.created_at + 3600 }])
  const value = token.value ?? ''
  expect(value.startsWith(token.prefix)).toBe(true)
  expect((await call('GET', '/api/v1/user', value)).json()).toMatchObject({ is_admin: false, teams: { main: ['pipeline-operator'] } })
  expect((await call('PUT', '/api/v1/teams/main/pipelines/p/pause', value)).statusCode).toBe(404)
  expect((await call('PUT', '/api/v1/teams/main/pipelines/p/expose', value)).statusCode).toBe(403)
  expect((await call('GET', '/api/v1/teams/other', value)).statusCode).toBe(403)
  const listed = apiTokenSchema.array().parse((await call('GET', '/api/v1/tokens', admin)).json())
  expect(listed).toEqual([{ ...token, value: undefined }].map(({ value: _, ...rest }) => rest))
  expect((await call('DELETE', `/api/v1/tokens/${token.id}`, admin)).statusCode).toBe(204)
  expect((await call('GET', '/api/v1/user', value)).statusCode).toBe(401)
  expect((await call('DELETE', `/api/v1/tokens/${token.id}`, admin)).statusCode).toBe(404)
})

test('a machine’s token makes, lists and revokes none', async () => {
  const { call, admin } = await tokenWorld()
  const { value = '', id } = apiTokenSchema.parse((await call('POST', '/api/v1/tokens', admin, { name: 'x' })).json())
  expect((await call('GET', '/api/v1/user', value)).json()).toMatchObject({ is_admin: true })
  for (const [method, path] of [['GET', ''], ['POST', ''], ['DELETE', `/${id}`]] as const) expect((await call(method, `/api/v1/tokens${path}`, value, { name: 'y' })).statusCode, method).toBe(403)
})

test('a person revokes own tokens only', async () => {
  const { call, admin, tokenOf } = await tokenWorld()
  const { id } = apiTokenSchema.parse((await call('POST', '/api/v1/tokens', admin, { name: 'x' })).json())
  const viewer = await tokenOf('viewer')
  expect((await call('DELETE', `/api/v1/tokens/${id}`, viewer)).statusCode).toBe(404)
  expect((await call('GET', '/api/v1/tokens', viewer)).json()).toEqual([])
  expect((await call('GET', '/api/v1/tokens', admin)).json()).toHaveLength(1)
})

test.each<[object, string]>([
  [{}, 'name: '],
  [{ name: '' }, 'name: must not be empty'],
  [{ name: 'x', expires_in: 90.5 }, 'expires_in: must be a whole number'],
  [{ name: 'x', expires_in: 59 }, 'expires_in: must be a minute or more'],
  [{ name: 'x', expires_in: 367 * 86_400 }, 'expires_in: must be 366 days or less'],
  [{ name: 'x', role: 'admin' }, 'role: must be one of owner, member, pipeline-operator, viewer'],
  [{ name: 'x', team: 'other' }, 'team: you have no role in a team "other"'],
])('a token of %j is refused with what is wrong', async (body, sentence) => {
  const { call, tokenOf } = await tokenWorld()
  const answer = await call('POST', '/api/v1/tokens', await tokenOf('member'), body)
  expect([answer.statusCode, answer.body.slice(0, sentence.length)]).toEqual([400, sentence])
})

import { expect, test } from 'vitest'
import { withRoles } from './rbac.ts'
import { routes } from './routes.ts'
import { apiWorld } from './testing/world.ts'

test('a route may ask for another role, more or less than by itself', async () => {
  const changed = withRoles(routes, new Map([['GetConfig', 'member'], ['PausePipeline', 'viewer']]))
  if (!changed.ok) throw new Error(changed.error)
  const { api, tokenOf } = await apiWorld({ routes: changed.value })
  const ask = async (method: 'GET' | 'PUT', path: string) =>
    (await api.app.inject({ method, url: `/api/v1/teams/main/pipelines/p/${path}`, headers: { authorization: `Bearer ${await tokenOf('viewer')}` } })).statusCode
  expect([await ask('GET', 'config'), await ask('PUT', 'pause'), await ask('PUT', 'unpause')]).toEqual([403, 404, 403])
})

test('what shows and sets configs of before needs the role that the file gives those of now, unless it is named itself', () => {
  const changed = withRoles(routes, new Map([['GetConfig', 'member'], ['SaveConfig', 'owner'], ['RestoreConfig', 'member']]))
  const roleOf = (name: string) => (changed.ok ? changed.value.find((route) => route.name === name)?.access : undefined)
  expect(['GetConfig', 'GetConfigVersion', 'ListConfigVersions', 'SaveConfig', 'TryConfig', 'RestoreConfig'].map(roleOf)).toEqual(['member', 'member', 'member', 'owner', 'owner', 'member'].map((role) => ({ kind: 'team', role })))
})

test('a route that is not there, or that has no role, is an error', () => {
  expect(withRoles(routes, new Map([['GetConfig', 'member'], ['Nothing', 'viewer'], ['GetInfo', 'viewer']]))).toEqual({ ok: false, error: 'no route whose role can be chosen is called Nothing, GetInfo' })
})

import { expect, test } from 'vitest'
import type { Happening } from '../model/happening.ts'
import { apiWorld } from './testing/world.ts'

test('requests are counted by the name of their route, not by their path, and event streams are not', async () => {
  const counted: Happening[] = []
  const { api, tokenOf } = await apiWorld({ observe: (happening) => counted.push(happening) })
  const headers = { authorization: `Bearer ${await tokenOf('admin')}` }
  await api.app.inject({ url: '/api/v1/teams', headers })
  await api.app.inject({ url: '/api/v1/builds/7/events', headers })
  await api.app.inject({ url: '/api/v1/made-up', headers })
  expect(counted).toEqual([{ kind: 'request', method: 'GET', route: 'ListTeams', status: 200, ms: expect.any(Number) as number }])
})

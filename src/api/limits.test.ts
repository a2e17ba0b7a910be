import { expect, test } from 'vitest'
import { apiWorld } from './testing/world.ts'

test('S14: a token, and an address without one, has a burst of requests and then so many a second; watching a build is not counted', async () => {
  const { api, tokenOf, clock } = await apiWorld({ requestRate: { perSecond: 2, burst: 3 } })
  const statuses = async (count: number, headers: Record<string, string>, url = '/api/v1/teams') => {
    const seen: number[] = []
    for (let index = 0; index < count; index++) seen.push((await api.app.inject({ url, headers })).statusCode)
    return seen
  }
  const admin = { authorization: `Bearer ${await tokenOf('admin')}` }
  expect(await statuses(4, admin)).toEqual([200, 200, 200, 429])
  expect(await statuses(1, { authorization: `Bearer ${await tokenOf('member')}` })).toEqual([200])
  expect(await statuses(4, {}, '/api/v1/info')).toEqual([200, 200, 200, 429])
  expect(await statuses(2, admin, '/api/v1/builds/7/events')).toEqual([404, 404])
  await clock.advance(1_000)
  expect(await statuses(3, admin)).toEqual([200, 200, 429])
})

test('S14: a body of the most bytes is read, one byte more is refused with 413', async () => {
  const { api, tokenOf } = await apiWorld()
  const put = async (bytes: number) =>
    (await api.app.inject({ method: 'PUT', url: '/api/v1/teams/main/rename', headers: { authorization: `Bearer ${await tokenOf('admin')}` }, payload: Buffer.alloc(bytes, 32) })).statusCode
  expect([await put(1024 * 1024), await put(1024 * 1024 + 1)]).toEqual([400, 413])
})

test('a name in a path that is too long, and a path that is none, are refused in a sentence', async () => {
  const { api, tokenOf } = await apiWorld()
  const answer = async (url: string) => {
    const { statusCode, payload, headers } = await api.app.inject({ url, headers: { authorization: `Bearer ${await tokenOf('admin')}` } })
    return [statusCode, payload, headers['content-type']]
  }
  const plain = 'text/plain; charset=utf-8'
  expect(await answer(`/api/v1/teams/${'x'.repeat(1_025)}`)).toEqual([414, 'a name in the path is longer than 1024 characters', plain])
  expect((await answer(`/api/v1/teams/${'x'.repeat(1_024)}`))[0]).toBe(404)
  expect(await answer('/api/v1/teams/%ff')).toEqual([400, "'/api/v1/teams/%ff' is not a valid url component", plain])
})

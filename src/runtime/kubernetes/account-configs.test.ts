import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Clock } from '../../lib/clock.ts'
import { systemClock } from '../../lib/clock.ts'
import { createAccountConfigs } from './account-configs.ts'
import { createApi } from './client/api.ts'
import { createRequests } from './client/requests.ts'
import { startFakeApi, type FakeApi } from './testing/fake-api.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

let api: FakeApi
let time: number
let secrets: Record<string, Record<string, string>>
const clock: Clock = { ...systemClock, now: () => time }
const configs = () => createAccountConfigs(createApi(createRequests(api.access), 'ns'), 'steps', clock)

beforeEach(async () => {
  time = 0
  api = await startFakeApi()
  secrets = { new: { '.dockerconfigjson': base64('{"auths":{"a":{}}}') }, old: { '.dockercfg': base64('{"b":{}}') }, other: { password: base64('x') } }
  api.answer = (method, path) => {
    if (path.endsWith('/serviceaccounts/steps')) return { status: 200, body: { imagePullSecrets: [...Object.keys(secrets).map((name) => ({ name })), { name: 'gone' }] } }
    const name = /\/secrets\/(.+)$/.exec(path)?.[1]
    if (method !== 'GET' || name === undefined) return undefined
    const data = secrets[name]
    return data === undefined ? { status: 404, body: {} } : { status: 200, body: { data } }
  }
})
afterEach(() => api.stop())

it('are those of the account’s pull secrets, in both forms, read again after a while', async () => {
  const read = configs()
  expect(await read()).toEqual(['{"auths":{"a":{}}}', '{"auths":{"b":{}}}'])
  secrets = { new: { '.dockerconfigjson': base64('{}') } }
  expect(await read()).toHaveLength(2)
  time = 61_000
  expect(await read()).toEqual(['{}'])
})

it('are none where they may not be read, which is not asked at every step', async () => {
  const normal = api.answer
  api.answer = (method, path, body) => (path.includes('/secrets/') ? { status: 403, body: { message: 'forbidden' } } : normal?.(method, path, body))
  const read = configs()
  expect(await read()).toEqual([])
  const asked = api.calls.length
  time = 61_000
  expect(await read()).toEqual([])
  expect(api.calls).toHaveLength(asked)
})

it('are none without the account', async () => {
  api.answer = () => ({ status: 404, body: {} })
  expect(await configs()()).toEqual([])
})

import { expect, it } from 'vitest'
import { dockerConfigJson } from '../testing/docker-config-json.ts'
import { accountCredentials } from './account-credentials.ts'

it('finds the first that fits, and passes over what is no docker config', async () => {
  const of = (host: string, username: string) => dockerConfigJson(host, { username, password: 'p' })
  let configs = ['garbage', of('a.example', 'first'), of('a.example', 'second'), of('b.example', 'other')]
  const credentials = accountCredentials(() => Promise.resolve(configs))
  expect(await credentials.find('a.example', 'app')).toEqual({ username: 'first', password: 'p' })
  expect(await credentials.find('b.example', 'app')).toEqual({ username: 'other', password: 'p' })
  expect(await credentials.find('c.example', 'app')).toBeUndefined()
  configs = []
  expect(await credentials.find('a.example', 'app')).toBeUndefined()
})

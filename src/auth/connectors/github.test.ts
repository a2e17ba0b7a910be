import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../../lib/log.ts'
import { startGithub, type TestGithub } from '../testing/github.ts'
import { GithubConnector } from './github.ts'

let github: TestGithub
beforeEach(async () => {
  github = await startGithub('client', 'secret')
})
afterEach(() => github.close())

async function logIn(change: (callback: URL) => void = () => undefined, clientSecret = 'secret') {
  const connector = new GithubConnector({ clientId: 'client', clientSecret, authorities: [] }, silentLog, github.origin)
  const started = await connector.start('http://ci.example/sky/issuer/callback')
  if (!started.ok) throw new Error(started.error)
  const callback = new URL(github.allow(started.value.url))
  change(callback)
  return connector.finish(callback, started.value.check)
}

test('a person is known by number and login, and is in organisations and teams', async () => {
  github.organisations = [{ login: 'Acme' }]
  github.teams = [{ name: 'Site Reliability', slug: 'site-reliability', organization: { login: 'Acme' } }]
  expect(await logIn()).toEqual({
    ok: true,
    value: { connector: 'github', subject: '583231', name: 'octocat', fullName: 'The Octocat', groups: ['Acme', 'Acme:Site Reliability', 'Acme:site-reliability'] },
  })
})

test('all pages of organisations are read', async () => {
  github.organisations = Array.from({ length: 200 }, (_, index) => ({ login: `org-${index}` }))
  const identity = await logIn()
  expect(identity.ok && identity.value.groups.length).toBe(200)
})

test.each<[string, (callback: URL) => void, string]>([
  ['another state', (callback) => callback.searchParams.set('state', 'guessed'), 'begun in another window'],
  ['no code', (callback) => callback.searchParams.delete('code'), 'GitHub did not confirm the login: no code'],
  ['a refusal', (callback) => callback.search = `?error=access_denied&error_description=The+user+denied&state=${callback.searchParams.get('state') ?? ''}`, 'The user denied'],
  ['another code', (callback) => callback.searchParams.set('code', 'guessed'), 'The code passed is incorrect or expired.'],
])('a callback with %s is refused', async (_, change, sentence) => {
  expect(await logIn(change)).toEqual({ ok: false, error: expect.stringContaining(sentence) as string })
})

test.each([
  ['/login/oauth/access_token', 500, '{}', 'status 500'],
  ['/api/v3/user', 200, '<html>', 'not valid JSON'],
  ['/api/v3/user', 200, '{"login": "x"}', 'otherwise than its documentation says: id'],
  ['/api/v3/user/orgs', 403, '{}', '/user/orgs is answered with status 403; the organisation may have to allow'],
  ['/api/v3/user/teams', 200, JSON.stringify(Array(101).fill({})), 'must have at most 100 elements'],
  ['/api/v3/user/orgs', 302, '', 'status 302'],
])('%s with status %d and %s refuses the login', async (path, status, body, sentence) => {
  github.broken.set(path, { status, body })
  expect(await logIn()).toEqual({ ok: false, error: expect.stringContaining(sentence) as string })
})

test('an answer without an end refuses the login', async () => {
  github.broken.set('/api/v3/user', { status: 200, body: `"${'x'.repeat(4 * 1024 * 1024)}"` })
  expect(await logIn()).toEqual({ ok: false, error: 'GitHub did not confirm the login: see the server’s log' })
})

test('a wrong client secret is said so', async () => {
  expect(await logIn(undefined, 'wrong')).toEqual({ ok: false, error: expect.stringContaining('client_secret passed are incorrect') as string })
})

test('organisations without an end refuse the login', async () => {
  github.organisations = Array.from({ length: 10_000 }, (_, index) => ({ login: `o${index}` }))
  expect(await logIn()).toEqual({ ok: false, error: 'GitHub did not confirm the login: /user/orgs has more than 10000 entries' })
})

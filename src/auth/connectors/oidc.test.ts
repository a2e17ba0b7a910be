import { generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiWorld } from '../../api/testing/world.ts'
import { silentLog } from '../../lib/log.ts'
import { startProvider, type TestProvider } from '../testing/provider.ts'
import { TestBrowser } from '../testing/browser.ts'
import { OidcConnector, type OidcOptions } from './oidc.ts'

const callback = 'http://ci.example/sky/issuer/callback'
let provider: TestProvider
beforeAll(async () => {
  provider = await startProvider(callback)
  provider.people.set('sub-1', { preferred_username: 'jo', name: 'Jo Doe', email: 'jo@example.org', groups: ['dev', 'ops'] })
})
afterAll(() => provider.close())

const connector = (more: Partial<OidcOptions> = {}): OidcConnector => {
  const { issuer, clientId, clientSecret } = provider
  return new OidcConnector({ id: 'oidc', name: 'Example', issuer, clientId, clientSecret, scopes: ['profile', 'email', 'groups'], userNameKey: 'username', groupsKey: 'groups', userInfo: true, authorities: [], ...more }, silentLog)
}

async function world(more: Partial<OidcOptions> = {}) {
  const own = connector(more)
  const made = await apiWorld({ connectors: [own], tokenConnectors: [own] })
  await made.teams.put({ name: 'web', admin: false, auth: { member: { users: [], groups: ['oidc:dev'] } } })
  return { ...made, browser: new TestBrowser(made.api.app) }
}

/** The browser's way from the login page to the provider and back to us. */
async function comeBack(browser: TestBrowser, login = 'sub-1', from = '/login?fly_port=8123'): Promise<string> {
  const { answer } = await browser.open(from)
  const link = /href="(\/sky\/login\/oidc\?[^"]+)"/.exec(answer.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const sent = await browser.request('GET', link)
  return (await provider.visit(sent.headers.location ?? '', login)).replace('http://ci.example', '')
}

describe('a login by OpenID Connect', () => {
  test('leads over the provider to fly’s page, and groups give roles', async () => {
    const { browser } = await world()
    const back = await browser.request('GET', await comeBack(browser))
    expect([back.statusCode, back.headers.location]).toEqual([303, '/fly_success?fly_port=8123'])
    expect(browser.cookies.has('airside-flow')).toBe(false)
    expect((await browser.request('GET', '/api/v1/user')).json()).toMatchObject({ connector: 'oidc', user_id: 'sub-1', user_name: 'jo', name: 'Jo Doe', email: 'jo@example.org', teams: { web: ['member'] } })
    expect((await browser.open('/fly_success?fly_port=8123')).answer.body).toContain('bearer asfy')
  })

  test('O8: is refused to another browser, a second time, and with another state', async () => {
    const { browser, api } = await world()
    const url = await comeBack(browser)
    expect((await new TestBrowser(api.app).request('GET', url)).statusCode).toBe(400)
    const before = new Map(browser.cookies)
    expect((await browser.request('GET', url.replace(/state=[^&]+/, 'state=guessed'))).statusCode).toBe(403)
    for (const [name, value] of before) browser.cookies.set(name, value)
    expect((await browser.request('GET', url)).statusCode).toBe(303)
    for (const [name, value] of before) browser.cookies.set(name, value)
    expect((await browser.request('GET', url)).statusCode).toBe(403)
  })

  test('is refused when it takes longer than ten minutes', async () => {
    const { browser, clock } = await world()
    const url = await comeBack(browser)
    await clock.advance(10 * 60_000)
    expect((await browser.request('GET', url)).statusCode).toBe(400)
  })

  test('that the provider refuses shows the provider’s reason as text', async () => {
    const { browser } = await world()
    const state = new URLSearchParams((await comeBack(browser)).split('?')[1]).get('state') ?? ''
    const answer = await browser.request('GET', `/sky/issuer/callback?error=access_denied&error_description=${encodeURIComponent('<b>no</b>')}&state=${state}&iss=${encodeURIComponent(provider.issuer)}`)
    expect([answer.statusCode, answer.body.includes('access_denied: &lt;b&gt;no&lt;/b&gt;')]).toEqual([403, true])
  })

  test('of somebody whom no team knows shows the claims, and what team auth may say', async () => {
    provider.people.set('sub-2', { preferred_username: 'max', groups: ['<script>'] })
    const { browser } = await world()
    const answer = await browser.request('GET', await comeBack(browser, 'sub-2'))
    expect(answer.statusCode).toBe(403)
    for (const entry of ['oidc:sub-2', 'oidc:max', 'oidc:&lt;script&gt;']) expect(answer.body).toContain(`<li><code>${entry}</code></li>`)
    expect(browser.cookies.has('airside')).toBe(false)
  })

  test('S5: a name that belonged to somebody else gives nothing', async () => {
    const { browser, teams, api } = await world()
    await teams.put({ name: 'web', admin: false, auth: { owner: { users: ['oidc:jo'], groups: [] } } })
    expect((await browser.request('GET', await comeBack(browser))).statusCode).toBe(303)
    provider.people.set('sub-3', { preferred_username: 'JO' })
    const other = new TestBrowser(api.app)
    const answer = await other.request('GET', await comeBack(other, 'sub-3'))
    expect([answer.statusCode, answer.body.includes('belonged to somebody else first')]).toEqual([403, true])
  })

  test('needs a provider that is there', async () => {
    const { browser } = await world({ issuer: 'http://127.0.0.1:1' })
    const answer = await browser.request('GET', '/sky/login/oidc')
    expect([answer.statusCode, answer.body.includes('Example does not answer')]).toEqual([502, true])
  })

  test('without groups gives what is granted to people only', async () => {
    const { browser } = await world({ groupsKey: undefined })
    expect((await browser.request('GET', await comeBack(browser))).statusCode).toBe(403)
  })
})

describe('an id token in exchange for a token', () => {
  const claims = () => ({ iss: provider.issuer, aud: provider.clientId, sub: 'sub-1', exp: Math.floor(Date.now() / 1000) + 60, groups: ['dev'] })
  async function exchange(token: string, more: Readonly<Record<string, string>> = {}) {
    const { api } = await world()
    const payload = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: token, subject_token_type: 'urn:ietf:params:oauth:token-type:id_token', client_id: 'fly', client_secret: 'Zmx5', ...more })
    const answer = await api.app.inject({ method: 'POST', url: '/sky/issuer/token', payload: payload.toString() })
    return { answer, user: async () => (await api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `Bearer ${answer.json<{ access_token: string }>().access_token}` } })).json<object>() }
  }

  test('logs its subject in', async () => {
    const { answer, user } = await exchange(await provider.sign(claims()))
    expect(answer.json()).toMatchObject({ token_type: 'bearer', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' })
    expect(await user()).toMatchObject({ user_id: 'sub-1', teams: { web: ['member'] } })
    expect((await exchange(await provider.sign(claims()), { connector_id: 'oidc' })).answer.statusCode).toBe(200)
  })

  const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  test.each<[string, () => Promise<string>, number]>([
    ['for another client', () => provider.sign({ ...claims(), aud: 'another' }), 401],
    ['of another issuer', () => provider.sign({ ...claims(), iss: 'http://evil.example' }), 400],
    ['that has expired', () => provider.sign({ ...claims(), exp: Math.floor(Date.now() / 1000) - 60 }), 401],
    ['that never expires', () => provider.sign((({ exp: _, ...rest }) => rest)(claims())), 401],
    ['without a subject', () => provider.sign((({ sub: _, ...rest }) => rest)(claims())), 401],
    ['of another key', async () => new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign((await generateKeyPair('RS256')).privateKey), 401],
    ['that the client secret signs', () => new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(provider.clientSecret)), 401],
    ['without a signature', () => Promise.resolve(`${b64({ alg: 'none' })}.${b64(claims())}.`), 401],
    ['that is none', () => Promise.resolve('x'), 400],
    ['that is too long', () => Promise.resolve('x'.repeat(64 * 1024 + 1)), 400],
  ])('O2: is refused: one %s', async (_, make, status) => {
    expect((await exchange(await make())).answer.statusCode).toBe(status)
  })

  test('is refused of another type, and by a login that there is none of', async () => {
    const token = await provider.sign(claims())
    expect((await exchange(token, { subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' })).answer.statusCode).toBe(400)
    expect((await exchange(token, { connector_id: 'github' })).answer.statusCode).toBe(400)
  })
})

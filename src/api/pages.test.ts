import { expect, test } from 'vitest'
import { formOf, TestBrowser } from '../auth/testing/browser.ts'
import { empty } from './reply.ts'
import { withRoles } from './rbac.ts'
import { routes } from './routes.ts'
import { apiWorld } from './testing/world.ts'

async function browserWorld() {
  const world = await apiWorld()
  return { ...world, browser: new TestBrowser(world.api.app) }
}
const tokenIn = (page: string): string | undefined => /<textarea id="token"[^>]*>bearer (asfy[\w+/]+)<\/textarea>/.exec(page)?.[1]

test('fly’s link leads by the login to a page that gives fly a token of its own', async () => {
  const { browser, api } = await browserWorld()
  const login = await browser.logIn('/login?fly_port=8123', 'admin', 'right')
  expect([login.statusCode, login.headers.location]).toEqual([303, '/fly_success?fly_port=8123'])
  const { answer } = await browser.open('/fly_success?fly_port=8123')
  const token = tokenIn(answer.body)
  expect(token).not.toBe(browser.cookies.get('airside'))
  expect(answer.body).toContain(`http://127.0.0.1:8123/?token=${encodeURIComponent(`bearer ${token ?? ''}`)}`)
  expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'.*connect-src http:\/\/127\.0\.0\.1:8123$/)
  expect(answer.headers['referrer-policy']).toBe('no-referrer')
  const user = await api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `Bearer ${token ?? ''}` } })
  expect(user.json()).toMatchObject({ is_admin: true, name: 'admin' })
  expect((await browser.open('/fly_success?noop=true')).answer.body).toContain('fly has its token')
})

test('somebody who is logged in already is asked before fly is given a token', async () => {
  const { browser } = await browserWorld()
  await browser.logIn('/sky/login', 'admin', 'right')
  const { url, answer } = await browser.open('/login?fly_port=8123')
  expect([url, tokenIn(answer.body)]).toEqual(['/fly_success?fly_port=8123', undefined])
  const { action, fields } = formOf(answer.body)
  expect(tokenIn((await browser.request('POST', action, { form: { ...fields, form: 'guessed' } })).body)).toBeUndefined()
  expect((await browser.request('POST', action, { form: fields, headers: { 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(403)
  expect(tokenIn((await browser.request('POST', action, { form: fields })).body)).toBeDefined()
})

test('the token is made by itself once, for the port that the login was for, within two minutes', async () => {
  const { browser, clock } = await browserWorld()
  await browser.logIn('/login?fly_port=8123', 'admin', 'right')
  expect(tokenIn((await browser.open('/fly_success?fly_port=8124')).answer.body)).toBeUndefined()
  const { cookies } = browser
  const before = new Map(cookies)
  expect(tokenIn((await browser.open('/fly_success?fly_port=8123')).answer.body)).toBeDefined()
  expect(tokenIn((await browser.open('/fly_success?fly_port=8123')).answer.body)).toBeUndefined()
  for (const [name, value] of before) cookies.set(name, value)
  await clock.advance(2 * 60_000)
  expect(tokenIn((await browser.open('/fly_success?fly_port=8123')).answer.body)).toBeUndefined()
})

test.each(['0', '65536', '080', '-1', '1e3', '8123"', '', '8123@evil.example'])('O8: a fly_port of %j is refused', async (port) => {
  const { browser } = await browserWorld()
  for (const path of ['/login', '/fly_success']) expect((await browser.request('GET', `${path}?fly_port=${encodeURIComponent(port)}`)).statusCode, path).toBe(400)
})

test('S3, O7: a login leads to no other server', async () => {
  const { browser } = await browserWorld()
  expect((await browser.logIn(`/sky/login?redirect_uri=${encodeURIComponent('//evil.example')}`, 'admin', 'right')).headers.location).toBe('/')
  expect((await browser.request('GET', `/sky/login?redirect_uri=${encodeURIComponent('/%5cevil.example')}`)).headers.location).toBe('/')
  expect((await browser.request('GET', `/login?redirect_uri=${encodeURIComponent('https://evil.example')}`)).headers.location).toBe('/sky/login?redirect_uri=%2F')
})

test('a login page that was given to another browser, or that another site sends, logs nobody in', async () => {
  const { browser, api } = await browserWorld()
  const { answer } = await new TestBrowser(api.app).open('/sky/login')
  expect(answer.headers['referrer-policy']).toBe('same-origin')
  const form = { ...formOf(answer.body).fields, login: 'admin', password: 'right' }
  expect((await browser.request('POST', '/sky/login', { form })).statusCode).toBe(403)
  expect((await browser.logIn('/sky/login', 'admin', 'right', { origin: 'http://evil.example' })).statusCode).toBe(403)
  expect((await browser.logIn('/sky/login', 'admin', 'right', { 'sec-fetch-site': 'same-site' })).statusCode).toBe(403)
  expect(browser.cookies.has('airside')).toBe(false)
  expect((await browser.logIn('/sky/login', 'admin', 'right', { origin: 'http://ci.example', 'sec-fetch-site': 'same-origin' })).statusCode).toBe(303)
})

test('a login page counts in all tabs, for ten minutes', async () => {
  const { browser, clock } = await browserWorld()
  const first = formOf((await browser.open('/sky/login')).answer.body)
  await browser.open('/sky/login?redirect_uri=/builds')
  const send = () => browser.request('POST', '/sky/login', { form: { ...first.fields, login: 'admin', password: 'right' } })
  await clock.advance(10 * 60_000)
  expect((await send()).statusCode).toBe(403)
  const again = formOf((await browser.open('/sky/login')).answer.body)
  await browser.open('/sky/login?redirect_uri=/builds')
  expect((await browser.request('POST', '/sky/login', { form: { ...again.fields, login: 'admin', password: 'right' } })).headers.location).toBe('/')
})

test('a wrong password is said so, and what was typed is shown as text', async () => {
  const { browser } = await browserWorld()
  const answer = await browser.logIn('/sky/login', '"><script>alert(1)</script>', 'wrong')
  expect(answer.statusCode).toBe(401)
  expect(answer.body).toContain('Invalid username or password')
  expect(answer.body).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
  expect(answer.body).not.toContain('<script')
})

test('a cookie changes nothing without the token of our pages, and is cleared when its session is over', async () => {
  const { browser, tokenOf, api } = await browserWorld()
  await browser.logIn('/sky/login', 'admin', 'right')
  const pause = (headers: Record<string, string>) => browser.request('PUT', '/api/v1/teams/main/pipelines/p/pause', { headers })
  expect((await browser.request('GET', '/api/v1/user')).json()).toMatchObject({ name: 'admin' })
  const saved = new Map(browser.cookies)
  // It stays: a page of another site could log out whose cookie it is.
  expect([(await pause({})).statusCode, browser.cookies.has('airside')]).toEqual([401, true])
  expect((await pause({ 'x-csrf-token': 'guessed' })).statusCode).toBe(401)
  for (const [name, value] of saved) browser.cookies.set(name, value)
  expect((await pause({ 'x-csrf-token': saved.get('airside-csrf') ?? '' })).statusCode).toBe(404)
  // A token beside the cookie does not do instead.
  const authorization = `Bearer ${await tokenOf('admin')}`
  expect((await pause({ authorization })).statusCode).toBe(401)
  expect((await api.app.inject({ method: 'PUT', url: '/api/v1/teams/main/pipelines/p/pause', headers: { authorization } })).statusCode).toBe(404)
  browser.cookies.set('airside', 'of-a-session-that-is-over')
  await browser.request('GET', '/api/v1/user')
  expect(browser.cookies.has('airside')).toBe(false)
})

test('logging out ends the session on the server, and from another site it does not', async () => {
  const { browser } = await browserWorld()
  await browser.logIn('/sky/login', 'admin', 'right')
  const session = browser.cookies.get('airside') ?? ''
  expect((await browser.request('GET', '/sky/logout', { headers: { 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(403)
  expect((await browser.request('GET', '/api/v1/user')).statusCode).toBe(200)
  expect((await browser.request('POST', '/sky/logout', { form: {} })).statusCode).toBe(200)
  expect([...browser.cookies]).toEqual([])
  browser.cookies.set('airside', session)
  expect((await browser.request('GET', '/api/v1/user')).statusCode).toBe(401)
})

test.each(['fly', 'api'] as const)('a token of kind %s is no session: no page makes a token of it', async (kind) => {
  const { browser, tokenOf } = await browserWorld()
  browser.cookies.set('airside', await tokenOf('admin', kind))
  expect((await browser.request('GET', '/fly_success')).statusCode).toBe(302)
  expect((await browser.request('POST', '/fly_success', { form: {} })).statusCode).toBe(401)
  await browser.request('GET', '/sky/logout')
})

test('logging out leaves an API token as it is', async () => {
  const { browser, tokenOf, api } = await browserWorld()
  const token = await tokenOf('admin', 'api')
  browser.cookies.set('skymarshal_auth', `"bearer ${token}"`)
  expect((await browser.request('GET', '/sky/logout')).statusCode).toBe(200)
  expect((await api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `Bearer ${token}` } })).statusCode).toBe(200)
})

test('whom no team knows is told what an owner has to write, and gets no session', async () => {
  const world = await browserWorld()
  await world.teams.put({ name: 'main', admin: true, auth: { owner: { users: ['local:somebody-else'], groups: [] } } })
  const answer = await world.browser.logIn('/sky/login', 'admin', 'right')
  expect(answer.statusCode).toBe(403)
  expect(answer.body).toContain('<li><code>local:admin</code></li>')
  expect(world.browser.cookies.has('airside')).toBe(false)
})

test('S4: on https cookies are secure and the host’s own', async () => {
  const { api } = await apiWorld({ externalUrl: 'https://ci.example', cookies: { secret: Buffer.alloc(32, 1), secure: true } })
  const browser = new TestBrowser(api.app)
  const login = await browser.logIn('/login?fly_port=8123', 'admin', 'right', { origin: 'https://ci.example' })
  const set = login.cookies.filter(({ maxAge }) => maxAge !== 0)
  expect(set.map(({ name }) => name).toSorted()).toEqual(['__Host-airside', '__Host-airside-csrf', '__Host-airside-fresh'])
  for (const one of set) expect(one, one.name).toMatchObject({ secure: true, sameSite: 'Lax', path: '/', ...(one.name.endsWith('csrf') ? {} : { httpOnly: true }) })
  expect((await browser.request('GET', '/api/v1/user')).statusCode).toBe(200)
})

test.each([
  ['10.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['10.0.0.1', '203.0.113.7, 10.0.0.2', '203.0.113.7'],
  ['10.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['192.0.2.1', '203.0.113.7', '192.0.2.1'],
])('a login by way of %s for %s comes from %s', async (remoteAddress, forwarded, expected) => {
  const seen: string[] = []
  const { api } = await apiWorld({ trustedProxies: ['10.0.0.0/8'], audit: { loggedIn: () => undefined, refused: ({ address }) => void seen.push(address) } })
  await api.app.inject({ method: 'POST', url: '/sky/issuer/token', remoteAddress, headers: { 'x-forwarded-for': forwarded, authorization: `Basic ${btoa('fly:Zmx5')}` }, payload: 'grant_type=password&username=x&password=' })
  expect(seen).toEqual([expected])
})

test('nobody’s word counts for a client’s address by itself', async () => {
  const seen: string[] = []
  const { api } = await apiWorld({ audit: { loggedIn: () => undefined, refused: ({ address }) => void seen.push(address) } })
  await api.app.inject({ method: 'POST', url: '/sky/issuer/token', remoteAddress: '127.0.0.1', headers: { 'x-forwarded-for': '203.0.113.7', authorization: `Basic ${btoa('fly:Zmx5')}` }, payload: 'grant_type=password&username=x&password=' })
  expect(seen).toEqual(['127.0.0.1'])
})

test.each([
  [{}, 204],
  [{ origin: 'http://ci.example' }, 204],
  [{ origin: 'http://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
])('a web socket that a page asks for with %j is answered %d', async (headers, status) => {
  const hijack = routes.filter(({ name }) => name === 'HijackContainer').map((route) => ({ ...route, handler: () => Promise.resolve(empty(204)) }))
  const { api } = await apiWorld({ routes: hijack, onAnswer: () => undefined })
  const browser = new TestBrowser(api.app)
  await browser.logIn('/sky/login', 'admin', 'right')
  expect((await browser.request('GET', '/api/v1/teams/main/containers/x/hijack', { headers })).statusCode).toBe(status)
})

test('a browser is told what its pages send along, and who has a token is not', async () => {
  const { browser, api, tokenOf } = await browserWorld()
  await browser.logIn('/sky/login', 'admin', 'right')
  const token = String((await browser.request('GET', '/api/v1/user')).headers['x-csrf-token'])
  expect((await browser.request('PUT', '/api/v1/teams/main/pipelines/p/pause', { headers: { 'x-csrf-token': token } })).statusCode).toBe(404)
  const answer = await api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `Bearer ${await tokenOf('admin')}` } })
  expect(answer.headers).not.toHaveProperty('x-csrf-token')
})

test('a person is told which routes their roles open in each team, an admin of every team', async () => {
  const { api, tokenOf } = await apiWorld()
  const actions = async (who: 'viewer' | 'member' | 'admin' | 'stranger') =>
    (await api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `Bearer ${await tokenOf(who)}` } })).json<{ actions: Record<string, string[]> }>().actions
  const viewer = await actions('viewer')
  expect(Object.keys(viewer)).toEqual(['main'])
  expect(viewer['main']).toEqual(expect.arrayContaining(['GetConfig', 'BuildEvents']))
  for (const route of ['PausePipeline', 'HijackContainer', 'GetInfo', 'SetWall']) expect(viewer['main']).not.toContain(route)
  expect((await actions('member'))['main']).toEqual(expect.arrayContaining(['PausePipeline', 'HijackContainer', 'SaveConfig']))
  expect((await actions('stranger'))['main']).toBeUndefined()
  const admin = await actions('admin')
  expect(Object.keys(admin)).toEqual(['main', 'other'])
  expect(admin['other']).toContain('SetTeam')
})

test('config-rbac changes which routes a person is told of', async () => {
  const changed = withRoles(routes, new Map([['PausePipeline', 'viewer' as const]]))
  const { api, tokenOf } = await apiWorld(changed.ok ? { routes: changed.value } : {})
  const answer = await api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { authorization: `Bearer ${await tokenOf('viewer')}` } })
  expect(answer.json()).toMatchObject({ actions: { main: expect.arrayContaining(['PausePipeline']) as string[] } })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import Provider from 'oidc-provider'

export interface TestProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** What is known of people, by what they log in as. */
  readonly people: Map<string, Readonly<Record<string, unknown>>>
  /** An id token that the provider's key signs. */
  sign(claims: JWTPayload): Promise<string>
  /** What a browser does at the provider, from where it is sent to where it is sent back to. */
  visit(url: string, login: string): Promise<string>
  close(): Promise<void>
}

/** A real provider of OpenID Connect, which demands PKCE. */
export async function startProvider(redirectUri: string): Promise<TestProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' }
  const people = new Map<string, Readonly<Record<string, unknown>>>()
  const [clientId, clientSecret] = ['airside', 'a-secret-of-the-client']
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri], response_types: ['code'], grant_types: ['authorization_code'] }],
    jwks: { keys: [jwk] },
    pkce: { required: () => true },
    claims: { profile: ['name', 'preferred_username', 'username'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    cookies: { keys: ['a key of a test'] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
  })
  server.on('request', (request, response) => void provider.callback()(request, response))
  return { issuer, clientId, clientSecret, people, sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(privateKey), visit, close: () => closed(server) }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => void server.close(resolve))
}

async function visit(url: string, login: string): Promise<string> {
  const cookies = new Map<string, string>()
  const origin = new URL(url).origin
  let [next, form]: [string, URLSearchParams | undefined] = [url, undefined]
  for (let hops = 0; hops < 20; hops++) {
    const answer = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: form }),
    })
    for (const one of answer.headers.getSetCookie()) cookies.set(one.slice(0, one.indexOf('=')), /=([^;]*)/.exec(one)?.[1] ?? '')
    const location = answer.headers.get('location')
    form = undefined
    if (location === null) {
      const page = await answer.text()
      const [, action = '', prompt = ''] = /action="([^"]+)"[\s\S]*?name="prompt" value="(\w+)"/.exec(page) ?? []
      if (action === '') throw new Error(`the provider shows ${answer.status} ${page.slice(0, 500)}`)
      form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login, password: 'any' }) })
      next = new URL(action, next).href
    } else {
      next = new URL(location, next).href
      if (new URL(next).origin !== origin) return next
    }
  }
  throw new Error('the provider never sends the browser back')
}

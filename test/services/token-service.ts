import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TokenAuth } from './registry.ts'

export interface TokenService {
  /** For a registry that takes its tokens. */
  readonly auth: TokenAuth
  /** What was asked: scope and who. */
  readonly asked: { readonly scope: string; readonly user: string | undefined }[]
  stop(): Promise<void>
}

/** Gives tokens (JWT) to these users for whatever they ask, and to anyone else for pulling below `public/`. */
export async function startTokenService(users: Readonly<Record<string, string>>): Promise<TokenService> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  const [service, issuer] = ['test registry', 'test issuer']
  const asked: TokenService['asked'] = []

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://token')
    const [name, password] = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString().split(':')
    const user = name !== undefined && name !== '' && users[name] === password ? name : undefined
    const scope = url.searchParams.get('scope') ?? ''
    asked.push({ scope, user })
    if (request.headers.authorization !== undefined && user === undefined) return response.writeHead(401).end()
    const [type = '', repository = '', actions = ''] = scope.split(':')
    const granted = user === undefined ? (repository.startsWith('public/') ? ['pull'] : []) : actions.split(',')
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer, sub: user ?? '', aud: service, exp: now + 300, nbf: now - 10, iat: now, jti: randomUUID(), access: [{ type, name: repository, actions: granted }] }
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${part({ typ: 'JWT', alg: 'RS256', kid })}.${part(claims)}`
    const token = `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token, expires_in: 300 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    auth: {
      realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
      service,
      issuer,
      keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }],
    },
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { boundedString } from '../lib/bounded.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ClientError } from './client-error.ts'
import { refusal, textOf, type Connection } from './connection.ts'

export interface Token {
  readonly type: string
  readonly value: string
}

const mostBytes = 64 * 1024
const answerSchema = z.object({ access_token: boundedString(8_192).min(1), token_type: boundedString(64) })
const errorSchema = z.object({ error_description: boundedString(mostBytes).optional(), error: boundedString(mostBytes).optional() })
/** fly's client id and secret, which every Concourse knows: they are public. */
const client = `Basic ${Buffer.from('fly:Zmx5').toString('base64')}`

/** The password grant (RFC 6749, 4.3), as fly uses it. */
export async function loginWithPassword(connection: Connection, username: string, password: string): Promise<Result<Token, ClientError>> {
  const form = new URLSearchParams({ grant_type: 'password', username, password, scope: 'openid profile email federated:id groups' })
  const answer = await connection.send({
    method: 'POST',
    path: '/sky/issuer/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: client },
    body: form.toString(),
  })
  if (!answer.ok) return answer
  const { status, body, headers } = answer.value
  if (!String(headers['content-type'] ?? '').startsWith('application/json')) return fail(await refusal(answer.value))
  const text = await textOf(body, mostBytes)
  const json = parsed(text)
  const token = answerSchema.safeParse(json)
  if (status === 200 && token.success) return ok({ type: token.data.token_type, value: token.data.access_token })
  const refused = errorSchema.safeParse(json)
  const message = refused.success ? (refused.data.error_description ?? refused.data.error) : undefined
  return fail({ kind: 'refused', status, message: message ?? `the server answered ${status}` })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A token as a server's page shows it for pasting: `bearer …`. */
export function parseToken(text: string): Token | undefined {
  const [, type, value] = /^\s*([A-Za-z]+)\s+([\w.~+/=-]{8,8192})\s*$/.exec(text) ?? []
  return type === undefined || value === undefined ? undefined : { type, value }
}

export interface BrowserLogin {
  /** For a browser. */
  readonly url: string
  /** Resolves when the browser brings a token. */
  readonly token: Promise<Token>
  close(): void
}

/** Waits on a port of this machine's own for the page that a browser shows after a login, which brings the token there. */
export async function loginWithBrowser(api: string): Promise<BrowserLogin> {
  const brought = Promise.withResolvers<Token>()
  const server = createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', new URL(api).origin)
    response.setHeader('Access-Control-Allow-Private-Network', 'true')
    const token = parseToken(new URL(request.url ?? '/', 'http://localhost').searchParams.get('token') ?? '')
    if (request.method === 'OPTIONS') return void response.writeHead(200).end()
    if (request.method !== 'GET' || token === undefined) return void response.writeHead(400, { 'content-type': 'text/plain' }).end('a token is missing\n')
    // A page that was opened, and did not fetch.
    if (request.headers['upgrade-insecure-requests'] !== undefined) response.writeHead(302, { location: `${api}/fly_success?noop=true` }).end()
    else response.writeHead(200, { 'content-type': 'text/plain' }).end('logged in; this window can be closed\n')
    brought.resolve(token)
  })
  server.maxHeadersCount = 100
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `${api}/login?fly_port=${(server.address() as AddressInfo).port}`,
    token: brought.promise,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

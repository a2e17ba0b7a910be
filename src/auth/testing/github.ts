import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface TestGithub {
  readonly origin: string
  organisations: { login: string }[]
  teams: { name: string; slug: string; organization: { login: string } }[]
  user: Record<string, unknown>
  /** Answers to paths that are other than usual. */
  readonly broken: Map<string, { readonly status: number; readonly body: string }>
  /** As if the person had allowed it: where the browser is sent back to. */
  allow(url: string): string
  close(): Promise<void>
}

/** GitHub's login and API as far as its documentation describes what a login needs, on an Enterprise's paths. */
export async function startGithub(clientId: string, clientSecret: string): Promise<TestGithub> {
  const codes = new Map<string, { readonly challenge: string; readonly redirectUri: string }>()
  const send = (response: ServerResponse, status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(typeof body === 'string' ? body : JSON.stringify(body))
  const tokenFor = (form: URLSearchParams): object => {
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const verified = code !== undefined && createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url') === code.challenge && form.get('redirect_uri') === code.redirectUri
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) return { error: 'incorrect_client_credentials', error_description: 'The client_id and/or client_secret passed are incorrect.' }
    return verified ? { access_token: 'gho_token', token_type: 'bearer', scope: 'read:org,user:email' } : { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' }
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://github.invalid')
    const broken = github.broken.get(url.pathname)
    if (broken !== undefined) return send(response, broken.status, broken.body)
    if (url.pathname === '/login/oauth/access_token') return send(response, 200, tokenFor(new URLSearchParams(await text(request))))
    if (request.headers.authorization !== 'Bearer gho_token') return send(response, 401, { message: 'Bad credentials' })
    const [size, number] = [Number(url.searchParams.get('per_page')), Number(url.searchParams.get('page'))]
    const page = (all: readonly unknown[]) => all.slice((number - 1) * size, number * size)
    switch (url.pathname) {
      case '/api/v3/user':
        return send(response, 200, github.user)
      case '/api/v3/user/orgs':
        return send(response, 200, page(github.organisations))
      case '/api/v3/user/teams':
        return send(response, 200, page(github.teams))
      default:
        return send(response, 404, { message: 'Not Found' })
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const github: TestGithub = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    organisations: [], teams: [], user: { id: 583_231, login: 'octocat', name: 'The Octocat', email: null },
    broken: new Map(),
    allow(url) {
      const query = new URL(url).searchParams
      const code = `code-${codes.size}-${query.get('state')?.slice(0, 4) ?? ''}`
      codes.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri: query.get('redirect_uri') ?? '' })
      return `${query.get('redirect_uri') ?? ''}?code=${code}&state=${query.get('state') ?? ''}`
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
  return github
}

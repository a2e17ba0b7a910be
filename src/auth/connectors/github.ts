import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { boundedArray, boundedString } from '../../lib/bounded.ts'
import { parseBoundedJson } from '../../lib/bounded-json.ts'
import type { Log } from '../../lib/log.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Identity } from '../../model/team.ts'
import { boundedFetch, type BoundedFetch } from './bounded-fetch.ts'
import type { LoginCheck, RedirectConnector } from './connector.ts'
import { identityOf } from './identity-of.ts'

export interface GithubOptions {
  readonly clientId: string
  readonly clientSecret: string
  /** Of GitHub Enterprise, without a scheme; absent: github.com. */
  readonly host?: string
  /** PEM, beside those that the system trusts. */
  readonly authorities: readonly string[]
}

const pageSize = 100
/** Of organisations, and of teams. */
const mostPages = 100

const name = boundedString(1024)
const tokenAnswer = z.object({ access_token: name.optional(), error: name.optional(), error_description: name.optional() })
const user = z.object({ id: z.number().int(), login: name, name: name.nullish(), email: name.nullish() })
const organisations = boundedArray(z.object({ login: name }), pageSize)
const teams = boundedArray(z.object({ name, slug: name, organization: z.object({ login: name }) }), pageSize)

/** What GitHub did not do; the message is for people. */
class GithubError extends Error {}

/** GitHub speaks OAuth without OpenID Connect: who it is, and in which organisations and teams, is asked of its API. */
export class GithubConnector implements RedirectConnector {
  readonly id = 'github'
  readonly name = 'GitHub'
  readonly #options: GithubOptions
  readonly #web: string
  readonly #api: string
  readonly #fetch: BoundedFetch
  readonly #log: Log

  /** `origin`: of a GitHub in a test. */
  constructor(options: GithubOptions, log: Log, origin?: string) {
    this.#options = options
    this.#log = log
    this.#web = origin ?? `https://${options.host ?? 'github.com'}`
    this.#api = origin !== undefined || options.host !== undefined ? `${this.#web}/api/v3` : 'https://api.github.com'
    this.#fetch = boundedFetch(options.authorities)
  }

  start(redirectUri: string): Promise<Result<{ readonly url: string; readonly check: LoginCheck }, string>> {
    const random = (): string => randomBytes(32).toString('base64url')
    const check = { state: random(), nonce: random(), verifier: random() }
    const query = new URLSearchParams({
      client_id: this.#options.clientId,
      redirect_uri: redirectUri,
      scope: 'user:email read:org',
      state: check.state,
      code_challenge: createHash('sha256').update(check.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    return Promise.resolve(ok({ url: `${this.#web}/login/oauth/authorize?${query.toString()}`, check }))
  }

  async finish(callback: URL, { state, verifier }: LoginCheck): Promise<Result<Identity, string>> {
    const { searchParams: query } = callback
    if (query.get('state') !== state) return fail('the login was begun in another window; please begin once more')
    const code = query.get('code')
    if (code === null) return fail(`GitHub did not confirm the login: ${(query.get('error_description') ?? query.get('error') ?? 'no code').slice(0, 500)}`)
    try {
      return await this.#identify(await this.#token(code, verifier, `${callback.origin}${callback.pathname}`))
    } catch (error) {
      this.#log.warn({ err: error, component: 'login', connector: this.id }, 'GitHub did not confirm the login')
      return fail(`GitHub did not confirm the login: ${error instanceof GithubError ? error.message : 'see the server’s log'}`)
    }
  }

  async #token(code: string, verifier: string, redirectUri: string): Promise<string> {
    const { clientId, clientSecret } = this.#options
    const form = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, code, redirect_uri: redirectUri, code_verifier: verifier })
    const answer = await this.#fetch(`${this.#web}/login/oauth/access_token`, { method: 'POST', body: form.toString(), headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' } })
    const { access_token: token, error, error_description: description } = await read(answer, tokenAnswer)
    if (token === undefined) throw new GithubError(description ?? error ?? `status ${answer.status}`)
    return token
  }

  async #identify(token: string): Promise<Result<Identity, string>> {
    const { id, login, name: fullName, email } = await read(await this.#get('/user', token), user)
    const groups: string[] = []
    for (const { login: organisation } of await this.#all('/user/orgs', token, organisations)) groups.push(organisation)
    // A team is known by its name and by its slug, as in Concourse.
    for (const { name: team, slug, organization } of await this.#all('/user/teams', token, teams)) groups.push(`${organization.login}:${team}`, `${organization.login}:${slug}`)
    return identityOf({ sub: id, preferred_username: login, name: fullName, email, groups }, { connector: this.id, userName: 'login', groups: 'groups' })
  }

  async #all<Item>(path: string, token: string, schema: z.ZodType<Item[]>): Promise<Item[]> {
    const all: Item[] = []
    for (let page = 1; page <= mostPages; page++) {
      const items = await read(await this.#get(`${path}?per_page=${pageSize}&page=${page}`, token), schema)
      all.push(...items)
      if (items.length < pageSize) return all
    }
    throw new GithubError(`${path} has more than ${mostPages * pageSize} entries`)
  }

  async #get(path: string, token: string): Promise<Response> {
    const answer = await this.#fetch(`${this.#api}${path}`, { headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', 'user-agent': 'airside' } })
    if (answer.status !== 200) throw new GithubError(`${path.replace(/\?.*/, '')} is answered with status ${answer.status}${answer.status === 403 ? '; the organisation may have to allow this application' : ''}`)
    return answer
  }
}

async function read<Schema extends z.ZodType>(answer: Response, schema: Schema): Promise<z.output<Schema>> {
  const json = parseBoundedJson(new Uint8Array(await answer.arrayBuffer()), { items: 100_000, depth: 16 })
  if (!json.ok) throw new GithubError(`it answers with status ${answer.status} and ${json.error}`)
  const value = schema.safeParse(json.value)
  if (!value.success) throw new GithubError(`it answers otherwise than its documentation says: ${value.error.issues[0]?.path.join('.') ?? ''} ${value.error.issues[0]?.message ?? ''}`)
  return value.data
}

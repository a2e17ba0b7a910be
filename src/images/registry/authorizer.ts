import type { Clock } from '../../lib/clock.ts'
import { KeptMap } from '../../lib/kept-map.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { errorOfStatus, errorOfThrown, registryError, type ErrorContext } from './classify.ts'
import { parseChallenges } from './challenge.ts'
import { readText } from './read-body.ts'
import { cleanText, type RegistryError } from './registry-error.ts'
import { SingleFlight } from './single-flight.ts'
import { apiHost, basicAuth, hostnameOf, identityOf, trustOf, type RegistryTarget } from './target.ts'
import type { HttpRequest, Transport } from './transport.ts'

type Scheme = { readonly kind: 'basic' } | { readonly kind: 'bearer'; readonly realm: URL; readonly service: string | undefined }

interface Token {
  readonly value: string
  /** Unix ms. */
  readonly expires: number
}

export type Action = 'pull' | 'pull,push' | 'pull,push,delete'

/** A docker config's identity token, which is not a password: it is exchanged for a token. */
const identityTokenUser = '<token>'

const tokenLimit = 1024 * 1024
/** A token that expires within this time, in ms, is not used any more. */
const margin = 5000
const tokensKept = 10_000
const schemesKept = 10_000
/** How long a token is used at most, in seconds, so that revoked access ends even if its service allows longer. */
const longestLife = 3600

/**
 * Answers registries' challenges. It keeps each host's challenge and its tokens, by host, identity and scope, so that a resolution
 * with a valid token is one request.
 */
export class Authorizer {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #schemes = new KeptMap<string, Scheme>(schemesKept)
  readonly #tokens = new KeptMap<string, Token>(tokensKept)
  readonly #flights = new SingleFlight<Result<Token, RegistryError>>()

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport
    this.#clock = clock
  }

  /** The Authorization header to send, from the host's last challenge; undefined: none is needed, or the host has not been asked. */
  async header(context: ErrorContext, action: Action, signal?: AbortSignal): Promise<Result<string | undefined, RegistryError>> {
    const { target } = context
    const scheme = this.#schemes.get(hostKey(target))
    if (scheme === undefined) return ok(undefined)
    if (scheme.kind === 'basic') return ok(target.credentials === undefined ? undefined : `Basic ${basicAuth(target.credentials)}`)
    const token = await this.#token(context, scheme, action, signal)
    return token.ok ? ok(`Bearer ${token.value.value}`) : token
  }

  /**
   * Reads the challenge of a 401. True: the request may succeed with another header. `sent` is the header that was refused.
   */
  challenged(
    context: ErrorContext,
    action: Action,
    header: string | string[] | undefined,
    sent: string | undefined,
  ): Result<boolean, RegistryError> {
    const { target } = context
    const challenges = parseChallenges(Array.isArray(header) ? header.join(', ') : (header ?? ''))
    const bearer = challenges.find(({ scheme, params }) => scheme === 'bearer' && params['realm'] !== undefined)
    if (bearer !== undefined) {
      const realm = this.#realm(context, bearer.params['realm'] ?? '')
      if (!realm.ok) return realm
      const scheme: Scheme = { kind: 'bearer', realm: realm.value, service: bearer.params['service'] }
      this.#schemes.set(hostKey(target), scheme)
      const key = tokenKey(target, scheme, action)
      const known = this.#tokens.get(key)
      // A token that was just fetched and refused will be refused again.
      if (sent !== undefined && known !== undefined && sent === `Bearer ${known.value}`) this.#tokens.delete(key)
      return ok(true)
    }
    if (challenges.some(({ scheme }) => scheme === 'basic')) {
      this.#schemes.set(hostKey(target), { kind: 'basic' })
      return ok(target.credentials !== undefined && sent?.startsWith('Basic ') !== true)
    }
    return ok(false)
  }

  /** A token service may be on another host, but must be reached over TLS unless the registry itself is not. */
  #realm(context: ErrorContext, text: string): Result<URL, RegistryError> {
    const bad = (detail: string) => fail(registryError(context, 'bad-response', detail))
    if (!URL.canParse(text)) return bad('its token service is no URL')
    const url = new URL(text)
    if (url.username !== '' || url.password !== '') return bad("its token service's URL holds credentials")
    // The operator allows a connection without TLS for one host, not for the hosts that it names.
    const { operatorsCredentials } = context.target
    const mayBePlain = this.#transport.isPlain(context.target) && (operatorsCredentials !== true || url.hostname === hostnameOf(context.target))
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePlain)) {
      return bad(`its token service ${url.host} is not reached over TLS`)
    }
    return ok(url)
  }

  async #token(context: ErrorContext, scheme: Scheme & { kind: 'bearer' }, action: Action, signal?: AbortSignal): Promise<Result<Token, RegistryError>> {
    const key = tokenKey(context.target, scheme, action)
    const known = this.#tokens.get(key)
    if (known !== undefined && known.expires - margin > this.#clock.now()) return ok(known)
    try {
      return await this.#flights.run(key, signal, async (shared) => {
        const fetched = await this.#fetch(context, scheme, action, shared)
        if (fetched.ok) this.#tokens.set(key, fetched.value)
        return fetched
      })
    } catch (error) {
      return fail(errorOfThrown(context, error, scheme.realm.host, signal))
    }
  }

  async #fetch(context: ErrorContext, scheme: Scheme & { kind: 'bearer' }, action: Action, signal: AbortSignal): Promise<Result<Token, RegistryError>> {
    const { url, request } = tokenRequest(context.target, scheme, action)
    try {
      const response = await this.#transport.send(context.target, url, { ...request, signal })
      const text = await readText(response.body, tokenLimit)
      if (response.statusCode === 401 || response.statusCode === 403) {
        const { credentials, withheld } = context.target
        const refused = credentials === undefined ? `an anonymous request${withheld === undefined ? '' : `: ${withheld}`}` : 'the credentials'
        return fail(registryError(context, 'unauthorized', `the token service ${url.host} refused ${refused}`, { status: response.statusCode }))
      }
      if (response.statusCode !== 200) {
        const error = errorOfStatus(context, { status: response.statusCode, headers: response.headers, body: text ?? '' }, this.#clock)
        return fail({ ...error, detail: `the token service ${url.host}: ${error.detail}` })
      }
      return this.#read(context, url, text)
    } catch (error) {
      return fail(errorOfThrown(context, error, url.host, signal))
    }
  }

  #read(context: ErrorContext, url: URL, text: string | undefined): Result<Token, RegistryError> {
    let body: { token?: unknown; access_token?: unknown; expires_in?: unknown } = {}
    try {
      body = JSON.parse(text ?? '') as typeof body
    } catch {
      // no token in it, then
    }
    const value = typeof body?.token === 'string' && body.token !== '' ? body.token : body?.access_token
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
      return fail(registryError(context, 'bad-response', `the token service ${cleanText(url.host, [])} gave no token`))
    }
    // The specification's default is 60 s.
    const seconds = typeof body.expires_in === 'number' && body.expires_in > 0 ? body.expires_in : 60
    return ok({ value, expires: this.#clock.now() + Math.min(seconds, longestLife) * 1000 })
  }
}

const hostKey = (target: RegistryTarget): string => `${apiHost(target)} ${trustOf(target)}`

const scopeOf = (target: RegistryTarget, action: Action): string => `repository:${target.repository}:${action}`

const tokenKey = (target: RegistryTarget, scheme: Scheme & { kind: 'bearer' }, action: Action): string =>
  [hostKey(target), scheme.realm.href, scheme.service ?? '', scopeOf(target, action), identityOf(target)].join('\n')

function tokenRequest(target: RegistryTarget, scheme: Scheme & { kind: 'bearer' }, action: Action): { url: URL; request: HttpRequest } {
  const scope = scopeOf(target, action)
  const { credentials } = target
  if (credentials?.username === identityTokenUser) {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'airside', scope, refresh_token: credentials.password })
    if (scheme.service !== undefined) form.set('service', scheme.service)
    return {
      url: scheme.realm,
      request: { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() },
    }
  }
  const url = new URL(scheme.realm)
  if (scheme.service !== undefined) url.searchParams.set('service', scheme.service)
  url.searchParams.set('scope', scope)
  const authorization: Record<string, string> = credentials === undefined ? {} : { authorization: `Basic ${basicAuth(credentials)}` }
  return { url, request: { method: 'GET', headers: authorization } }
}

import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import type { Log } from '../../lib/log.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Identity } from '../../model/team.ts'
import { boundedFetch, type BoundedFetch } from './bounded-fetch.ts'
import type { LoginCheck, RedirectConnector, TokenConnector } from './connector.ts'
import { identityOf } from './identity-of.ts'

export interface OidcOptions {
  /** Before the colon in team auth: oidc, gitlab, … */
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Besides openid. */
  readonly scopes: readonly string[]
  readonly userNameKey: string
  /** Undefined: groups do not count. */
  readonly groupsKey: string | undefined
  /** The provider knows more than its id token says. */
  readonly userInfo: boolean
  /** PEM, beside those that the system trusts. */
  readonly authorities: readonly string[]
}

/** Keys by which nobody but the provider can sign: with HS256 the client secret would do. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** A provider of OpenID Connect: the code flow with PKCE, state and nonce. */
export class OidcConnector implements RedirectConnector, TokenConnector {
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly #options: OidcOptions
  readonly #log: Log
  readonly #fetch: BoundedFetch
  #discovered: Promise<openid.Configuration> | undefined
  #keys: ReturnType<typeof createRemoteJWKSet> | undefined

  constructor(options: OidcOptions, log: Log) {
    this.id = options.id
    this.name = options.name
    this.issuer = options.issuer
    this.#options = options
    this.#log = log
    this.#fetch = boundedFetch(options.authorities)
  }

  start(redirectUri: string): Promise<Result<{ readonly url: string; readonly check: LoginCheck }, string>> {
    return this.#attempt('does not answer as a provider of OpenID Connect', async (config) => {
      const check = { state: openid.randomState(), nonce: openid.randomNonce(), verifier: openid.randomPKCECodeVerifier() }
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: ['openid', ...this.#options.scopes].join(' '),
        state: check.state,
        nonce: check.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(check.verifier),
        code_challenge_method: 'S256',
      })
      return ok({ url: url.href, check })
    })
  }

  finish(callback: URL, { state, nonce, verifier }: LoginCheck): Promise<Result<Identity, string>> {
    return this.#attempt('did not confirm the login', async (config) => {
      const answer = await openid.authorizationCodeGrant(config, callback, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true })
      const claims = answer.claims()
      if (claims === undefined) return fail(`${this.name} sent no id token`)
      const more = this.#options.userInfo && config.serverMetadata().userinfo_endpoint !== undefined ? await openid.fetchUserInfo(config, answer.access_token, claims.sub) : {}
      return this.#identity({ ...claims, ...more })
    })
  }

  identify(idToken: string): Promise<Result<Identity, string>> {
    return this.#attempt('does not confirm the token', async (config) => {
      const { jwks_uri: keysAt, issuer } = config.serverMetadata()
      if (keysAt === undefined) return fail(`${this.name} publishes no keys`)
      this.#keys ??= createRemoteJWKSet(new URL(keysAt), { [joseFetch]: this.#fetch })
      const { payload } = await jwtVerify(idToken, this.#keys, { issuer, audience: this.#options.clientId, algorithms, requiredClaims: ['exp', 'sub'], clockTolerance: 10 })
      return this.#identity(payload)
    })
  }

  #identity(claims: Readonly<Record<string, unknown>>): Result<Identity, string> {
    const identity = identityOf(claims, { connector: this.id, userName: this.#options.userNameKey, groups: this.#options.groupsKey })
    return identity.ok ? identity : fail(`${this.name} says too little: ${identity.error}`)
  }

  async #attempt<T>(sentence: string, work: (config: openid.Configuration) => Promise<Result<T, string>>): Promise<Result<T, string>> {
    try {
      return await work(await this.#configuration())
    } catch (error) {
      this.#log.warn({ err: error, component: 'login', connector: this.id }, `${this.name} ${sentence}`)
      return fail(`${this.name} ${sentence}: ${reasonOf(error)}`)
    }
  }

  /** What the provider says of itself is asked for when it is needed first, and again after a failure. */
  #configuration(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.#options
    this.#discovered ??= openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      [openid.customFetch]: (url, options) => this.#fetch(url, options as RequestInit),
      timeout: 15,
      // The id token comes over TLS from the provider itself; its signature is checked all the same.
      execute: [openid.enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [])],
    })
    this.#discovered.catch(() => {
      this.#discovered = undefined
    })
    return this.#discovered
  }
}

/** What a person may read: the provider's own word, or what was found wrong; the rest is in the log. */
function reasonOf(error: unknown): string {
  if (error instanceof openid.AuthorizationResponseError || error instanceof openid.ResponseBodyError) return [error.error, error.error_description ?? ''].filter(Boolean).join(': ').slice(0, 500)
  return error instanceof Error ? error.message.slice(0, 500) : 'see the server’s log'
}

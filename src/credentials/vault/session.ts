import { readFile } from 'node:fs/promises'
import { getKey, isObject } from '../../config/json-object.ts'
import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { passingFault, permanentFault, type SecretFault } from '../manager.ts'
import type { VaultClient } from './client.ts'
import type { VaultSettings } from './settings.ts'

/** A token, and until when it is good. */
interface Token {
  readonly text: string
  readonly renewable: boolean
  readonly since: number
  /** Absent: it does not end, or nobody has said when. */
  readonly leaseMs?: number
  readonly loggedInAt: number
}

type Login = Result<Token, SecretFault>

/** A login at Vault: made when it is first needed, renewed at half of its lease, made anew when it has ended or reached the longest time that is set. */
export class VaultSession {
  readonly #client: VaultClient
  readonly #settings: VaultSettings
  readonly #clock: Clock
  #token: Token | undefined
  #entering: Promise<Login> | undefined
  #failed: { readonly fault: SecretFault; readonly until: number; readonly pauseMs: number } | undefined

  constructor(client: VaultClient, settings: VaultSettings, clock: Clock) {
    this.#client = client
    this.#settings = settings
    this.#clock = clock
    if (settings.login.kind === 'backend') client.hide(Object.values(settings.login.params))
  }

  /** The token to use now. Between logins that failed there is a pause, in which nothing is asked. */
  async token(): Promise<Result<string, SecretFault>> {
    const token = this.#token
    if (token !== undefined && !this.#ended(token)) return ok(token.text)
    if (this.#failed !== undefined && this.#clock.now() < this.#failed.until) return fail({ ...this.#failed.fault, retryable: false })
    this.#entering ??= this.#enter().finally(() => (this.#entering = undefined))
    const entered = await this.#entering
    return entered.ok ? ok(entered.value.text) : entered
  }

  /** Vault does not know the token any more. */
  forget(token: string): void {
    if (this.#token?.text === token) this.#token = undefined
  }

  /** Renews the token at half of its lease. A failure is no matter: the next look-up logs in when the token has ended. */
  async tend(): Promise<void> {
    const token = this.#token
    if (token === undefined || token.leaseMs === undefined || !token.renewable || this.#ended(token)) return
    if (this.#clock.now() < token.since + token.leaseMs / 2) return
    const renewed = await this.#client.call({ method: 'POST', path: 'auth/token/renew-self', token: token.text, body: {} })
    const auth = renewed.ok ? getKey(renewed.value ?? {}, 'auth') : undefined
    if (isObject(auth) && this.#token === token) this.#token = { ...token, ...leaseOf(auth), since: this.#clock.now() }
    else if (!renewed.ok && renewed.error.denied) this.forget(token.text)
  }

  async #enter(): Promise<Login> {
    const entered = await this.#login()
    if (entered.ok) {
      this.#token = entered.value
      this.#failed = undefined
      return entered
    }
    const { initial, max } = this.#settings.retryMs
    const pauseMs = this.#failed === undefined ? initial : Math.min(this.#failed.pauseMs * 2, max)
    this.#failed = { fault: entered.error, until: this.#clock.now() + pauseMs, pauseMs }
    return entered
  }

  async #login(): Promise<Login> {
    const { login } = this.#settings
    switch (login.kind) {
      case 'token':
        return this.#given(login.token)
      case 'token file': {
        const text = await readTrimmed(login.file)
        return text.ok ? this.#given(text.value) : text
      }
      case 'backend': {
        const jwt = login.jwtFile === undefined ? ok(undefined) : await readTrimmed(login.jwtFile)
        if (!jwt.ok) return jwt
        if (jwt.value !== undefined) this.#client.hide([jwt.value])
        return this.#logInto(login.backend, { ...login.params, ...(jwt.value !== undefined && { jwt: jwt.value }) })
      }
    }
  }

  /** A token that was given may end too. One that may not look itself up is used as it is. */
  async #given(text: string): Promise<Login> {
    if (!/^[\x21-\x7e]+$/.test(text)) return fail(permanentFault('the token of Vault is no token: it is empty, or has spaces or line ends'))
    const found = await this.#client.call({ method: 'GET', path: 'auth/token/lookup-self', token: text })
    if (!found.ok && !found.error.denied) return found
    const now = this.#clock.now()
    const data = found.ok ? getKey(found.value ?? {}, 'data') : undefined
    const ttl = isObject(data) ? data['ttl'] : undefined
    return ok({ text, since: now, loggedInAt: now, renewable: isObject(data) && data['renewable'] === true, ...(typeof ttl === 'number' && ttl > 0 && { leaseMs: ttl * 1000 }) })
  }

  async #logInto(backend: string, params: Readonly<Record<string, string>>): Promise<Login> {
    const { username } = params
    const byName = ['ldap', 'okta', 'userpass'].includes(backend)
    if (byName && username === undefined) return fail(permanentFault(`the auth backend ${backend} of Vault needs the parameter \`username\``))
    const answer = await this.#client.call({
      method: 'POST',
      path: `auth/${backend}/login${byName ? `/${username ?? ''}` : ''}`,
      body: params,
      timeoutMs: this.#settings.loginTimeoutMs,
    })
    if (!answer.ok) return fail({ ...answer.error, message: `login at the auth backend ${backend}: ${answer.error.message}` })
    const auth = getKey(answer.value ?? {}, 'auth')
    const token = isObject(auth) ? auth['client_token'] : undefined
    if (!isObject(auth) || typeof token !== 'string' || token === '') return fail(permanentFault(`Vault has no auth backend ${backend}, or its answer to the login has no token`))
    const now = this.#clock.now()
    return ok({ text: token, since: now, loggedInAt: now, ...leaseOf(auth) })
  }

  #ended({ since, leaseMs, loggedInAt }: Token): boolean {
    const { login } = this.#settings
    const now = this.#clock.now()
    if (login.kind === 'backend' && login.maxTtlMs !== undefined && now >= loggedInAt + login.maxTtlMs) return true
    return leaseMs !== undefined && now >= since + leaseMs
  }
}

function leaseOf(auth: JsonObject): Pick<Token, 'renewable' | 'leaseMs'> {
  const seconds = auth['lease_duration']
  return { renewable: auth['renewable'] === true, ...(typeof seconds === 'number' && seconds > 0 && { leaseMs: seconds * 1000 }) }
}

async function readTrimmed(file: string): Promise<Result<string, SecretFault>> {
  try {
    return ok((await readFile(file, 'utf8')).trim())
  } catch (error) {
    return fail(passingFault(`the file of Vault's token cannot be read: ${messageOf(error)}`))
  }
}

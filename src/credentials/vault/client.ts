import { printable } from '../../lib/visible.ts'
import { Redactor } from '../../lib/redactor.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { jsonObject, SecretHttp, type HttpAnswer } from '../http.ts'
import { passingFault, permanentFault, type SecretFault } from '../manager.ts'
import type { VaultSettings } from './settings.ts'

export interface VaultCall {
  readonly method: 'GET' | 'POST'
  /** Below /v1/, each segment as it is. */
  readonly path: string
  readonly token?: string
  readonly body?: JsonObject
  readonly timeoutMs?: number
}

/** Why a call failed. `denied`: 403. */
export interface VaultFault extends SecretFault {
  readonly denied: boolean
  readonly invalidToken: boolean
}

const longestWords = 300

/** Calls of one Vault server. */
export class VaultClient {
  readonly #settings: VaultSettings
  readonly #http: SecretHttp
  /** Vault's words about an error may repeat what it was sent. */
  readonly #redactor = new Redactor()

  constructor(settings: VaultSettings) {
    this.#settings = settings
    const { ca, cert, key, serverName, insecure } = settings.tls
    this.#http = new SecretHttp({
      ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }),
      ...(serverName !== undefined && { servername: serverName }), ...(insecure === true && { rejectUnauthorized: false }),
    })
  }

  /** An answer's object; undefined: 404, or an answer without content. */
  async call(call: VaultCall): Promise<Result<JsonObject | undefined, VaultFault>> {
    const url = new URL(`${this.#settings.url.replace(/\/+$/, '')}/v1/${call.path.split('/').map(encodeURIComponent).join('/')}`)
    if (call.token !== undefined) this.#redactor.add([call.token])
    let answer = await this.#send(url, call)
    const onward = answer.ok && [301, 302, 307, 308].includes(answer.value.status) ? redirect(url, answer.value) : undefined
    // A standby names the active server. The token is not sent without TLS where the configured address has it.
    if (onward !== undefined) answer = await this.#send(onward, call)
    if (!answer.ok) return fail({ ...answer.error, message: this.#safe(answer.error.message), denied: false, invalidToken: false })
    const { status, text } = answer.value
    if (status === 404 || status === 204) return ok(undefined)
    const object = jsonObject(text)
    if (status === 200) return object === undefined ? fail(fault('answered with something that is no JSON object', false)) : ok(object)
    const errors = object?.['errors']
    const words = Array.isArray(errors) ? errors.filter((one) => typeof one === 'string').join('; ') : ''
    return fail({ ...fault(`answered ${status}${words === '' ? '' : `: ${this.#safe(words)}`}`, status >= 500 || status === 429 || status === 412), denied: status === 403, invalidToken: status === 403 && /invalid token/.test(words) })
  }

  /** What an error must not show. */
  hide(secrets: Iterable<string>): void {
    this.#redactor.add(secrets)
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #send(url: URL, { method, token, body, timeoutMs }: VaultCall): Promise<Result<HttpAnswer, SecretFault>> {
    const { namespace, queryTimeoutMs } = this.#settings
    return this.#http.send(`Vault at ${url.origin}`, {
      method, url, timeoutMs: timeoutMs ?? queryTimeoutMs,
      headers: {
        'x-vault-request': 'true',
        ...(token !== undefined && { 'x-vault-token': token }),
        ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  #safe(words: string): string {
    const shown = this.#redactor.redact(printable(words.replaceAll(/\s+/g, ' ')))
    return shown.length > longestWords ? `${shown.slice(0, longestWords)}…` : shown
  }
}

function redirect(from: URL, { headers }: HttpAnswer): URL | undefined {
  const to = headers['location']?.toString() ?? ''
  if (!URL.canParse(to, from.href)) return undefined
  const url = new URL(to, from)
  return url.protocol === 'https:' || url.protocol === from.protocol ? url : undefined
}

const fault = (words: string, passing: boolean): VaultFault => ({ ...(passing ? passingFault : permanentFault)(`Vault ${words}`), denied: false, invalidToken: false })

import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici'
import { codeOf, messageOf } from '../lib/errors.ts'
import { isObject } from '../config/json-object.ts'
import { parseBoundedJson } from '../lib/bounded-json.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { passingFault, permanentFault, type SecretFault } from './manager.ts'

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** A secret is 1 MiB at most, and JSON may write each of its bytes as six. */
export const longestAnswer = 6 * 1024 * 1024 + 65_536
const connectMs = 10_000

/** In PEM form. */
export interface HttpTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

/** Calls of a credential manager's API, through the environment's proxies. Redirects are answers. */
export class SecretHttp {
  readonly #dispatcher: Dispatcher

  constructor(tls: HttpTls = {}) {
    const connect = { ...tls, timeout: connectMs }
    // As Go's clients have it, a proxy is never asked for this machine itself.
    const noProxy = ['localhost', '127.0.0.1', '[::1]', process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? ''].filter(Boolean).join(',')
    this.#dispatcher = new EnvHttpProxyAgent({ connect, requestTls: connect, noProxy })
  }

  /** `what`: who is asked, for the error. */
  async send(what: string, { method, url, headers = {}, body, timeoutMs }: HttpCall): Promise<Result<HttpAnswer, SecretFault>> {
    const late = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await request(url, { dispatcher: this.#dispatcher, method, headers: { 'user-agent': 'airside', ...headers }, body: body ?? null, signal: late })
      const text = await textOf(answer.body)
      if (text === undefined) return fail(permanentFault(`${what} answered with more than ${longestAnswer} bytes`))
      return ok({ status: answer.statusCode, headers: answer.headers, text })
    } catch (error) {
      if (late.aborted) return fail(passingFault(`${what} did not answer within ${timeoutMs / 1000} s`))
      const code = codeOf(error) ?? ''
      const words = `${what} cannot be reached: ${messageOf(error) || code || 'no connection'}`
      return fail(permanentCodes.test(code) ? permanentFault(words) : passingFault(words))
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }
}

/** Certificates and requests that are wrong: another try gives the same. */
const permanentCodes = /^(?:CERT_|ERR_TLS_|ERR_SSL_|ERR_INVALID|UND_ERR_INVALID|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/

async function textOf(body: Dispatcher.ResponseData['body']): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > longestAnswer) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The object that an answer holds; undefined: it is none. */
export function jsonObject(text: string): JsonObject | undefined {
  const parsed = parseBoundedJson(Buffer.from(text), { items: 200_000, depth: 100 })
  const value = parsed.ok ? (parsed.value as Json) : undefined
  return isObject(value) ? value : undefined
}

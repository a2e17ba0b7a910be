import type { Readable } from 'node:stream'
import type { Clock } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Action, Authorizer } from './authorizer.ts'
import { errorOfStatus, errorOfThrown, registryError, type ErrorContext } from './classify.ts'
import { discard, readText } from './read-body.ts'
import type { RegistryError } from './registry-error.ts'
import { apiHost } from './target.ts'
import type { HttpRequest, HttpResponse, Transport } from './transport.ts'

export interface Exchange {
  readonly method: HttpRequest['method']
  /** The path, from `/v2/` on; or the URL that the registry gave for an upload. */
  readonly path: string | URL
  readonly action: Action
  readonly headers?: Readonly<Record<string, string>>
  /** A function if it must be opened again for each try. */
  readonly body?: Uint8Array | (() => Readable)
  /** Statuses that are an answer, not an error. */
  readonly accept: readonly number[]
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly body: HttpResponse['body']
  /** The URL that answered, after redirects. */
  readonly url: URL
}

const maxRedirects = 5

/** Sends one request and returns its answer. Challenges are answered and redirects followed; nothing is retried. */
export class Exchanger {
  readonly #transport: Transport
  readonly #authorizer: Authorizer
  readonly #clock: Clock

  constructor(transport: Transport, authorizer: Authorizer, clock: Clock) {
    this.#transport = transport
    this.#authorizer = authorizer
    this.#clock = clock
  }

  async run(context: ErrorContext, exchange: Exchange): Promise<Result<Answer, RegistryError>> {
    const host = exchange.path instanceof URL ? exchange.path.host : apiHost(context.target)
    try {
      for (let attempt = 1; ; attempt++) {
        const header = await this.#authorizer.header(context, exchange.action, exchange.signal)
        if (!header.ok) return header
        const sent = await this.#send(context, exchange, header.value)
        if (!sent.ok) return sent
        const answer = sent.value
        if (exchange.accept.includes(answer.status)) return ok(answer)
        // Only the registry itself may say where its tokens come from, not a host that it redirected to.
        if (answer.status === 401 && attempt === 1 && answer.url.origin === this.#origin(context)) {
          const again = this.#authorizer.challenged(context, exchange.action, answer.headers['www-authenticate'], header.value)
          if (!again.ok || again.value) await discard(answer.body)
          if (!again.ok) return again
          if (again.value) continue
        }
        const text = exchange.method === 'HEAD' ? '' : ((await readText(answer.body, 16 * 1024)) ?? '')
        if (exchange.method === 'HEAD') await discard(answer.body)
        const sentSecrets = header.value === undefined ? [] : [header.value.split(' ')[1] ?? '']
        return fail(errorOfStatus(withSecrets(context, [...sentSecrets, ...secretsOfUrl(answer.url)]), { status: answer.status, headers: answer.headers, body: text }, this.#clock))
      }
    } catch (error) {
      return fail(errorOfThrown(context, error, host, exchange.signal))
    }
  }

  async #send(context: ErrorContext, exchange: Exchange, authorization: string | undefined): Promise<Result<Answer, RegistryError>> {
    const { target } = context
    const { method, body, signal } = exchange
    const request: HttpRequest = {
      method,
      signal,
      headers: { 'user-agent': 'airside', ...exchange.headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(body === undefined ? {} : { body: typeof body === 'function' ? body() : body }),
    }
    let { url, response } =
      exchange.path instanceof URL
        ? { url: exchange.path, response: await this.#transport.send(target, exchange.path, this.#guarded(context, exchange.path, request)) }
        : await this.#transport.toRegistry(target, exchange.path, request)
    for (let redirects = 0; isRedirect(response.statusCode) && (method === 'GET' || method === 'HEAD'); redirects++) {
      const location = response.headers['location']
      await discard(response.body)
      const next = redirects < maxRedirects ? this.#redirect(context, url, typeof location === 'string' ? location : '') : undefined
      if (next === undefined) return fail(registryError(context, 'bad-response', 'too many redirects'))
      if (!next.ok) return next
      url = next.value
      try {
        response = await this.#transport.send(target, url, this.#guarded(context, url, request))
      } catch (error) {
        return fail(errorOfThrown(withSecrets(context, secretsOfUrl(url)), error, url.host, signal))
      }
    }
    return ok({ status: response.statusCode, headers: response.headers, body: response.body, url })
  }

  /** Headers with credentials are sent to the registry only, not to hosts that it redirects to. */
  #guarded(context: ErrorContext, url: URL, request: HttpRequest): HttpRequest {
    if (url.origin === this.#origin(context)) return request
    const { authorization: _, ...headers } = request.headers
    return { ...request, headers }
  }

  #origin({ target }: ErrorContext): string {
    return new URL(`${this.#transport.isPlain(target) ? 'http:' : 'https:'}//${apiHost(target)}`).origin
  }

  #redirect(context: ErrorContext, from: URL, location: string): Result<URL, RegistryError> {
    const bad = (detail: string) => fail(registryError(context, 'bad-response', detail))
    if (location === '' || !URL.canParse(location, from.href)) return bad('it redirects to nowhere')
    const url = new URL(location, from)
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return bad(`it redirects to ${url.protocol}`)
    if (url.protocol === 'http:' && from.protocol === 'https:') return bad(`it redirects to ${url.host} without TLS`)
    return ok(url)
  }
}

const withSecrets = (context: ErrorContext, secrets: readonly string[]): ErrorContext => ({ ...context, secrets: [...(context.secrets ?? []), ...secrets] })

/** Where blobs are kept elsewhere, a signature in the URL is the key to them. */
const secretsOfUrl = (url: URL): string[] =>
  [...url.searchParams].flatMap(([, value]) => (value.length < 8 ? [] : [value, encodeURIComponent(value)]))

const isRedirect = (status: number): boolean => status === 301 || status === 302 || status === 303 || status === 307 || status === 308

import type { Clock } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { errorOfThrown, registryError, type ErrorContext } from '../registry/classify.ts'
import { readText } from '../registry/read-body.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import { defaultRetryPolicy, withRetries, type RetryPolicy } from '../registry/retry.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { Transport, type HttpRequest } from '../registry/transport.ts'

export interface CloudAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface CloudRequest extends HttpRequest {
  readonly url: URL
  /** The image that all this is for, and what must not show in an error. */
  readonly context: ErrorContext
  /** What the service is called in errors. */
  readonly service: string
}

export interface CloudHttpOptions {
  readonly clock: Clock
  readonly env: NodeJS.ProcessEnv
  readonly retry?: RetryPolicy
}

const limit = 1024 * 1024

/** Asks a cloud's services; passing failures are tried again. */
export class CloudHttp {
  readonly #transport: Transport
  /** Metadata services are on this machine's own link: never through a proxy. */
  readonly #near: Transport
  readonly #clock: Clock
  readonly #retry: RetryPolicy

  constructor({ clock, env, retry }: CloudHttpOptions) {
    this.#transport = new Transport({ timeouts, env })
    this.#near = new Transport({ timeouts: { ...timeouts, connectMs: 2000 }, env: {}, anyAddress: true })
    this.#clock = clock
    this.#retry = retry ?? { ...defaultRetryPolicy, attempts: 5, totalMs: 20_000 }
  }

  /** Any status below 500 but 429 is an answer. `trust`: whose ca_certs count. */
  send(request: CloudRequest, trust: Pick<RegistryTarget, 'caCerts'> = {}): Promise<Result<CloudAnswer, RegistryError>> {
    return this.#try(this.#transport, request, trust, this.#retry)
  }

  /** To the machine's metadata service; one that is not there is not waited for. */
  near(request: CloudRequest): Promise<Result<CloudAnswer, RegistryError>> {
    return this.#try(this.#near, request, {}, { ...this.#retry, attempts: 2 })
  }

  #try(transport: Transport, request: CloudRequest, trust: Pick<RegistryTarget, 'caCerts'>, policy: RetryPolicy): Promise<Result<CloudAnswer, RegistryError>> {
    const { context, url, service, ...http } = request
    // Never `insecure`: what is shown here is worth more than an image.
    const target: RegistryTarget = { registry: url.host, repository: '', caCerts: trust.caCerts ?? [] }
    return withRetries(
      async () => {
        try {
          const response = await transport.send(target, url, http)
          const text = (await readText(response.body, limit)) ?? ''
          if (response.statusCode >= 500 || response.statusCode === 429) {
            return fail(registryError(context, response.statusCode === 429 ? 'rate-limited' : 'unavailable', `${service} failed`, { status: response.statusCode, retryable: true }))
          }
          return ok({ status: response.statusCode, headers: response.headers, text })
        } catch (error) {
          return fail(errorOfThrown(context, error, `${service} (${url.host})`, request.signal))
        }
      },
      { policy, clock: this.#clock, random: Math.random, signal: request.signal },
    )
  }

  async close(): Promise<void> {
    await Promise.all([this.#transport.close(), this.#near.close()])
  }
}

const timeouts = { connectMs: 10_000, headersMs: 20_000, bodyMs: 20_000 }

/** JSON of a service's answer as an object; undefined: it is none. */
export function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

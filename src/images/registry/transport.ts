import { getCACertificates } from 'node:tls'
import type { Readable } from 'node:stream'
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici'
import { KeptMap } from '../../lib/kept-map.ts'
import { countRequest } from '../../lib/traffic.ts'
import { codeOf, isCertificateError } from './classify.ts'
import { AddressGuard, type Lookup, type Reach } from './reach.ts'
import { apiHost, hostnameOf, isLoopbackHost, mayBePlain, trustOf, type RegistryTarget } from './target.ts'

export interface Timeouts {
  /** All in ms. */
  readonly connectMs: number
  /** From the request to the headers of the answer. */
  readonly headersMs: number
  /** Between two pieces of a body. */
  readonly bodyMs: number
  /** For a manifest, config or list of tags as a whole. */
  readonly documentMs: number
}

export const defaultTimeouts: Timeouts = { connectMs: 10_000, headersMs: 30_000, bodyMs: 30_000, documentMs: 120_000 }

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | Readable
  readonly signal?: AbortSignal | undefined
}

export type HttpResponse = Dispatcher.ResponseData

export interface TransportOptions {
  readonly timeouts?: Partial<Timeouts> | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly lookup?: Lookup | undefined
  /** For the machine's own metadata service, at the address that the operator's environment names. */
  readonly anyAddress?: boolean
}

/** Keeps connections alive in pools, one set for each kind of trust, through the environment's proxies, and learns which hosts speak plain HTTP. */
export class Transport {
  readonly #timeouts: Timeouts
  readonly #proxies: { readonly httpProxy?: string; readonly httpsProxy?: string; readonly noProxy?: string } | undefined
  readonly #dispatchers = new Map<string, Dispatcher>()
  readonly #schemes = new KeptMap<string, 'https:' | 'http:'>(schemesKept)
  /** Undefined: any address is allowed. */
  readonly #guard: AddressGuard | undefined

  constructor({ timeouts = {}, env = process.env, lookup, anyAddress = false }: TransportOptions = {}) {
    this.#guard = anyAddress ? undefined : new AddressGuard(lookup)
    this.#timeouts = { ...defaultTimeouts, ...timeouts }
    const of = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? ''
    const [httpProxy, httpsProxy, noProxy] = [of('HTTP_PROXY'), of('HTTPS_PROXY'), of('NO_PROXY')]
    this.#proxies =
      httpProxy === '' && httpsProxy === ''
        ? undefined
        : // As Go's clients have it, a proxy is never asked for this machine itself.
          { noProxy: `localhost,127.0.0.1,[::1],${noProxy}`, ...(httpProxy === '' ? {} : { httpProxy }), ...(httpsProxy === '' ? {} : { httpsProxy }) }
  }

  /**
   * Sends a request to the target's registry, over TLS first. If the registry does not speak TLS, plain HTTP is used where it is allowed.
   * `path` begins with `/v2/`. Throws what undici throws.
   */
  async toRegistry(target: RegistryTarget, path: string, request_: HttpRequest): Promise<{ url: URL; response: HttpResponse }> {
    const host = apiHost(target)
    const key = `${host} ${trustOf(target)}`
    const known = this.#schemes.get(key)
    // The operator's credentials go over plain HTTP only to this machine: a private address alone does not allow it.
    const plainAllowed = target.insecure === true || (mayBePlain(host) && (target.operatorsCredentials !== true || isLoopbackHost(host)))
    const schemes = known !== undefined ? [known] : plainAllowed ? (['https:', 'http:'] as const) : (['https:'] as const)
    for (const scheme of schemes) {
      const url = new URL(`${scheme}//${host}${path}`)
      try {
        const response = await this.send(target, url, request_)
        this.#schemes.set(key, scheme)
        return { url, response }
      } catch (error) {
        this.#schemes.delete(key)
        const last = scheme === schemes.at(-1)
        // With a certificate that is not trusted, plain HTTP is not tried.
        if (last || request_.signal?.aborted === true || isCertificateError(codeOf(error)) || isFinal(codeOf(error))) throw error
      }
    }
    throw new Error('unreachable')
  }

  /** Whether the last connection to the target's registry was without TLS. */
  isPlain(target: RegistryTarget): boolean {
    return this.#schemes.get(`${apiHost(target)} ${trustOf(target)}`) === 'http:'
  }

  /**
   * Sends a request to another host for the target. TLS is verified, whatever is allowed for the registry itself, and the host must be one
   * that a registry may lead to.
   */
  async send(target: RegistryTarget, url: URL, { method, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const registry = hostnameOf(target)
    const reach = url.hostname === registry ? 'named' : 'led'
    this.#guard?.check(url.hostname, reach, registry)
    countRequest()
    return request(url, {
      method,
      headers,
      dispatcher: this.#dispatcher(target, !(reach === 'named' && target.insecure === true), reach, this.#guard?.isHere(registry) === true),
      headersTimeout: this.#timeouts.headersMs,
      bodyTimeout: this.#timeouts.bodyMs,
      // Undici would close the connection after every HEAD, of which most of our requests are.
      reset: false,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    })
  }

  /** Connections are shared only where trust and reach are the same. */
  #dispatcher(target: RegistryTarget, verified: boolean, reach: Reach, loopback: boolean): Dispatcher {
    const caCerts = target.caCerts ?? []
    const mayLoopback = reach === 'led' && loopback
    const key = `${verified} ${reach} ${mayLoopback} ${caCerts.length === 0 ? '' : trustOf(target)}`
    const known = this.#dispatchers.get(key)
    if (known !== undefined) return known
    const tls = {
      timeout: this.#timeouts.connectMs,
      rejectUnauthorized: verified,
      ...(caCerts.length === 0 ? {} : { ca: [...getCACertificates('default'), ...caCerts] }),
    }
    // A proxy resolves the names itself.
    const connect = { ...tls, ...(this.#guard === undefined ? {} : { lookup: this.#guard.lookup(reach, mayLoopback) }) }
    const options = { connect, requestTls: tls, keepAliveTimeout: 30_000, connections: 32, allowH2: false }
    const dispatcher = this.#proxies === undefined ? new Agent(options) : new EnvHttpProxyAgent({ ...options, ...this.#proxies })
    this.#dispatchers.set(key, dispatcher)
    const [oldest] = this.#dispatchers
    if (this.#dispatchers.size > dispatchersKept && oldest !== undefined) {
      this.#dispatchers.delete(oldest[0])
      void oldest[1].close() // when its requests are done
    }
    return dispatcher
  }

  async close(): Promise<void> {
    const open = [...this.#dispatchers.values()]
    this.#dispatchers.clear()
    await Promise.all(open.map((dispatcher) => dispatcher.destroy()))
  }
}

/** Each set of ca_certs has its own; a certificate store takes about a megabyte. */
const dispatchersKept = 64

const schemesKept = 10_000

/** Plain HTTP would fail in the same way. */
const isFinal = (code: string): boolean => code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ERR_ADDRESS_REFUSED'

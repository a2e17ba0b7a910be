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
  /** From the request to the answer's head. */
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

/** Connections kept alive, one set of pools per kind of trust, through the environment's proxies; knows which hosts speak plain HTTP. */
export class Transport {
  readonly #timeouts: Timeouts
  readonly #proxies: { readonly httpProxy?: string; readonly httpsProxy?: string; readonly noProxy?: string } | undefined
  readonly #dispatchers = new Map<string, Dispatcher>()
  readonly #schemes = new KeptMap<string, 'https:' | 'http:'>(schemesKept)
  /** Undefined: any address is connected to. */
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
   * Sends to the target's own registry. TLS first; where plain HTTP is allowed and TLS was not understood, that.
   * `path` begins with `/v2/`. Throws what undici throws.
   */
  async toRegistry(target: RegistryTarget, path: string, request_: HttpRequest): Promise<{ url: URL; response: HttpResponse }> {
    const host = apiHost(target)
    const key = `${host} ${trustOf(target)}`
    const known = this.#schemes.get(key)
    // The operator's own credentials are never sent in clear on the strength of an address alone, but to this machine.
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
        // A certificate that is not trusted is no reason to go without one.
        if (last || request_.signal?.aborted === true || isCertificateError(codeOf(error)) || isFinal(codeOf(error))) throw error
      }
    }
    throw new Error('unreachable')
  }

  /** Whether the target's registry was last spoken to without TLS. */
  isPlain(target: RegistryTarget): boolean {
    return this.#schemes.get(`${apiHost(target)} ${trustOf(target)}`) === 'http:'
  }

  /**
   * Sends to any host on the target's behalf. Unverified TLS is for the registry's own host alone; other hosts are reached only where a
   * registry may lead.
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
    // Behind a proxy, it is the proxy that looks names up.
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

/** Another scheme would fail alike. */
const isFinal = (code: string): boolean => code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ERR_ADDRESS_REFUSED'

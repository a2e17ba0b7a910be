import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { getCACertificates } from 'node:tls'
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici'
import type { WebSocket } from 'ws'
import { codeOf, messageOf } from '../lib/errors.ts'
import { visible } from '../lib/visible.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ClientError } from './client-error.ts'
import { openSocket, type Tls } from './socket.ts'
import type { SavedTarget } from './targets.ts'

export interface ClientRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** From the server's root, each name in it escaped. */
  readonly path: string
  readonly query?: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | Readable
  readonly signal?: AbortSignal
  /** No head and no piece of the body for so long ends it, ms; 0: never. */
  readonly silenceMs?: number
}

export interface ClientAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Dispatcher.ResponseData['body']
}

const silenceMs = 60_000
const connectMs = 15_000
const longestMessage = 64 * 1024
const shownMessage = 2_000
/** What a policy says against a request that was done all the same. */
const warningHeader = 'x-concourse-policy-check-warning'

export interface ConnectionOptions {
  /** Takes a sentence that a success came with. */
  readonly onWarning?: (text: string) => void
}

/** HTTP to one server, with its token, through the environment's proxies. */
export class Connection {
  readonly #target: SavedTarget
  readonly #dispatcher: Dispatcher
  readonly #tls: Tls
  readonly #onWarning: (text: string) => void

  private constructor(target: SavedTarget, dispatcher: Dispatcher, tls: Tls, { onWarning = () => undefined }: ConnectionOptions) {
    this.#target = target
    this.#dispatcher = dispatcher
    this.#tls = tls
    this.#onWarning = onWarning
  }

  /** The error is a sentence: a certificate's file that cannot be read. */
  static async open(target: SavedTarget, given: ConnectionOptions = {}): Promise<Result<Connection, string>> {
    const { insecure = false, caCert, clientCert } = target
    try {
      const own = clientCert && { cert: await readFile(clientCert.certPath), key: await readFile(clientCert.keyPath) }
      const trust = caCert === undefined ? {} : { ca: [...getCACertificates(), caCert] }
      const tls = { rejectUnauthorized: !insecure, ...trust, ...own }
      const options = { connect: { ...tls, timeout: connectMs }, requestTls: tls }
      const proxied = process.env['HTTPS_PROXY'] || process.env['https_proxy'] || process.env['HTTP_PROXY'] || process.env['http_proxy']
      return ok(new Connection(target, proxied ? new EnvHttpProxyAgent(options) : new Agent(options), tls, given))
    } catch (error) {
      return fail(`the client certificate cannot be used: ${messageOf(error)}`)
    }
  }

  get url(): string {
    return this.#target.api
  }

  /** Any answer, of whatever status; the caller reads its body to the end or destroys it. */
  async send({ method, path, query, headers = {}, body, signal, silenceMs: silence = silenceMs }: ClientRequest): Promise<Result<ClientAnswer, ClientError>> {
    const { api } = this.#target
    const search = query === undefined || query.size === 0 ? '' : `?${query.toString()}`
    try {
      const { statusCode, headers: answered, body: answer } = await request(`${api}${path}${search}`, {
        method,
        dispatcher: this.#dispatcher,
        headers: { ...this.#authorization(), ...headers },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
        headersTimeout: silence,
        bodyTimeout: silence,
      })
      const warning = answered[warningHeader]
      // Its bytes are UTF-8; undici makes a character of each.
      if (statusCode < 300 && typeof warning === 'string') this.#onWarning(visible(Buffer.from(warning, 'latin1').toString()))
      return ok({ status: statusCode, headers: answered, body: answer })
    } catch (error) {
      signal?.throwIfAborted()
      return fail({ kind: 'unreachable', message: `${api} cannot be reached: ${codeOf(error) ?? ''} ${messageOf(error)}`.replace('  ', ' ') })
    }
  }

  /** A web socket of the server. */
  socket(path: string): Promise<Result<WebSocket, ClientError>> {
    return openSocket(`${this.#target.api}${path}`, this.#authorization(), this.#tls, (answer) => refusal({ status: answer.statusCode ?? 502, headers: answer.headers, body: answer }))
  }

  #authorization(): { readonly authorization?: string } {
    const { token } = this.#target
    return token === undefined ? {} : { authorization: `${token.type} ${token.value}` }
  }

  /** An answer with a status of success; every other is an error. */
  async succeed(wanted: ClientRequest): Promise<Result<ClientAnswer, ClientError>> {
    const answer = await this.send(wanted)
    if (!answer.ok || answer.value.status < 300) return answer
    return fail(await refusal(answer.value))
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }
}

/** What an answer of a refusal says. */
export async function refusal({ status, headers, body }: { readonly status: number; readonly headers: ClientAnswer['headers']; readonly body: Readable }): Promise<ClientError> {
  const message = visible((await textOf(body, longestMessage)).trim()).slice(0, shownMessage)
  const html = String(headers['content-type'] ?? '').startsWith('text/html')
  if (status === 401) return { kind: 'unauthorized' }
  if (status === 403) return { kind: 'forbidden', message: html ? '' : message }
  if (status === 404) return { kind: 'not-found' }
  if (html || (status >= 300 && status < 400)) return { kind: 'unexpected', message: `the server answered ${status} with a page; is the address the one of an Airside or Concourse server?` }
  return { kind: 'refused', status, message: message === '' ? `the server answered ${status}` : message }
}

/** Reads no more of a body. undici makes an error of it, which ends the process when nobody listens. */
export function drop(body: Readable): void {
  body.on('error', () => undefined).destroy()
}

/** At most `most` bytes of a body, as text; the rest is not read. */
export async function textOf(body: Readable, most: number): Promise<string> {
  return (await bytesOf(body, most)).subarray(0, most).toString('utf8')
}

/** The body, or its first bytes when it is longer: then more than `most`. */
export async function bytesOf(body: Readable, most: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece)
      length += piece.length
      if (length > most) break
    }
  } catch (error) {
    if (pieces.length === 0) throw error
  }
  return Buffer.concat(pieces)
}

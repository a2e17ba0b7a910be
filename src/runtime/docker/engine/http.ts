import { request as nodeRequest } from 'node:http'
import { request as nodeTlsRequest } from 'node:https'
import { Readable, type Duplex } from 'node:stream'
import { Agent, request } from 'undici'
import { fail, ok, type Result } from '../../../model/result.ts'
import { describeAddress, type EngineAddress } from './address.ts'
import { errorOfAnswer, errorOfException, type EngineError } from './errors.ts'

interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  /** Sent as JSON, unless it is a stream or bytes. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** HTTP to one engine. Calls return errors as values, with the engine's message. */
export interface EngineHttp {
  readonly address: EngineAddress
  /** The answer's text. */
  text(call: EngineRequest): Promise<Result<string, EngineError>>
  /** The answer's body as it comes; for as long as it comes. */
  stream(call: EngineRequest): Promise<Result<Readable, EngineError>>
  /** Turns the connection into a raw stream (exec, attach). */
  hijack(call: EngineRequest): Promise<Result<Duplex, EngineError>>
  close(): Promise<void>
}

export function engineHttp(address: EngineAddress): EngineHttp {
  const agent = new Agent({
    connect:
      address.kind === 'unix'
        ? { socketPath: address.path }
        : { timeout: 10_000, ...(address.tls === undefined ? {} : { ...address.tls }) },
    // No time limit: an engine may take long to answer (a pull, a stop). Callers abort.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const tls = address.kind === 'tcp' && address.tls !== undefined
  const origin = address.kind === 'unix' ? 'http://engine' : `${tls ? 'https' : 'http'}://${address.host}:${address.port}`
  const where = describeAddress(address)

  async function send(call: EngineRequest): Promise<Result<Readable & { text(): Promise<string> }, EngineError>> {
    try {
      const { payload, headers } = call.body instanceof Readable ? { payload: call.body, headers: { 'content-type': 'application/x-tar', ...call.headers } } : encode(call)
      const response = await request(origin + target(call), {
        method: call.method,
        dispatcher: agent,
        headers,
        body: payload,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      })
      if (response.statusCode < 400) return ok(response.body)
      return fail(errorOfAnswer(response.statusCode, await response.body.text()))
    } catch (error) {
      return fail(errorOfException(error, where))
    }
  }

  return {
    address,
    async text(call) {
      const answer = await send(call)
      if (!answer.ok) return answer
      try {
        return ok(await answer.value.text())
      } catch (error) {
        return fail(errorOfException(error, where))
      }
    },
    stream: send,
    hijack: (call) =>
      new Promise((resolve) => {
        const { payload, headers } = encode(call)
        const options = {
          method: call.method,
          path: target(call),
          headers: { ...headers, connection: 'Upgrade', upgrade: 'tcp', 'content-length': String(payload?.length ?? 0) },
          ...(address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port, ...address.tls }),
          ...(call.signal === undefined ? {} : { signal: call.signal }),
        }
        const outgoing = (tls ? nodeTlsRequest : nodeRequest)(options)
        outgoing.once('upgrade', (_response, socket, head) => {
          if (head.length > 0) socket.unshift(head)
          resolve(ok(socket))
        })
        outgoing.once('response', (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.once('end', () => resolve(fail(errorOfAnswer(response.statusCode ?? 0, Buffer.concat(parts).toString()))))
          response.once('error', (error) => resolve(fail(errorOfException(error, where))))
        })
        outgoing.once('error', (error) => resolve(fail(errorOfException(error, where))))
        outgoing.end(payload)
      }),
    // Streams that still flow (events) are cut, not waited for.
    close: () => agent.destroy(),
  }
}

function target(call: EngineRequest): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(call.query ?? {})) if (value !== undefined) query.set(key, value)
  const text = query.toString()
  return text === '' ? call.path : `${call.path}?${text}`
}

function encode(call: EngineRequest): { payload: Buffer | null; headers: Record<string, string> } {
  if (call.body === undefined) return { payload: null, headers: { ...call.headers } }
  if (Buffer.isBuffer(call.body)) return { payload: call.body, headers: { 'content-type': 'application/x-tar', ...call.headers } }
  return { payload: Buffer.from(JSON.stringify(call.body)), headers: { 'content-type': 'application/json', ...call.headers } }
}

import { setTimeout as unrefSleep } from 'node:timers/promises'
import type { Readable } from 'node:stream'
import { request, type Dispatcher } from 'undici'
import { codeOf, messageOf } from '../../../lib/errors.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import type { ClusterAccess } from './access.ts'
import type { ApiError } from './api-error.ts'
import type { Status } from './objects.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the server's address, with its query. */
  readonly path: string
  readonly body?: unknown
  /** Default application/json; a PATCH is a merge patch. */
  readonly contentType?: string
  readonly signal?: AbortSignal
  /** Whole answer, default 30 s. */
  readonly timeoutMs?: number
}

/** Requests to one API server: no retry here, no rate limit; a 401 is tried once more with fresh credentials. */
export interface Requests {
  json<T>(call: Call): Promise<Result<T, ApiError>>
  /** A body that goes on until it is destroyed or the server ends it. */
  stream(call: Omit<Call, 'body'>): Promise<Result<Readable, ApiError>>
}

export function createRequests(access: ClusterAccess): Requests {
  async function send(call: Call, signal: AbortSignal, streaming: boolean): Promise<Dispatcher.ResponseData> {
    const once = async (): Promise<Dispatcher.ResponseData> => {
      const { headers, dispatcher } = await access.credentials()
      return request(access.server + call.path, {
        dispatcher,
        method: call.method,
        signal,
        headers: {
          ...headers,
          accept: 'application/json, application/jwk-set+json;q=0.9, */*;q=0.5',
          'user-agent': 'airside',
          ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? contentTypes[call.method] ?? 'application/json' }),
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        headersTimeout: 0,
        bodyTimeout: streaming ? 0 : 60_000,
      })
    }
    const first = await once()
    if (first.statusCode !== 401) return first
    await first.body.dump()
    access.renew()
    return once()
  }

  return {
    async json<T>(call: Call) {
      const signal = AbortSignal.any([AbortSignal.timeout(call.timeoutMs ?? 30_000), ...(call.signal === undefined ? [] : [call.signal])])
      try {
        const response = await send(call, signal, false)
        const text = await response.body.text()
        const body = parse(text)
        if (response.statusCode >= 400) return fail(errorOf(response, body, text))
        if (body === undefined) return fail(unreadable(response.statusCode))
        return ok(body as T)
      } catch (error) {
        return fail(unreachable(error, call.signal))
      }
    },
    async stream(call) {
      const opening = new AbortController()
      const signal = AbortSignal.any([opening.signal, ...(call.signal === undefined ? [] : [call.signal])])
      const late = new AbortController()
      void unrefSleep(call.timeoutMs ?? 30_000, undefined, { signal: late.signal, ref: false }).then(
        () => opening.abort(new Error('no answer in time')),
        () => {},
      )
      try {
        const response = await send(call, signal, true)
        if (response.statusCode < 400) return ok(response.body)
        const text = await response.body.text()
        return fail(errorOf(response, parse(text), text))
      } catch (error) {
        return fail(unreachable(error, call.signal))
      } finally {
        late.abort()
      }
    },
  }
}

const contentTypes: Partial<Record<Call['method'], string>> = { PATCH: 'application/merge-patch+json' }

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function errorOf(response: Dispatcher.ResponseData, body: unknown, text: string): ApiError {
  const status = (body ?? {}) as Status
  const seconds = Number(response.headers['retry-after'])
  const message = typeof status.message === 'string' && status.message !== '' ? status.message : text.slice(0, 500).trim()
  return {
    kind: 'api-error',
    status: response.statusCode,
    reason: typeof status.reason === 'string' ? status.reason : '',
    message: message === '' ? `the Kubernetes API answered ${response.statusCode}` : message,
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: Math.min(seconds, 60) * 1000 } : {}),
  }
}

/** A successful answer that cannot be read counts as no answer. */
const unreadable = (status: number): ApiError => ({
  kind: 'api-error',
  status: 0,
  reason: 'BadAnswer',
  message: `an answer with status ${status} that is not JSON`,
})

function unreachable(error: unknown, signal: AbortSignal | undefined): ApiError {
  if (signal?.aborted === true) return { kind: 'api-error', status: 0, reason: 'Aborted', message: 'the call was aborted' }
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return { kind: 'api-error', status: 0, reason: codeOf(error) ?? codeOf(cause) ?? 'NetworkError', message: messageOf(cause) }
}

import type { Clock } from '../../lib/clock.ts'
import { cleanText, type RegistryError, type RegistryErrorKind } from './registry-error.ts'
import { apiHost, imageName, secretsOf, type RegistryTarget } from './target.ts'

/** What an error names: the image, and what must not show in the text. */
export interface ErrorContext {
  readonly target: RegistryTarget
  /** Tag or digest, where one is asked for. */
  readonly reference?: string
  /** Further texts that must not show, e.g. a token. */
  readonly secrets?: readonly string[]
}

export function registryError(
  context: ErrorContext,
  kind: RegistryErrorKind,
  detail: string,
  more: { status?: number; retryable?: boolean; retryAfterMs?: number } = {},
): RegistryError {
  const { target } = context
  return {
    kind,
    image: imageName(target, context.reference),
    registry: target.registry === 'docker.io' ? 'docker.io' : apiHost(target),
    detail: cleanText(detail, [...secretsOf(target), ...(context.secrets ?? [])]),
    retryable: more.retryable ?? false,
    ...(more.status === undefined ? {} : { status: more.status }),
    ...(more.retryAfterMs === undefined ? {} : { retryAfterMs: more.retryAfterMs }),
  }
}

/** An answer that is no success. */
export interface FailedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The start of its text; '' for none. */
  readonly body: string
}

export function errorOfStatus(context: ErrorContext, { status, headers, body }: FailedAnswer, clock: Pick<Clock, 'now'>): RegistryError {
  const said = errorText(body)
  const words = (fallback: string): string => said ?? fallback
  const retryAfterMs = retryAfter(headers['retry-after'], clock.now())
  const waiting = retryAfterMs === undefined ? {} : { retryAfterMs }
  if (status === 401 || status === 403) {
    const whose = context.target.withheld ?? (context.target.credentials === undefined ? 'no credentials were given, or the repository does not exist' : 'the credentials do not allow it, or the repository does not exist')
    return registryError(context, 'unauthorized', said === undefined ? whose : `${said} (${whose})`, { status })
  }
  if (status === 404 || status === 410) return registryError(context, 'not-found', words('the registry does not know it'), { status })
  if (status === 429) return registryError(context, 'rate-limited', words('too many requests'), { status, retryable: true, ...waiting })
  if (status >= 500 || status === 408) {
    const retryable = status !== 501 && status !== 505
    return registryError(context, 'unavailable', words('the registry reports a failure of its own'), { status, retryable, ...waiting })
  }
  return registryError(context, 'bad-response', words('unexpected answer'), { status })
}

/** The error of a request without an answer, or whose answer broke off. */
export function errorOfThrown(context: ErrorContext, thrown: unknown, host: string, signal?: AbortSignal): RegistryError {
  if (signal?.aborted === true) return registryError(context, 'aborted', 'the request was aborted')
  const code = codeOf(thrown)
  if (code === 'ERR_ADDRESS_REFUSED') return registryError(context, 'bad-response', `${host}: ${messageOf(thrown)}`)
  if (isCertificateError(code) || isTlsProtocolError(code)) {
    const { words, remedy } = tlsCauses[code] ?? { words: messageOf(thrown) }
    return registryError(context, 'tls', `${host}: ${words}${remedy === undefined ? '' : ` (${adviceFor(context.target, remedy)})`}`)
  }
  if (code === 'ENOTFOUND') return registryError(context, 'unknown-host', `${host}: its name is not known`, { retryable: true })
  const words = networkWords[code] ?? (messageOf(thrown) || code)
  return registryError(context, 'unreachable', `${host}: ${words}`, { retryable: !permanentCodes.has(code) })
}

/** Node's and undici's code of an error, wherever it is wrapped. */
export function codeOf(thrown: unknown): string {
  for (let error = thrown, depth = 0; typeof error === 'object' && error !== null && depth < 5; depth++) {
    const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown }
    const inner = (Array.isArray(errors) ? (errors as unknown[])[0] : undefined) ?? cause
    if (typeof code === 'string' && (code !== 'UND_ERR_SOCKET' || inner === undefined)) return code
    error = inner
  }
  return ''
}

export const isCertificateError = (code: string): boolean =>
  /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_)/.test(code)

const isTlsProtocolError = (code: string): boolean => /^(?:ERR_SSL_|EPROTO$|ERR_OSSL_)/.test(code)

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : '')

/** Undici's errors about the request itself. It fails in the same way when it is tried again. */
const permanentCodes = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_URL', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_CHAR'])

/** What to do about a certificate that is not trusted. */
type Remedy = 'authority' | 'plain'

const untrusted = { words: 'its certificate comes from an authority that is not trusted', remedy: 'authority' } as const
const notTls = { words: 'it does not speak TLS', remedy: 'plain' } as const

const tlsCauses: Readonly<Record<string, { readonly words: string; readonly remedy?: Remedy }>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: { words: 'its certificate is self-signed', remedy: 'authority' },
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: { words: 'its certificate has expired' },
  CERT_NOT_YET_VALID: { words: 'its certificate is not valid yet' },
  ERR_TLS_CERT_ALTNAME_INVALID: { words: 'its certificate is for another name' },
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  EPROTO: notTls,
}

/** What to set: a key of the source for its author, a flag for the operator. */
function adviceFor(target: RegistryTarget, remedy: Remedy): string {
  const { registry } = target
  if (remedy === 'authority') {
    return target.setBy === 'operator' ? `--registry-trust ${registry}=ca:FILE names its authority` : 'name its authority in ca_certs'
  }
  if (target.setBy === 'operator') return `--registry-trust ${registry}=insecure allows plain HTTP`
  return target.operatorsCredentials === true
    ? `this server has credentials for it, which go over plain HTTP only where its operator says so: --registry-trust ${registry}=insecure`
    : 'insecure: true allows plain HTTP'
}

const networkWords: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'its name could not be looked up',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection broke',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'its network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped coming',
  UND_ERR_SOCKET: 'connection closed before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer broke off',
}

/** The first message of a registry's error document, else undefined: bodies of another kind are not shown. */
function errorText(body: string): string | undefined {
  try {
    const parsed = JSON.parse(body) as { errors?: { code?: unknown; message?: unknown }[]; details?: unknown }
    const first = Array.isArray(parsed.errors) ? parsed.errors[0] : undefined
    const { message, code } = first ?? {}
    if (typeof message === 'string' && message !== '') return message
    if (typeof code === 'string' && code !== '') return code
    return typeof parsed.details === 'string' ? parsed.details : undefined
  } catch {
    return undefined
  }
}

/** Retry-After in seconds or as a date → ms from now, at most a day. */
export function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined) return undefined
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 86_400_000)
}

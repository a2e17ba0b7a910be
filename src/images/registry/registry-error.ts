export type RegistryErrorKind =
  /** 401 or 403, or a token service that gave no token. */
  | 'unauthorized'
  | 'not-found'
  | 'rate-limited'
  /** The registry answered with an error of its own (5xx, 408). */
  | 'unavailable'
  /** No answer: refused, reset, timed out. */
  | 'unreachable'
  /** The host's name is not known. It is mostly mistyped, so that there are few tries. */
  | 'unknown-host'
  /** The registry's certificate is not trusted, or it does not speak TLS although it must. */
  | 'tls'
  /** The answer violates the protocol: a wrong digest, too large, not JSON, a redirect that is not followed. */
  | 'bad-response'
  | 'aborted'

/** Why a request to a registry failed. Credentials that the registry has echoed are removed. */
export interface RegistryError {
  readonly kind: RegistryErrorKind
  /** As people write it: `docker.io/library/busybox:1.36`. */
  readonly image: string
  /** Host that was asked. */
  readonly registry: string
  readonly status?: number
  /** One clause for people. */
  readonly detail: string
  readonly retryable: boolean
  /** What the registry asked for by Retry-After, in ms. */
  readonly retryAfterMs?: number
}

/** One line that names image, registry and cause. */
export function describeRegistryError(error: RegistryError): string {
  const at = error.image.startsWith(`${error.registry}/`) ? error.image : `${error.image} (${error.registry})`
  const status = error.status === undefined ? '' : ` (HTTP ${error.status})`
  const wait = error.retryAfterMs === undefined || error.retryAfterMs === 0 ? '' : `; it allows the next request in ${spanOf(error.retryAfterMs)}`
  return `${phrases[error.kind]}: ${at}: ${error.detail}${status}${wait}`
}

/** `90 s`, `60 min`, `3 h 20 min`; rounded up. */
function spanOf(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
}

const phrases: { readonly [K in RegistryErrorKind]: string } = {
  unauthorized: 'registry denied access',
  'not-found': 'image not found',
  'rate-limited': 'registry limits the rate of requests',
  unavailable: 'registry failed',
  unreachable: 'registry cannot be reached',
  'unknown-host': 'registry cannot be reached',
  tls: 'no secure connection to the registry',
  'bad-response': 'registry answered wrongly',
  aborted: 'aborted',
}

/** Text from outside as part of one line: no control characters, bounded, and without any of the secrets. */
export function cleanText(text: string, secrets: readonly string[], limit = 300): string {
  let clean = text
  for (const secret of secrets) if (secret.length > 0) clean = clean.replaceAll(secret, '((redacted))')
  // oxlint-disable-next-line no-control-regex
  clean = clean.replaceAll(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim()
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean
}

import { ownWords } from '../../lib/own-words.ts'

/** What a kubelet's words about a pull mean for the step that waits for it. */
export interface PullFailure {
  /** The kubelet's own words, without gRPC's wrapping; with what to do about it where we know. */
  readonly message: string
  /** Trying again will not help. */
  readonly permanent: boolean
}

const passing =
  /connection refused|timed? ?out|deadline exceeded|no such host|temporary failure|connection reset|broken pipe|unexpected EOF|: EOF|no route to host|network is unreachable|too ?many ?requests|rate ?limit|pull QPS exceeded|unexpected status(?: code)?[^0-9]*(?:429|5\d\d)|\b(?:500 Internal|502 Bad|503 Service|504 Gateway)|registry is unavailable|server misbehaving/i
const lasting =
  /not found|manifest unknown|name unknown|blob unknown|does not exist|unauthori[sz]ed|authorization failed|authentication required|no basic auth|access denied|denied:|forbidden|unexpected status(?: code)?[^0-9]*4\d\d|no match for platform|no matching manifest|invalid reference|couldn't parse image|x509:|tls: |HTTP response to HTTPS client|unsupported|digest|not present with pull policy|signature validation/i

/** Reasons of a waiting container that are about its image, where the words alone would not say it. */
const lastingReasons = new Set(['InvalidImageName', 'ErrImageNeverPull', 'SignatureValidationFailed'])
const pullReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'ImageInspectError', 'RegistryUnavailable', ...lastingReasons])

export const isPullReason = (reason: string | undefined): boolean => reason !== undefined && pullReasons.has(reason)

/** `details`: what events said about it, newest first; the status of a back-off may have lost the cause. */
export function readPullFailure(reason: string, message: string, details: readonly string[]): PullFailure {
  const own = unwrap(message)
  const text = /^Back-off pulling image "[^"]*"$/.test(own) || own === '' ? (details.map(unwrap).find((one) => !one.startsWith('Back-off')) ?? own) : own
  // An image called `rate-limit` must not be waited for, nor one called `denied` be given up.
  const images = [message, ...details].flatMap((one) => [...one.matchAll(/image "([^"\s]+)"/g)].map(([, image = '']) => image))
  const words = ownWords(text, images)
  const permanent = lastingReasons.has(reason) || (!passing.test(words) && lasting.test(words))
  return { message: withAdvice(text === '' ? reason : text), permanent }
}

const unwrap = (text: string): string =>
  text
    .replace(/^Back-off pulling image "[^"]*": (?:ErrImagePull: )?/, '')
    .replace(/^Failed to pull image "[^"]*": /, '')
    .replaceAll(/rpc error: code = \w+ desc = /g, '')
    .trim()
    .slice(0, 2000)

function withAdvice(text: string): string {
  if (/HTTP response to HTTPS client/.test(text)) {
    return `${text} — the registry speaks plain HTTP and the node insists on TLS: allow it on every node, in containerd's /etc/containerd/certs.d/<host:port>/hosts.toml (server = "http://<host:port>")`
  }
  if (/x509:/.test(text)) {
    return `${text} — the node does not trust the registry's certificate: name its CA on every node, in containerd's /etc/containerd/certs.d/<host:port>/hosts.toml (ca = …)`
  }
  return text
}

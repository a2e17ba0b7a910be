import { ownWords } from '../../lib/own-words.ts'

/** Whether a failed pull may succeed when it is repeated, from the engine's message. */
export interface PullFailure {
  readonly retryable: boolean
  /** One line; with what to do about it where that is known. */
  readonly message: string
}

const permanent =
  /manifest unknown|not found|name unknown|repository .*not known|unauthorized|authentication required|denied|forbidden|invalid reference|no matching manifest|no image found in|unsupported|toomanyrequests: you have reached/i

const transient =
  /connection refused|connection reset|i\/o timeout|timeout exceeded|deadline exceeded|\bEOF\b|no such host|server misbehaving|network is unreachable|no route to host|broken pipe|handshake timeout|too ?many ?requests|received unexpected HTTP status: 5\d\d|status code 5\d\d|\b50[0234]\b/i

/** Pure. `names`: the image's, as the engine may say them. Unknown messages count as permanent: an error is better for the user than waiting in vain. */
export function pullFailure(said: string, host: string, names: readonly string[] = []): PullFailure {
  const message = said.replace(/\s+/g, ' ').trim()
  const words = ownWords(message, names)
  if (/server gave HTTP response to HTTPS client/i.test(words)) {
    return {
      retryable: false,
      message: `${message} (the engine insists on TLS for ${host}: list it under insecure-registries in Docker's daemon.json, or with insecure = true in Podman's registries.conf)`,
    }
  }
  if (/x509|certificate/i.test(words)) {
    return { retryable: false, message: `${message} (put the registry's CA into /etc/docker/certs.d/${host}/ca.crt or /etc/containers/certs.d/${host}/ca.crt)` }
  }
  return { retryable: transient.test(words) && !permanent.test(words), message }
}

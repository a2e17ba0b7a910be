import { describe, expect, it } from 'vitest'
import { readPullFailure } from './pull-errors.ts'

/** As kubelets and containerd say it. */
const lasting = {
  'no manifest': 'rpc error: code = NotFound desc = failed to pull and unpack image "127.0.0.1:5000/missing:1": failed to resolve reference "127.0.0.1:5000/missing:1": 127.0.0.1:5000/missing:1: not found',
  'no layer': 'failed to pull and unpack image "r/a:1": failed to copy: httpReadSeeker: failed open: content at https://r/v2/a/blobs/sha256:00 not found: not found',
  'not allowed': 'failed to pull and unpack image "r/a:1": failed to resolve reference "r/a:1": unexpected status from HEAD request to https://r/v2/a/manifests/1: 401 Unauthorized',
  'denied': 'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  'forbidden': 'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden',
  'architecture': 'failed to pull and unpack image "r/a:1": no match for platform in manifest: not found',
  'certificate': 'failed to do request: Head "https://r/v2/a/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  'plain http': 'failed to do request: Head "https://r:5000/v2/a/manifests/1": http: server gave HTTP response to HTTPS client',
}
const passing = {
  'down': 'failed to do request: Head "http://127.0.0.1:5000/v2/a/manifests/1": dial tcp 127.0.0.1:5000: connect: connection refused',
  'dns': 'dial tcp: lookup registry.example on 10.0.0.2:53: no such host',
  'slow': 'failed to do request: Head "https://r/v2/": net/http: TLS handshake timeout',
  'rate': 'unexpected status from HEAD request to https://registry-1.docker.io/v2/library/a/manifests/1: 429 Too Many Requests',
  'rate in words': 'toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading',
  'broken': 'unexpected status from GET request to https://r/v2/a/blobs/sha256:00: 503 Service Unavailable',
  'cut': 'failed to copy: read tcp 10.0.0.1:1->10.0.0.2:443: read: connection reset by peer',
}

describe('readPullFailure', () => {
  it.each(Object.entries(lasting))('gives up at once: %s', (_name, text) => {
    expect(readPullFailure('ErrImagePull', text, []).permanent).toBe(true)
  })
  it.each(Object.entries(passing))('tries again: %s', (_name, text) => {
    expect(readPullFailure('ErrImagePull', text, []).permanent).toBe(false)
  })
  it('finds the cause in a back-off', () => {
    const failure = readPullFailure('ImagePullBackOff', `Back-off pulling image "a": ErrImagePull: ${lasting['no manifest']}`, [])
    expect(failure).toEqual({ permanent: true, message: lasting['no manifest'].replace('rpc error: code = NotFound desc = ', '') })
  })
  it('finds the cause in an event where a back-off does not say it', () => {
    const events = ['Back-off pulling image "a"', `Failed to pull image "a": ${lasting['not allowed']}`]
    expect(readPullFailure('ImagePullBackOff', 'Back-off pulling image "a"', events)).toMatchObject({ permanent: true, message: lasting['not allowed'] })
  })
  it('decides nothing by what an image is called', () => {
    const image = (name: string, text: string) => readPullFailure('ErrImagePull', `failed to pull and unpack image "r.io/${name}:1": failed to resolve reference "r.io/${name}:1": r.io/${name}:1: ${text}`, [])
    expect(image('acme/ratelimit', 'not found').permanent).toBe(true)
    expect(image('forbidden/digest', 'something that may pass').permanent).toBe(false)
  })
  it('says what to set on the node', () => {
    expect(readPullFailure('ErrImagePull', lasting['plain http'], []).message).toMatch(/plain HTTP.*hosts\.toml/)
    expect(readPullFailure('ErrImagePull', lasting.certificate, []).message).toMatch(/certificate.*hosts\.toml/)
  })
  it('takes reasons that say it all by themselves', () => {
    expect(readPullFailure('InvalidImageName', '', [])).toEqual({ permanent: true, message: 'InvalidImageName' })
  })
})

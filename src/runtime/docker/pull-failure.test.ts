import { describe, expect, it } from 'vitest'
import { pullFailure } from './pull-failure.ts'

describe('pullFailure', () => {
  it.each([
    'initializing source docker://r/x: pinging container registry r: Get "https://r/v2/": dial tcp 127.0.0.1:5: connect: connection refused',
    'Get "https://r/v2/": net/http: TLS handshake timeout',
    'received unexpected HTTP status: 503 Service Unavailable',
    'Get "https://r/v2/": dial tcp: lookup r: no such host',
    'unexpected EOF',
  ])('tries again: %s', (words) => {
    expect(pullFailure(words, 'r').retryable).toBe(true)
  })

  it.each([
    'reading manifest 1 in r/x: manifest unknown',
    'manifest for r/x:1 not found: manifest unknown: manifest unknown',
    'unauthorized: authentication required',
    'pull access denied for x, repository does not exist or may require docker login',
    'no matching manifest for linux/amd64 in the manifest list entries',
    'something that nobody has seen before',
  ])('fails at once: %s', (words) => {
    expect(pullFailure(words, 'r')).toEqual({ retryable: false, message: words })
  })

  it('says what to set where the engine insists on TLS', () => {
    const { retryable, message } = pullFailure('Get "https://r:5000/v2/": http: server gave HTTP response to HTTPS client', 'r:5000')
    expect(retryable).toBe(false)
    expect(message).toContain('insecure-registries')
    expect(message).toContain('r:5000')
  })

  it('decides nothing by what an image is called', () => {
    expect(pullFailure('reading manifest 1 in r/denied-certificate: i/o timeout', 'r', ['r/denied-certificate:1']).retryable).toBe(true)
    expect(pullFailure('initializing source docker://r/toomanyrequests:1: something else', 'r', ['r/toomanyrequests:1']).retryable).toBe(false)
  })

  it('says where a CA goes', () => {
    expect(pullFailure('x509: certificate signed by unknown authority', 'r:5000').message).toContain('/etc/docker/certs.d/r:5000/ca.crt')
  })

  it('puts several lines into one', () => {
    expect(pullFailure('one\n  two\r\n', 'r').message).toBe('one two')
  })
})

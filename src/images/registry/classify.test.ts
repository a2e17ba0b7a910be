import { expect, it } from 'vitest'
import { errorOfStatus, errorOfThrown, retryAfter } from './classify.ts'
import { cleanText, describeRegistryError } from './registry-error.ts'

const context = { target: { registry: 'docker.io', repository: 'library/busybox' }, reference: '1.36' }
const now = Date.UTC(2026, 0, 1)

it.each([
  [401, 'unauthorized', false],
  [403, 'unauthorized', false],
  [404, 'not-found', false],
  [408, 'unavailable', true],
  [410, 'not-found', false],
  [418, 'bad-response', false],
  [429, 'rate-limited', true],
  [500, 'unavailable', true],
  [501, 'unavailable', false],
  [503, 'unavailable', true],
])('status %i is %s, tried again: %s', (status, kind, retryable) => {
  expect(errorOfStatus(context, { status, headers: {}, body: '' }, { now: () => now })).toMatchObject({ kind, retryable, status })
})

it.each([
  ['ENOTFOUND', 'unknown-host', true, 'its name is not known'],
  ['ECONNREFUSED', 'unreachable', true, 'connection refused'],
  ['UND_ERR_HEADERS_TIMEOUT', 'unreachable', true, 'no answer in time'],
  ['UND_ERR_INVALID_ARG', 'unreachable', false, ''],
  ['CERT_HAS_EXPIRED', 'tls', false, 'has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', false, 'another name'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', false, 'does not speak TLS'],
])('%s is %s, tried again: %s', (code, kind, retryable, words) => {
  const inner = Object.assign(new Error('inner'), { code })
  for (const thrown of [inner, new TypeError('outer', { cause: inner }), new AggregateError([inner])]) {
    const error = errorOfThrown(context, thrown, 'registry-1.docker.io')
    expect(error).toMatchObject({ kind, retryable })
    expect(error.detail).toContain(words)
  }
})

it("shows the registry's own message in one line", () => {
  const body = JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: 'pull rate\nlimit \u001b[31mreached' }] })
  const error = errorOfStatus(context, { status: 429, headers: { 'retry-after': '30' }, body }, { now: () => now })
  expect(error.retryAfterMs).toBe(30_000)
  expect(describeRegistryError(error)).toBe('registry limits the rate of requests: docker.io/library/busybox:1.36: pull rate limit [31mreached (HTTP 429); it allows the next request in 30 s')
})

it('shows no body that is not an error document', () => {
  expect(JSON.stringify(errorOfStatus(context, { status: 500, headers: {}, body: '<html>internal-data</html>' }, { now: () => now }))).not.toContain('internal-data')
})

it.each([
  ['5', 5000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
  ['Thu, 01 Jan 2020 00:00:10 GMT', 0],
  ['999999999', 86_400_000],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s is %s ms', (header, ms) => {
  expect(retryAfter(header, now)).toBe(ms)
})

it('cleanText bounds and redacts', () => {
  expect(cleanText(`a${'b'.repeat(400)}`, [])).toHaveLength(301)
  expect(cleanText('x pw y pw', ['pw', ''])).toBe('x ((redacted)) y ((redacted))')
})

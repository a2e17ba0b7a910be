import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { countTraffic } from '../../lib/traffic.ts'
import type { Clock } from '../../lib/clock.ts'
import { startRegistry, type RunningRegistry } from '../server/start-registry.ts'
import { answer, basicAuthFault, startFaultProxy, startTokenService, tokenAuthFault, type FaultProxy } from '../testing/fault-proxy.ts'
import { pushSample } from '../testing/sample-image.ts'
import { digestOf } from './digest-cache.ts'
import { RegistryClient } from './registry-client.ts'
import { describeRegistryError } from './registry-error.ts'
import type { Retry } from './retry.ts'
import { basicAuth, type RegistryTarget } from './target.ts'

const password = 'canary-s3cret/+="\\'
const credentials = { username: 'someone', password }

let dir: string
let registry: RunningRegistry
let proxy: FaultProxy
let client: RegistryClient
let slept: number[]
let time: number
let digest: string

/** Sleeping takes no time but is counted. */
const clock: Clock = {
  now: () => time,
  sleep: (ms, signal) => {
    signal?.throwIfAborted()
    slept.push(ms)
    time += ms
    return Promise.resolve()
  },
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-registry-'))
  registry = await startRegistry({ dir })
  digest = await pushSample({ registry: registry.host, repository: 'team/app' }, 'v1')
})
afterAll(async () => {
  await registry.stop()
  await rm(dir, { recursive: true })
})
beforeEach(async () => {
  slept = []
  time = Date.UTC(2026, 0, 1)
  proxy = await startFaultProxy(registry.host)
  client = new RegistryClient({ clock, random: () => 0.5, timeouts: { connectMs: 2000, headersMs: 2000, bodyMs: 300 } })
})
afterEach(async () => {
  await client.close()
  await proxy.stop()
})

const target = (more: Partial<RegistryTarget> = {}): RegistryTarget => ({ registry: proxy.host, repository: 'team/app', ...more })

describe('a manifest by its tag', () => {
  it('is one HEAD each time', async () => {
    expect(await client.headManifest(target(), 'v1')).toEqual({ ok: true, value: { digest } })
    expect(await client.headManifest(target(), 'v1')).toEqual({ ok: true, value: { digest } })
    expect(proxy.calls()).toEqual(['HEAD manifests', 'HEAD manifests'])
  })

  it.each([400, 403, 404, 405, 406, 501])('falls back to GET where HEAD is answered with %i', async (status) => {
    proxy.fault = (request, response) => request.method === 'HEAD' && answer(response, status)
    expect(await client.headManifest(target(), 'v1')).toEqual({ ok: true, value: { digest } })
    expect(proxy.calls()).toEqual(['HEAD manifests', 'GET manifests'])
  })

  it('falls back to GET where HEAD names no digest, and computes it', async () => {
    proxy.fault = (request, response) => request.method === 'HEAD' && answer(response, 200)
    expect(await client.headManifest(target(), 'v1')).toEqual({ ok: true, value: { digest } })
  })

  it('fails at once when it does not exist', async () => {
    const result = await client.headManifest(target(), 'v2')
    expect(result).toMatchObject({ ok: false, error: { kind: 'not-found', status: 404, retryable: false } })
    expect(proxy.calls()).toEqual(['HEAD manifests', 'GET manifests'])
    expect(slept).toEqual([])
    if (!result.ok) expect(describeRegistryError(result.error)).toBe(`image not found: ${proxy.host}/team/app:v2: manifest unknown: v2 (HTTP 404)`)
  })
})

describe('answers by digest', () => {
  it('are fetched once', async () => {
    await client.getManifest(target(), digest)
    await client.getManifest(target(), digest)
    expect(proxy.calls()).toEqual(['GET manifests'])
  })

  it('are not shown to another repository', async () => {
    await client.getManifest(target(), digest)
    expect(await client.getManifest(target({ repository: 'other/app' }), digest)).toMatchObject({ ok: false, error: { kind: 'not-found' } })
  })

  it('are refused when they do not match the digest', async () => {
    proxy.fault = (_request, response) => answer(response, 200, { 'docker-content-digest': digest }, '{"forged":true}')
    const result = await client.getManifest(target(), digest)
    expect(result).toMatchObject({ ok: false, error: { kind: 'bad-response' } })
    proxy.fault = undefined
    expect((await client.getManifest(target(), digest)).ok).toBe(true)
  })

  it('are refused when HEAD names another digest', async () => {
    proxy.fault = (_request, response) => answer(response, 200, { 'docker-content-digest': digestOf('other') })
    expect(await client.headManifest(target(), digest)).toMatchObject({ ok: false, error: { kind: 'bad-response' } })
  })

  it('are bounded', async () => {
    proxy.fault = (_request, response) => answer(response, 200, {}, 'x'.repeat(4 * 1024 * 1024 + 1))
    expect(await client.getManifest(target(), digest)).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: expect.stringContaining('larger than') as string } })
  })
})

describe('temporary failures are tried again', () => {
  it('500, 502, 503, then an answer', async () => {
    const statuses = [500, 502, 503]
    proxy.fault = (_request, response) => {
      const status = statuses.shift()
      return status !== undefined && answer(response, status)
    }
    const retries: Retry[] = []
    const result = await client.headManifest(target(), 'v1', { onRetry: (retry) => retries.push(retry) })
    expect(result).toEqual({ ok: true, value: { digest } })
    expect(slept).toEqual([188, 375, 750])
    expect(retries.map(({ attempt, error }) => [attempt, error.kind, error.status])).toEqual([
      [1, 'unavailable', 500],
      [2, 'unavailable', 502],
      [3, 'unavailable', 503],
    ])
  })

  it('429: waits as long as Retry-After says', async () => {
    let first = true
    proxy.fault = (_request, response) => {
      if (!first) return false
      first = false
      return answer(response, 429, { 'retry-after': '7' })
    }
    expect(await client.headManifest(target(), 'v1')).toEqual({ ok: true, value: { digest } })
    expect(slept).toEqual([7000])
  })

  it('429 with a longer Retry-After than allowed fails at once', async () => {
    proxy.fault = (_request, response) => answer(response, 429, { 'retry-after': '3600' })
    expect(await client.headManifest(target(), 'v1')).toMatchObject({ ok: false, error: { kind: 'rate-limited', retryAfterMs: 3_600_000, status: 429 } })
    expect(slept).toEqual([])
  })

  it('a reset connection', async () => {
    let resets = 2
    proxy.fault = (request) => {
      if (resets-- <= 0) return false
      request.socket.resetAndDestroy()
      return true
    }
    expect(await client.headManifest(target(), 'v1')).toEqual({ ok: true, value: { digest } })
  })

  it('a body that breaks off, and one that stops coming', async () => {
    const faults = ['cut', 'stall']
    proxy.fault = (_request, response) => {
      const fault = faults.shift()
      if (fault === undefined) return false
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"start":')
      if (fault === 'cut') response.destroy()
      return true
    }
    const result = await client.getManifest(target(), 'v1')
    expect(result).toMatchObject({ ok: true, value: { digest } })
    expect(slept).toHaveLength(2)
  })

  it('ends with the last error', async () => {
    proxy.fault = (_request, response) => answer(response, 503)
    expect(await client.headManifest(target(), 'v1')).toMatchObject({ ok: false, error: { kind: 'unavailable', status: 503 } })
    expect(proxy.calls()).toHaveLength(9)
    expect(slept.reduce((a, b) => a + b)).toBeLessThanOrEqual(45_000)
  })

  it('a registry that does not run', async () => {
    await proxy.stop()
    const result = await client.headManifest(target(), 'v1')
    expect(result).toMatchObject({ ok: false, error: { kind: 'unreachable', retryable: true } })
    if (!result.ok) expect(describeRegistryError(result.error)).toContain('connection refused')
    expect(slept).toHaveLength(8)
  })
})

describe('credentials', () => {
  it('basic: one challenge, then the credentials are sent at once', async () => {
    proxy.fault = basicAuthFault(credentials.username, credentials.password)
    expect((await client.headManifest(target({ credentials }), 'v1')).ok).toBe(true)
    expect((await client.headManifest(target({ credentials }), 'v1')).ok).toBe(true)
    expect(proxy.calls()).toHaveLength(3)
    expect(proxy.seen[0]?.authorization).toBeUndefined()
  })

  it.each([
    [undefined, 'no credentials were given'],
    [{ username: 'someone', password: 'wrong' }, 'the credentials do not allow it'],
  ])('basic: refused with %j', async (wrong, words) => {
    proxy.fault = basicAuthFault(credentials.username, credentials.password)
    const result = await client.headManifest(target(wrong === undefined ? {} : { credentials: wrong }), 'v1')
    expect(result).toMatchObject({ ok: false, error: { kind: 'unauthorized', status: 401, retryable: false, detail: expect.stringContaining(words) as string } })
    expect(slept).toEqual([])
  })

  it('token: fetched once, and again when it has expired or is revoked', async () => {
    const service = await startTokenService((authorization) => authorization === `Basic ${basicAuth(credentials)}`)
    proxy.fault = tokenAuthFault(service)
    const head = () => client.headManifest(target({ credentials }), 'v1')
    expect((await head()).ok).toBe(true)
    expect((await Promise.all(Array.from({ length: 20 }, head))).every(({ ok }) => ok)).toBe(true)
    expect(service.seen).toHaveLength(1)
    expect(service.seen[0]?.url).toBe('/token?service=test&scope=repository%3Ateam%2Fapp%3Apull')

    time += 301_000
    expect((await Promise.all(Array.from({ length: 20 }, head))).every(({ ok }) => ok)).toBe(true)
    expect(service.seen).toHaveLength(2)

    service.valid.clear()
    expect((await head()).ok).toBe(true)
    expect(service.seen).toHaveLength(3)
    // The password went to the token service alone.
    expect(proxy.seen.some(({ authorization }) => authorization?.startsWith('Basic '))).toBe(false)
    await service.stop()
  })

  it('token: anonymous, and never shared between identities', async () => {
    const service = await startTokenService(() => true)
    proxy.fault = tokenAuthFault(service)
    expect((await client.headManifest(target(), 'v1')).ok).toBe(true)
    expect((await client.headManifest(target({ credentials }), 'v1')).ok).toBe(true)
    expect((await client.headManifest(target({ credentials: { ...credentials, username: 'other' } }), 'v1')).ok).toBe(true)
    expect((await client.headManifest(target(), 'v1')).ok).toBe(true)
    expect(service.seen.map(({ authorization }) => authorization !== undefined)).toEqual([false, true, true])
    await service.stop()
  })

  it('token: an identity token is exchanged, never sent as a password', async () => {
    const service = await startTokenService(() => true)
    proxy.fault = tokenAuthFault(service)
    expect((await client.headManifest(target({ credentials: { username: '<token>', password: 'identity' } }), 'v1')).ok).toBe(true)
    expect(service.seen.map(({ method, authorization }) => [method, authorization])).toEqual([['POST', undefined]])
    await service.stop()
  })

  it('token: refused by the service', async () => {
    const service = await startTokenService(() => false)
    proxy.fault = tokenAuthFault(service)
    const result = await client.headManifest(target({ credentials }), 'v1')
    expect(result).toMatchObject({ ok: false, error: { kind: 'unauthorized', detail: `the token service ${service.host} refused the credentials` } })
    await service.stop()
  })

  it('token: a service that fails temporarily is asked again', async () => {
    const service = await startTokenService(() => true)
    const normal = service.fault
    let failures = 2
    service.fault = (request, response, body) => (failures-- > 0 ? answer(response, 503) : (normal?.(request, response, body) ?? false))
    proxy.fault = tokenAuthFault(service)
    expect((await client.headManifest(target(), 'v1')).ok).toBe(true)
    expect(slept).toHaveLength(2)
    await service.stop()
  })

  it('do not follow a redirect to another host, and a challenge from there is not answered', async () => {
    const elsewhere = await startFaultProxy(registry.host)
    const auth = basicAuthFault(credentials.username, credentials.password)
    proxy.fault = (request, response, body) =>
      request.url?.includes('/manifests/') === true
        ? (auth(request, response, body) as boolean) || answer(response, 307, { location: `${elsewhere.url}${request.url}` })
        : false
    expect((await client.getManifest(target({ credentials }), 'v1')).ok).toBe(true)
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined])

    elsewhere.fault = basicAuthFault(credentials.username, credentials.password)
    expect(await client.headManifest(target({ credentials }), 'v1')).toMatchObject({ ok: false, error: { kind: 'unauthorized' } })
    expect(elsewhere.seen.every(({ authorization }) => authorization === undefined)).toBe(true)
    await elsewhere.stop()
  })

  it('follow a redirect on the same host', async () => {
    const auth = basicAuthFault(credentials.username, credentials.password)
    proxy.fault = (request, response, body) => {
      if (auth(request, response, body) === true) return true
      return request.url?.endsWith('/moved') === true && answer(response, 302, { location: '/v2/team/app/manifests/v1' })
    }
    expect(await client.headManifest(target({ credentials }), 'moved')).toEqual({ ok: true, value: { digest } })
  })

  it('a redirect loop fails', async () => {
    proxy.fault = (request, response) => answer(response, 302, { location: request.url ?? '' })
    expect(await client.headManifest(target(), 'v1')).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: 'too many redirects' } })
  })
})

it('no error has a credential, whatever the registry echoes', async () => {
  const forms = [password, encodeURIComponent(password), basicAuth(credentials)]
  const service = await startTokenService(() => true)
  const echo = (status: number) => (request: { headers: { authorization?: string | undefined } }) =>
    JSON.stringify({ errors: [{ code: 'X', message: `you sent ${request.headers.authorization ?? ''} and ${forms.join(' ')} ${status}` }] })
  for (const status of [400, 401, 403, 404, 418, 429, 500]) {
    for (const challenge of ['Basic realm="x"', `Bearer realm="${service.url}/token"`]) {
      const fresh = new RegistryClient({ clock, random: () => 0.5, retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 } })
      proxy.fault = (request, response) =>
        request.headers.authorization === undefined ? answer(response, 401, { 'www-authenticate': challenge }) : answer(response, status, {}, echo(status)(request))
      for (const result of [await fresh.getManifest(target({ credentials }), 'v1'), await fresh.listTags(target({ credentials }))]) {
        expect(result.ok).toBe(false)
        const text = JSON.stringify(result) + (result.ok ? '' : describeRegistryError(result.error))
        for (const form of [...forms, ...service.valid]) expect(text).not.toContain(form)
        expect(text).toContain('redacted')
      }
      await fresh.close()
    }
  }
  await service.stop()
})

describe('a list of tags', () => {
  it('is read page by page', async () => {
    proxy.fault = (request, response) => {
      const url = new URL(request.url ?? '', proxy.url)
      const page = Number(url.searchParams.get('last') ?? 0)
      const link: Record<string, string> = page < 2 ? { link: `<${page === 0 ? '' : proxy.url}/v2/team/app/tags/list?last=${page + 1}&n=2>; rel="next"` } : {}
      return answer(response, 200, link, JSON.stringify({ name: 'team/app', tags: [`a${page}`, `b${page}`, '../evil'] }))
    }
    expect(await client.listTags(target())).toEqual({ ok: true, value: ['a0', 'b0', 'a1', 'b1', 'a2', 'b2'] })
  })

  it('may be null', async () => {
    proxy.fault = (_request, response) => answer(response, 200, {}, JSON.stringify({ tags: null }))
    expect(await client.listTags(target())).toEqual({ ok: true, value: [] })
  })

  it('whose pages form a cycle is an error', async () => {
    proxy.fault = (request, response) => answer(response, 200, { link: `<${request.url?.endsWith('last=2') === true ? '?last=1' : '?last=2'}>; rel="next"` }, JSON.stringify({ tags: ['1'] }))
    expect(await client.listTags(target())).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: expect.stringContaining('leads in a circle') as string } })
    expect(proxy.seen).toHaveLength(3)
  })

  it.each([
    ["Nexus: the path of its main port", '<http://127.0.0.1:1/repository/docker-proxy/v2/team/app/tags/list?n=1000&last=1>; rel="next"'],
    ['Artifactory: a path without the virtual repository', '</v2/app/tags/list?last=1&n=1000>; rel="next"'],
    ['several relation types', '</v2/team/app/tags/list?last=1>; rel="last next"'],
    ['no brackets', '/v2/team/app/tags/list?last=1; rel=next'],
  ])('is followed where the link has %s', async (_what, link) => {
    proxy.fault = (request, response) =>
      request.url?.startsWith('/v2/team/app/tags/list?') === true &&
      (request.url.includes('last=1') ? answer(response, 200, {}, JSON.stringify({ tags: ['2.0.0'] })) : answer(response, 200, { link }, JSON.stringify({ tags: ['1.0.0'] })))
    expect(await client.listTags(target())).toEqual({ ok: true, value: ['1.0.0', '2.0.0'] })
  })

  it.each(['<> ; rel="next" <', '</other?last=1>; rel="next"', '<http://>; rel="next"'])('whose next page cannot be found is an error: %s', async (link) => {
    proxy.fault = (_request, response) => answer(response, 200, { link }, JSON.stringify({ tags: ['1.0.0'] }))
    expect(await client.listTags(target())).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: expect.stringContaining('has further pages that cannot be found') as string } })
  })

  it.each(['[]', '3', '{"tags":{}}', '{"tags":[1]}'])('that is none is an error: %s', async (body) => {
    proxy.fault = (_request, response) => answer(response, 200, {}, body)
    expect(await client.listTags(target())).toMatchObject({ ok: false, error: { kind: 'bad-response' } })
  })
})

describe('a blob as a stream', () => {
  const blobDigest = digestOf('hello blob')
  it.each([
    ['hello blob', 100, 'ok'],
    ['hello blot', 100, 'came damaged'],
    ['hello blob', 5, 'larger than 5 bytes'],
  ])('%s with limit %i: %s', async (content, limit, expected) => {
    proxy.fault = (_request, response) => answer(response, 200, {}, content)
    const opened = await client.openBlob(target(), blobDigest, limit)
    if (!opened.ok) throw new Error(opened.error.detail)
    const outcome = await opened.value.toArray().then(() => 'ok', (error: unknown) => String(error))
    expect(outcome).toContain(expected)
  })

  it('errors when it breaks off', async () => {
    proxy.fault = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('hello')
      setImmediate(() => response.destroy())
      return true
    }
    const opened = await client.openBlob(target(), blobDigest, 100)
    if (!opened.ok) throw new Error(opened.error.detail)
    await expect(opened.value.toArray()).rejects.toThrow()
  })
})

describe('abort', () => {
  it('ends a request that is under way', async () => {
    const abort = new AbortController()
    proxy.fault = () => {
      abort.abort()
      return true
    }
    expect(await client.headManifest(target(), 'v1', { signal: abort.signal })).toMatchObject({ ok: false, error: { kind: 'aborted' } })
  })

  it('ends a pause', async () => {
    const abort = new AbortController()
    proxy.fault = (_request, response) => answer(response, 503)
    const result = await client.headManifest(target(), 'v1', { signal: abort.signal, onRetry: () => abort.abort() })
    expect(result).toMatchObject({ ok: false, error: { kind: 'aborted' } })
    expect(proxy.calls()).toHaveLength(1)
  })
})

it('counts what it sends: one request for a known registry, the bytes of a blob that it puts', async () => {
  const target: RegistryTarget = { registry: registry.host, repository: 'team/counted' }
  await client.hasBlob(target, digest)
  const traffic = { requests: 0, layerBytes: 0 }
  expect(await countTraffic(traffic, () => client.hasBlob(target, digest))).toMatchObject({ ok: true })
  expect(traffic).toEqual({ requests: 1, layerBytes: 0 })
  const content = Buffer.from('a layer of 21 bytes..')
  const put = await countTraffic(traffic, () => client.putBlob(target, { digest: digestOf(content), size: content.length, open: () => Readable.from([content]) }))
  expect(put).toMatchObject({ ok: true })
  expect(traffic).toEqual({ requests: 3, layerBytes: 21 })
})

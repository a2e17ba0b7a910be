import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../lib/clock.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Result } from '../../model/result.ts'
import { digestOf } from '../registry/digest-cache.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../server/start-registry.ts'
import { answer, startFaultProxy, type Fault, type FaultProxy } from '../testing/fault-proxy.ts'
import { pushSample } from '../testing/sample-image.ts'
import { describeImageError, type ImageError } from './image-error.ts'
import { ImageResolver } from './image-resolver.ts'

const secret = 'canary-pw-0123456789'

let dir: string
let registry: RunningRegistry
let proxy: FaultProxy
let client: RegistryClient
let digest: string
let time: number
let slept: number[]
const clock: Clock = {
  now: () => time,
  sleep: (ms) => {
    slept.push(ms)
    time += ms
    return Promise.resolve()
  },
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-faults-'))
  registry = await startRegistry({ dir })
  digest = await pushSample({ registry: registry.host, repository: 'app' }, '1')
})
afterAll(async () => {
  await registry.stop()
  await rm(dir, { recursive: true })
})
beforeEach(async () => {
  time = Date.UTC(2026, 10, 25, 12)
  slept = []
  proxy = await startFaultProxy(registry.host)
  client = new RegistryClient({ clock, random: () => 0.5, timeouts: { headersMs: 300, bodyMs: 300, documentMs: 600 } })
})
afterEach(async () => {
  await client.close()
  await proxy.stop()
})

const source = (): JsonObject => ({ repository: `${proxy.host}/app`, tag: '1', username: 'joe', password: secret })
const resolve = () => new ImageResolver(client).resolve({ source: source() })
const words = (result: Result<unknown, ImageError>): string => (result.ok ? 'ok' : describeImageError(result.error))

type Kind = 'HEAD manifests' | 'GET manifests' | 'GET blobs'
const kindOf = (method = '', url = ''): string => `${method} ${/\/(manifests|blobs)\//.exec(url)?.[1] ?? ''}`

/** The first `times` requests of a kind get what `fault` gives them; counts how often it did. */
function failing(kind: Kind, times: number, fault: Fault): { count: number } {
  const seen = { count: 0 }
  proxy.fault = (request, response, body) => {
    if (kindOf(request.method, request.url) !== kind || seen.count >= times) return false
    seen.count++
    return fault(request, response, body)
  }
  return seen
}

const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Fault =>
  (_request, response) =>
    answer(response, code, headers, body)
const reset: Fault = (request) => {
  request.socket.resetAndDestroy()
  return true
}
/** Says that more comes than does, and then closes or is silent. */
const partly =
  (text: string, then: 'close' | 'silence'): Fault =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write(text, () => void (then === 'close' && response.destroy()))
    return true
  }
/** A little every now and then, without end. */
const dripping: Fault = (_request, response) => {
  response.writeHead(200)
  const timer = setInterval(() => response.write(' '), 50)
  response.on('close', () => clearInterval(timer))
  return true
}

describe('temporary failures are tried again, and the image is found', () => {
  const kinds: Kind[] = ['HEAD manifests', 'GET manifests', 'GET blobs']
  it.each(kinds.flatMap((kind) => [500, 502, 503, 504, 408, 429].map((code) => [kind, code] as const)))('%s: %i', async (kind, code) => {
    const seen = failing(kind, 2, status(code))
    expect(words(await resolve())).toBe('ok')
    expect(seen.count).toBe(2)
    expect(slept).toEqual([188, 375])
  })

  it.each(kinds)('%s: a reset connection', async (kind) => {
    const seen = failing(kind, 2, reset)
    expect(words(await resolve())).toBe('ok')
    // A lost connection may hide a registry that speaks TLS: where plain HTTP is only guessed, that is asked too.
    expect(seen.count).toBeGreaterThanOrEqual(2)
  })

  it.each<[Kind, string, Fault]>([
    ['GET manifests', 'a body that breaks off', partly('{"schema', 'close')],
    ['GET blobs', 'a body that breaks off', partly('{"os":', 'close')],
    ['GET manifests', 'a body that stops coming', partly('{"schema', 'silence')],
    ['GET manifests', 'a body that comes drop by drop', dripping],
    ['GET manifests', 'bytes that are not what their digest says', status(200, {}, '{}')],
    ['GET blobs', 'bytes that are not what their digest says', status(200, {}, '{}')],
    ['HEAD manifests', 'no answer', () => true],
  ])('%s: %s', async (kind, _what, fault) => {
    const seen = failing(kind, 1, fault)
    expect(words(await resolve())).toBe('ok')
    expect(seen.count).toBe(1)
    expect(slept).toHaveLength(1)
  })

  it.each([
    ['seconds', '7', 7000],
    ['a date', 'Wed, 25 Nov 2026 12:00:09 GMT', 9000],
    ['a date that is past', 'Wed, 25 Nov 2026 11:00:00 GMT', 188],
    ['nonsense', 'soon', 188],
  ])('after what Retry-After asks for: %s', async (_what, header, expected) => {
    failing('HEAD manifests', 1, status(429, { 'retry-after': header }))
    expect(words(await resolve())).toBe('ok')
    expect(slept).toEqual([expected])
  })
})

describe('permanent failures are one line that names image, registry and cause', () => {
  const echo = (code: number): Fault => (request, response) =>
    answer(response, code, { 'www-authenticate': 'Basic realm="x"' }, JSON.stringify({ errors: [{ code: 'X', message: `you are ${request.headers.authorization} ${secret}\nand more` }] }))

  it.each([
    [401, 'registry denied access'],
    [403, 'registry denied access'],
    [404, 'image not found'],
    [410, 'image not found'],
    [418, 'registry answered wrongly'],
  ])('at once: %i', async (code, phrase) => {
    proxy.fault = echo(code)
    const line = words(await resolve())
    expect(line.startsWith(`${phrase}: ${proxy.host}/app:1: `)).toBe(true)
    expect(line).toContain(`(HTTP ${code})`)
    expect(line).not.toContain('\n')
    expect(line).not.toContain(secret)
    expect(line).not.toContain(Buffer.from(`joe:${secret}`).toString('base64'))
    expect(slept).toEqual([])
  })

  it.each<[string, Fault, string]>([
    ['500', status(500), 'registry failed: IMAGE: the registry reports a failure of its own (HTTP 500)'],
    ['429', status(429), 'registry limits the rate of requests: IMAGE: too many requests (HTTP 429)'],
    ['a reset', reset, 'registry cannot be reached: IMAGE: HOST: '],
  ])('after many tries: %s', async (_what, fault, expected) => {
    proxy.fault = fault
    const line = words(await resolve())
    expect(line).toContain(expected.replace('IMAGE', `${proxy.host}/app:1`).replace('HOST', proxy.host))
    expect(slept).toHaveLength(8)
  })

  it('a 429 with a longer Retry-After than allowed: at once', async () => {
    proxy.fault = status(429, { 'retry-after': 'Wed, 25 Nov 2026 18:00:00 GMT' })
    expect(words(await resolve())).toContain('registry limits the rate')
    expect(slept).toEqual([])
  })

  it.each<[string, JsonObject | readonly unknown[], string]>([
    ['the old schema', { schemaVersion: 1, name: 'app', fsLayers: [] }, 'its manifest has the old schema version 1; push it again with a tool of today'],
    ['an index in circles', { schemaVersion: 2, manifests: Array.from({ length: 30 }, (_, i) => ({ mediaType: 'application/vnd.oci.image.index.v1+json', size: 1, digest: digestOf(String(i)) })) }, 'image not found'],
  ])('%s', async (_what, document, expected) => {
    const text = JSON.stringify(document)
    proxy.fault = (request, response) =>
      request.url?.includes(digestOf('0')) === true ? answer(response, 404) : answer(response, 200, { 'docker-content-digest': digestOf(text) }, request.method === 'HEAD' ? '' : text)
    expect(words(await resolve())).toContain(expected)
  })
})

describe('where blobs are kept elsewhere', () => {
  it('the signature in the URL shows in no error, and credentials do not go there', async () => {
    const signature = 'canary/signature+0123456789'
    const store = await startFaultProxy()
    const query = `X-Amz-Signature=${encodeURIComponent(signature)}&X-Amz-Expires=1200`
    proxy.fault = (request, response) => {
      if (request.headers.authorization === undefined) return answer(response, 401, { 'www-authenticate': 'Basic realm="x"' })
      return kindOf(request.method, request.url) === 'GET blobs' && answer(response, 307, { location: `${store.url}/blob?${query}` })
    }
    store.fault = (request, response) => answer(response, 403, {}, JSON.stringify({ errors: [{ message: `no ${request.url} ${signature}` }] }))
    const refused = words(await resolve())
    expect(refused).toContain('registry denied access')
    expect(store.seen.map(({ authorization }) => authorization)).toEqual([undefined])
    await store.stop()
    const unreachable = words(await resolve())
    expect(unreachable).toContain(`registry cannot be reached: ${proxy.host}/app@sha256:`)
    expect(unreachable).toContain(`${store.host}: connection refused`)
    for (const line of [refused, unreachable]) {
      for (const form of [signature, encodeURIComponent(signature), secret]) expect(line).not.toContain(form)
    }
  })

  it('they are taken from there', async () => {
    const store = await startFaultProxy(registry.host)
    proxy.fault = (request, response) => kindOf(request.method, request.url) === 'GET blobs' && answer(response, 307, { location: `${store.url}${request.url}` })
    const found = await resolve()
    expect(found).toMatchObject({ ok: true, value: { version: { digest } } })
    expect(store.calls()).toEqual(['GET blobs'])
    await store.stop()
  })
})

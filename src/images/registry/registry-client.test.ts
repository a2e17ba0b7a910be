import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { countTraffic } from '../../lib/traffic.ts'
import { answer } from '../testing/fault-proxy.ts'
import { digestOf } from './digest-cache.ts'
import { describeRegistryError } from './registry-error.ts'
import type { RegistryTarget } from './target.ts'
import { client, digest, proxy, registry, slept, target, useRegistry } from './testing/client-world.ts'

useRegistry()

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

import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pushSample } from '../testing/sample-image.ts'
import { startRegistry, type RegistryAccess, type RunningRegistry } from './start-registry.ts'

let dir: string
let registry: RunningRegistry
let log: RegistryAccess[]
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-registry-'))
  log = []
  registry = await startRegistry({ dir: join(dir, 'data'), log: (access) => log.push(access) })
})
afterEach(async () => {
  await registry.stop()
  await rm(dir, { recursive: true })
})

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Unlike fetch, sends the path as it is. */
function send(method: string, path: string, options: { body?: string; headers?: Record<string, string> } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: registry.port, method, path, headers: { ...options.headers, ...(options.body === undefined ? {} : { 'content-length': String(options.body.length) }) } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }))
    })
    call.on('error', reject)
    call.end(options.body)
  })
}

describe('uploads', () => {
  it('in pieces: POST, PATCH, PATCH, PUT', async () => {
    const begun = await send('POST', '/v2/a/blobs/uploads/')
    expect(begun.status).toBe(202)
    const location = String(begun.headers['location'])
    const one = await send('PATCH', location, { body: 'hello ', headers: { 'content-range': '0-5' } })
    expect([one.status, one.headers['range']]).toEqual([202, '0-5'])
    expect((await send('PATCH', location, { body: 'x', headers: { 'content-range': '99-99' } })).status).toBe(416)
    await send('PATCH', location, { body: 'wor', headers: { 'content-range': '6-8' } })
    expect((await send('GET', location)).headers['range']).toBe('0-8')
    const done = await send('PUT', `${location}?digest=${sha256('hello world')}`, { body: 'ld' })
    expect([done.status, done.headers['docker-content-digest']]).toEqual([201, sha256('hello world')])
    expect((await send('GET', String(done.headers['location']))).body).toBe('hello world')
    expect((await send('GET', location)).status).toBe(404)
  })

  it('in one: POST with a digest', async () => {
    expect((await send('POST', `/v2/a/blobs/uploads/?digest=${sha256('x')}`, { body: 'x' })).status).toBe(201)
    expect((await send('HEAD', `/v2/a/blobs/${sha256('x')}`)).headers['content-length']).toBe('1')
  })

  it('are thrown away when the digest is wrong or they are given up', async () => {
    expect((await send('POST', `/v2/a/blobs/uploads/?digest=${sha256('x')}`, { body: 'y' })).status).toBe(400)
    const begun = String((await send('POST', '/v2/a/blobs/uploads/')).headers['location'])
    expect((await send('DELETE', begun)).status).toBe(204)
    expect(await readdir(join(dir, 'data', 'uploads'))).toEqual([])
  })

  it('a blob is of one repository until it is mounted in another', async () => {
    await send('POST', `/v2/a/blobs/uploads/?digest=${sha256('x')}`, { body: 'x' })
    expect((await send('GET', `/v2/b/blobs/${sha256('x')}`)).status).toBe(404)
    expect((await send('POST', `/v2/b/blobs/uploads/?mount=${sha256('x')}&from=a`)).status).toBe(201)
    expect((await send('GET', `/v2/b/blobs/${sha256('x')}`)).body).toBe('x')
    expect((await send('POST', `/v2/c/blobs/uploads/?mount=${sha256('nope')}&from=a`)).status).toBe(202)
  })
})

describe('blobs', () => {
  it.each([
    ['bytes=2-4', 206, 'cde', 'bytes 2-4/6'],
    ['bytes=4-', 206, 'ef', 'bytes 4-5/6'],
    ['bytes=4-100', 206, 'ef', 'bytes 4-5/6'],
    ['bytes=9-', 416, '', 'bytes */6'],
  ])('range %s', async (range, status, body, contentRange) => {
    await send('POST', `/v2/a/blobs/uploads/?digest=${sha256('abcdef')}`, { body: 'abcdef' })
    const reply = await send('GET', `/v2/a/blobs/${sha256('abcdef')}`, { headers: { range } })
    expect([reply.status, reply.body, reply.headers['content-range']]).toEqual([status, body, contentRange])
  })
})

describe('manifests', () => {
  it.each<[string, unknown, string]>([
    ['no JSON', undefined, 'MANIFEST_INVALID'],
    ['a blob that is not there', { config: { digest: sha256('nope') }, layers: [] }, 'MANIFEST_BLOB_UNKNOWN'],
    ['a part without digest', { config: {}, layers: [] }, 'MANIFEST_INVALID'],
    ['an index of what is not there', { manifests: [{ digest: sha256('nope') }] }, 'MANIFEST_BLOB_UNKNOWN'],
  ])('are refused with %s', async (_name, manifest, code) => {
    const reply = await send('PUT', '/v2/a/manifests/x', { body: manifest === undefined ? '{' : JSON.stringify(manifest) })
    expect(reply.status).toBe(400)
    expect(reply.body).toContain(code)
  })

  it('are refused under a digest that is not theirs, and when too large', async () => {
    expect((await send('PUT', `/v2/a/manifests/${sha256('other')}`, { body: '{}' })).body).toContain('DIGEST_INVALID')
    expect((await send('PUT', '/v2/a/manifests/x', { body: ' '.repeat(4 * 1024 * 1024 + 1) })).status).toBe(413)
  })

  it('are deleted by digest with their tags', async () => {
    const digest = await pushSample({ registry: registry.host, repository: 'a/b' }, 'v1')
    expect((await send('DELETE', `/v2/a/b/manifests/${digest}`)).status).toBe(202)
    expect((await send('GET', '/v2/a/b/manifests/v1')).status).toBe(404)
    expect(JSON.parse((await send('GET', '/v2/a/b/tags/list')).body)).toEqual({ name: 'a/b', tags: [] })
  })
})

it('lists tags in pages, after `last`', async () => {
  for (const tag of ['c', 'a', 'b']) await pushSample({ registry: registry.host, repository: 'r' }, tag)
  const first = await send('GET', '/v2/r/tags/list?n=2')
  expect(JSON.parse(first.body)).toEqual({ name: 'r', tags: ['a', 'b'] })
  const next = /<(.*)>; rel="next"/.exec(String(first.headers['link']))?.[1] ?? ''
  const second = await send('GET', next)
  expect(JSON.parse(second.body)).toEqual({ name: 'r', tags: ['c'] })
  expect(second.headers['link']).toBeUndefined()
  expect(JSON.parse((await send('GET', '/v2/r/tags/list')).body)).toEqual({ name: 'r', tags: ['a', 'b', 'c'] })
})

it.each([
  '/',
  '/v2/../../etc/passwd',
  '/v2/..%2f..%2fetc/manifests/x',
  '/v2/%2e%2e/manifests/x',
  '/v2/a/manifests/..%2f..%2fx',
  '/v2/a/manifests/.hidden',
  '/v2/a/blobs/sha256:../../x',
  '/v2/a/blobs/uploads/../../../x',
  '/v2/a/blobs/uploads/..',
  '/v2/a/_tags/manifests/x',
  '/v2/A/manifests/x',
  '/v2/a%00b/manifests/x',
  '/v2/%zz/manifests/x',
  `/v2/${'a'.repeat(300)}/manifests/x`,
])('knows no path %s', async (path) => {
  for (const method of ['GET', 'PUT', 'POST', 'DELETE']) expect((await send(method, path, { body: '{}' })).status).toBe(404)
  expect(await readdir(dir)).toEqual([])
})

it('read-only: gives, and takes nothing', async () => {
  const digest = await pushSample({ registry: registry.host, repository: 'a' }, 'v1')
  await registry.stop()
  registry = await startRegistry({ dir: join(dir, 'data'), readOnly: true })
  expect((await send('HEAD', '/v2/a/manifests/v1')).headers['docker-content-digest']).toBe(digest)
  for (const [method, path] of [['PUT', '/v2/a/manifests/v2'], ['DELETE', '/v2/a/manifests/v1'], ['POST', '/v2/a/blobs/uploads/']] as const) {
    expect((await send(method, path, { body: '{}' })).status).toBe(405)
  }
  expect((await send('GET', '/v2/a/manifests/v1')).status).toBe(200)
})

it('tells of every request', async () => {
  await send('GET', '/v2/', { headers: { 'user-agent': 'someone/1' } })
  await send('HEAD', '/v2/a/manifests/x')
  expect(log).toEqual([
    { method: 'GET', url: '/v2/', status: 200, userAgent: 'someone/1', bytes: 2, remote: '127.0.0.1' },
    { method: 'HEAD', url: '/v2/a/manifests/x', status: 404, userAgent: '', bytes: 0, remote: '127.0.0.1' },
  ])
})

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiWorld } from './testing/world.ts'
import { readWebAssets } from './web-assets.ts'

const script = 'export const x = 1\n'.repeat(100)
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'airside-web-pages-'))
  await mkdir(join(folder, 'assets'))
  const files: Record<string, string | Buffer> = {
    'index.html': '<!doctype html><title>Airside</title>',
    'terminal.html': '<!doctype html><title>Terminal</title>',
    'favicon.svg': '<svg/>',
    'icons.tsv': 'git\tM1 1\nsourceBranch\tM2 2\nnumeric0Box\tM3 3\n',
    'assets/index-B7d1.js': script,
    'assets/index-B7d1.js.br': brotliCompressSync(script),
    'assets/index-B7d1.js.gz': gzipSync(script),
    'assets/index-B7d1.js.map': '{}',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
})
afterAll(() => rm(folder, { recursive: true }))

async function webWorld(from = folder) {
  const web = await readWebAssets(from)
  const { api } = await apiWorld(web === undefined ? {} : { web })
  return (url: string, headers: Record<string, string> = {}) => api.app.inject({ method: 'GET', url, headers })
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types airside-worker"

test.each([
  '/', '/?search=a&view=all', '/hd', '/teams/t/pipelines/p', '/teams/t/pipelines/p%2Fq?vars.a=%22b%22&group=x', '/teams/t/pipelines/p/jobs/j', '/teams/t/pipelines/p/jobs/j/builds/12.1', '/builds/7', '/teams/t/pipelines/p/resources/r',
  '/teams/t/pipelines/p/resources/r/causality/3/upstream', '/download-fly', '/builds?status=failed', '/teams/t/pipelines/p/config', '/teams/t', '/account', '/admin',
])('%s is the UI’s page, which is asked for each time', async (url) => {
  const { statusCode, headers, body } = await (await webWorld())(url)
  expect([statusCode, body]).toEqual([200, '<!doctype html><title>Airside</title>'])
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy, 'cache-control': 'no-cache', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'deny', 'cross-origin-opener-policy': 'same-origin',
  })
})

test('images of hosts that the operator names may be loaded by pages, and by nothing else', async () => {
  const web = await readWebAssets(folder)
  const { api } = await apiWorld({ ...(web && { web }), webImageHosts: ['img.example', '*.cdn.example:8443'] })
  const of = async (url: string) => (await api.app.inject({ method: 'GET', url })).headers['content-security-policy']
  expect(await of('/')).toBe(policy.replace("img-src 'self' data:", "img-src 'self' data: img.example *.cdn.example:8443"))
  for (const url of ['/assets/index-B7d1.js', '/favicon.svg']) expect(await of(url)).toBe(policy)
  expect(await of('/terminal')).not.toContain('example')
  expect((await api.app.inject({ method: 'GET', url: '/api/v1/info' })).json()).toMatchObject({ web_image_hosts: ['img.example', '*.cdn.example:8443'] })
})

test('the terminal’s document alone lets styles in that scripts write', async () => {
  const { body, headers } = await (await webWorld())('/terminal?team=main&handle=x')
  expect(body).toContain('Terminal')
  expect(headers['content-security-policy']).toBe(policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"))
})

test('a file of assets is kept for ever, in the encoding that the browser takes', async () => {
  const ask = await webWorld()
  const encoded = async (accepted: string) => {
    const { headers, rawPayload } = await ask('/assets/index-B7d1.js', { 'accept-encoding': accepted })
    expect(headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable', vary: 'Accept-Encoding', 'content-security-policy': policy })
    return [headers['content-encoding'], rawPayload]
  }
  expect(await encoded('gzip, deflate, br')).toEqual(['br', brotliCompressSync(script)])
  expect(await encoded('gzip')).toEqual(['gzip', gzipSync(script)])
  expect(await encoded('')).toEqual([undefined, Buffer.from(script)])
})

test('a document that the browser has is not sent again', async () => {
  const ask = await webWorld()
  const { etag } = (await ask('/')).headers
  expect((await ask('/', { 'if-none-match': String(etag) })).statusCode).toBe(304)
  expect((await ask('/', { 'if-none-match': '"other"' })).statusCode).toBe(200)
  expect((await ask('/favicon.svg')).headers['cache-control']).toBe('no-cache')
})

test.each(['/index.html', '/terminal.html', '/assets/index-B7d1.js.map', '/assets/index-B7d1.js.br', '/assets/other.js', '/assets/..%2Findex.html', '/teams/t/pipelines/p/nothing', '/nothing'])('%s is not found', async (url) => {
  expect((await (await webWorld())(url)).statusCode).toBe(404)
})

test('a server without the built UI says how to build it', async () => {
  const { statusCode, body } = await (await webWorld(join(folder, 'nowhere')))('/')
  expect(statusCode).toBe(503)
  expect(body).toContain('npm run setup')
})

test.each([['git', 'M1 1'], ['source-branch', 'M2 2'], ['numeric-0-box', 'M3 3']])('the icon %s is one path, kept for ever', async (name, d) => {
  const { statusCode, headers, body } = await (await webWorld())(`/assets/icon/mdi/${name}`)
  expect([statusCode, headers['content-type'], body]).toEqual([200, 'application/json', JSON.stringify({ d })])
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test.each(['mdi/nothing', 'mdi/Git', 'mdi/..%2Ficons', 'mdi/git%00', 'mdi/source--branch', 'mdi/__proto__', `mdi/${'a'.repeat(65)}`, 'si/git', '%2E%2E/git'])('there is no icon %s', async (path) => {
  const { statusCode, body } = await (await webWorld())(`/assets/icon/${path}`)
  expect([statusCode === 204 || statusCode === 404, body.includes('M1')]).toEqual([true, false])
})

test('a server whose UI was built without icons has none', async () => {
  await rm(join(folder, 'icons.tsv'))
  expect((await (await webWorld())('/assets/icon/mdi/git')).statusCode).toBe(204)
})

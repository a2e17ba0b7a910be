import { readFile } from 'node:fs/promises'
import { Agent, fetch } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { makeImage, makeIndex } from './oci-image.ts'
import { deleteManifest, pushImage, pushIndex } from './push-image.ts'
import { parseAccess } from './registry-access.ts'
import { startRegistry, type Registry, type RegistryOptions } from './registry.ts'

describe('a registry', () => {
  const started: Registry[] = []
  const start = async (options?: RegistryOptions) => {
    const registry = await startRegistry({ log: console.error, ...options })
    started.push(registry)
    return registry
  }
  const image = () => makeImage([[{ path: 'file', content: 'words' }]])

  afterEach(async () => {
    for (const registry of started.splice(0)) await registry.stop()
  })

  it('keeps what is pushed, and logs who asked for it', async () => {
    const registry = await start()
    const { digest } = await pushImage(registry, 'a/b', '1', await image())
    expect((await manifest(registry, 'a/b')).headers.get('docker-content-digest')).toBe(digest)
    const last = (await registry.accessLog()).at(-1)
    expect(last).toMatchObject({ method: 'GET', status: 200, userAgent: 'some one', repository: 'a/b', kind: 'manifest', reference: '1' })
    expect(Math.abs(Date.now() / 1000 - (last?.time ?? 0))).toBeLessThan(3600)
  })

  it('serves an index over several architectures', async () => {
    const registry = await start()
    const images = await Promise.all(['amd64', 'arm64'].map((architecture) => makeImage([[{ path: 'etc/arch', content: architecture }]], {}, architecture)))
    await pushIndex(registry, 'multi', '1', { images, index: makeIndex(images) })
    const index = (await (await manifest(registry, 'multi')).json()) as { manifests: { platform: unknown }[] }
    expect(index.manifests.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ])
  })

  it('lets only its users in', async () => {
    const registry = await start({ users: { joe: 'secret' } })
    const credentials = { user: 'joe', password: 'secret' }
    await expect(pushImage(registry, 'a', '1', await image())).rejects.toThrow('401')
    await expect(pushImage({ ...registry, ...credentials, password: 'wrong' }, 'a', '1', await image())).rejects.toThrow('401')
    await expect(pushImage({ ...registry, ...credentials }, 'a', '1', await image())).resolves.toMatchObject({ reference: `${registry.host}/a:1` })
  })

  it('speaks TLS with a certificate of a CA of its own', async () => {
    const registry = await start({ tls: true })
    await pushImage(registry, 'a', '1', await image())
    await expect(fetch(`${registry.url}/v2/`)).rejects.toThrow('fetch failed')
    const dispatcher = new Agent({ connect: { ca: await readFile(registry.certificates?.caFile ?? '', 'utf8') } })
    expect((await manifest(registry, 'a', dispatcher)).status).toBe(200)
    await dispatcher.close()
  })

  it('forgets a deleted manifest', async () => {
    const registry = await start()
    const { digest } = await pushImage(registry, 'a', '1', await image())
    expect((await manifest(registry, 'a')).status).toBe(200)
    await deleteManifest(registry, 'a', digest)
    expect((await manifest(registry, 'a')).status).toBe(404)
  })

  it('is away while paused and has its images afterwards', async () => {
    const registry = await start()
    await pushImage(registry, 'a', '1', await image())
    await registry.pause()
    await expect(fetch(`${registry.url}/v2/`)).rejects.toThrow('fetch failed')
    await registry.resume()
    expect((await manifest(registry, 'a')).status).toBe(200)
  })
})

/** Asks for tag 1; without these types distribution says 404 of an OCI image. */
function manifest(registry: Registry, repository: string, dispatcher?: Agent) {
  const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json'
  const headers = { accept, 'user-agent': 'some one' }
  return fetch(`${registry.url}/v2/${repository}/manifests/1`, { headers, ...(dispatcher && { dispatcher }) })
}

describe('a line of the access log', () => {
  it('is taken apart', () => {
    const line = '127.0.0.1 - - [25/Nov/2026:04:26:27 +0000] "GET /v2/x/y/blobs/sha256:ab HTTP/1.1" 200 302 "" "containerd/2.3.7"'
    expect(parseAccess(line)).toEqual({
      method: 'GET',
      path: '/v2/x/y/blobs/sha256:ab',
      status: 200,
      bytes: 302,
      userAgent: 'containerd/2.3.7',
      time: Date.UTC(2026, 10, 25, 4, 26, 27) / 1000,
      repository: 'x/y',
      kind: 'blob',
      reference: 'sha256:ab',
    })
  })

  it('has no repository outside of the distribution API', () => {
    expect(parseAccess('::1 - - [25/Nov/2026:04:26:27 +0000] "GET /v2/ HTTP/1.1" 401 87 "" "curl \\"x\\""')).toMatchObject({ path: '/v2/', status: 401 })
    expect(parseAccess('::1 - - [25/Nov/2026:04:26:27 +0000] "GET /v2/ HTTP/1.1" 401 87 "" "curl"')).not.toHaveProperty('repository')
  })

  it('is nothing when it is another line', () => {
    expect(parseAccess('level=warning msg="GET /v2/"')).toBeUndefined()
  })
})

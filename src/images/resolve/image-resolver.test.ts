import { describe, expect, it } from 'vitest'
import { memoryBlobStore } from '../oci/blob-store.ts'
import { pushImage } from '../oci/push-image.ts'
import { mediaTypes, type Descriptor } from '../registry/media-types.ts'
import { answer, basicAuthFault } from '../testing/fault-proxy.ts'
import { pushSample } from '../testing/sample-image.ts'
import type { CredentialSource } from './credential-source.ts'
import { ImageResolver } from './image-resolver.ts'
import { ownArchitecture } from './select-platform.ts'
import { client, multi, proxy, registry, resolver, source, useRegistry, v1, value, words } from './testing/resolver-world.ts'

useRegistry()

describe('resolve', () => {
  it('a tag that is a number: HEAD, then manifest and config once', async () => {
    const image = value(await resolver.resolve({ source: source({ tag: 1.2 }) }))
    expect(image).toEqual({
      version: { tag: '1.2', digest: v1 },
      how: 'tag',
      reference: `${proxy.host}/app:1.2@${v1}`,
      host: proxy.host,
      config: { entrypoint: ['/bin/run'], cmd: ['1.2'], env: ['SEED=1.2', 'ARCH=amd64'], user: '', workingDir: '/work' },
      architectures: ['amd64'],
      needs: { insecure: false, caCerts: false, mirror: false, credentials: 'nobody' },
    })
    expect(proxy.calls()).toEqual(['HEAD manifests', 'GET manifests', 'GET blobs'])
    value(await resolver.resolve({ source: source({ tag: '1.2' }) }))
    expect(proxy.calls().slice(3)).toEqual(['HEAD manifests'])
  })

  it('many, one after the other: one HEAD each, and each document once', async () => {
    for (let turn = 0; turn < 10; turn += 1) value(await resolver.resolve({ source: source() }))
    const calls = proxy.calls()
    expect(calls.filter((call) => call === 'HEAD manifests')).toHaveLength(10)
    expect(calls.filter((call) => call !== 'HEAD manifests').toSorted()).toEqual(['GET blobs', 'GET manifests', 'GET manifests'])
  })

  it('many at once: each its own HEAD, but one fetch of each document', async () => {
    await Promise.all(Array.from({ length: 10 }, () => resolver.resolve({ source: source() })))
    const calls = proxy.calls()
    expect(calls.filter((call) => call === 'HEAD manifests')).toHaveLength(10)
    expect(calls.filter((call) => call !== 'HEAD manifests').toSorted()).toEqual(['GET blobs', 'GET manifests', 'GET manifests'])
  })

  it("an index: its own digest goes to the kubelet, the config is that of the asked platform", async () => {
    const arm = value(await resolver.resolve({ source: source(), platform: { architecture: 'arm64' } }))
    expect(arm.version.digest).toBe(multi)
    expect(arm.config.env).toContain('ARCH=arm64')
    expect(arm.architectures).toEqual(['arm64'])
    const any = value(await resolver.resolve({ source: source() }))
    expect(any.version.digest).toBe(multi)
    expect(any.config.env).toContain(`ARCH=${ownArchitecture()}`)
    expect(any.architectures).toEqual(['amd64', 'arm64'])
    const own = value(await resolver.resolve({ source: source({ platform: { architecture: 'amd64' } }), platform: { architecture: 'arm64' } }))
    expect(own.config.env).toContain('ARCH=amd64')
  })

  it('a platform that the image has not', async () => {
    expect(words(await resolver.resolve({ source: source({ platform: { architecture: 's390x' } }) }))).toBe(
      `no image for linux/s390x: ${proxy.host}/app@${multi} has linux/amd64, linux/arm64`,
    )
    expect(words(await resolver.resolve({ source: source({ tag: '1.2', platform: { architecture: 'arm64/v8' } }) }))).toContain('has linux/amd64')
  })

  it("the check's digest takes precedence, and is looked up once", async () => {
    const request = { source: source(), checked: { tag: 'latest', digest: v1 }, version: { digest: multi } }
    expect(value(await resolver.resolve(request))).toMatchObject({ how: 'check', reference: `${proxy.host}/app:latest@${v1}` })
    expect(proxy.calls()).toEqual(['HEAD manifests', 'GET manifests', 'GET blobs'])
    value(await resolver.resolve(request))
    expect(proxy.calls()).toHaveLength(3)
  })

  it('a check and the step after it are one HEAD', async () => {
    const [version] = value(await resolver.check({ source: source() })).versions
    expect(value(await resolver.resolve({ source: source(), checked: version })).version.digest).toBe(multi)
    expect(proxy.calls().filter((call) => call.startsWith('HEAD'))).toEqual(['HEAD manifests'])
  })

  it('pins of a digest and of a tag', async () => {
    expect(value(await resolver.resolve({ source: source(), version: { digest: v1 } }))).toMatchObject({ how: 'pin', version: { tag: 'latest', digest: v1 } })
    expect(value(await resolver.resolve({ source: source(), version: { tag: '1.2' } }))).toMatchObject({ how: 'pin', version: { tag: '1.2', digest: v1 } })
    expect(value(await resolver.resolve({ source: source({ digest: v1 }) }))).toMatchObject({ how: 'pin', version: { tag: 'latest', digest: v1 } })
  })

  it('a tag that moves is looked up each time', async () => {
    const moving = { registry: registry.host, repository: 'moving' }
    const first = await pushSample(moving, 'latest', { seed: 'first' })
    const request = { source: { repository: `${proxy.host}/moving`, tag: 'latest' } }
    expect(value(await resolver.resolve(request)).version.digest).toBe(first)
    const second = await pushSample(moving, 'latest', { seed: 'second' })
    expect(value(await resolver.resolve(request)).version.digest).toBe(second)
  })

  it('a tag that does not exist', async () => {
    expect(words(await resolver.resolve({ source: source({ tag: 'nope' }) }))).toBe(
      `image not found: ${proxy.host}/app:nope: manifest unknown: nope (HTTP 404)`,
    )
  })

  it('a digest that was deleted', async () => {
    const gone = `sha256:${'9'.repeat(64)}`
    expect(words(await resolver.resolve({ source: source(), version: { digest: gone } }))).toContain(`image not found: ${proxy.host}/app@${gone}`)
  })

  it('an image that was resolved with credentials is not given without them', async () => {
    proxy.fault = basicAuthFault('u', 'canary-pw')
    const secret = source({ tag: '1.2', username: 'u', password: 'canary-pw' })
    const image = value(await resolver.resolve({ source: secret }))
    expect(image.credentials).toEqual({ username: 'u', password: 'canary-pw' })
    const without = await resolver.resolve({ source: source({ tag: '1.2' }), checked: image.version })
    expect(words(without)).toContain('registry denied access')
    const wrong = await resolver.resolve({ source: { ...secret, password: 'other-pw' }, checked: image.version })
    expect(words(wrong)).toContain('registry denied access')
    expect(JSON.stringify(wrong)).not.toContain('other-pw')
  })

  it("other credentials serve when the source names none, and never in place of the source's own", async () => {
    proxy.fault = basicAuthFault('u', 'pw')
    const asked: string[] = []
    const store: CredentialSource = {
      find: (host) => {
        asked.push(host)
        return Promise.resolve({ username: 'u', password: 'pw' })
      },
    }
    const withStore = new ImageResolver(client, { credentials: store })
    expect(value(await withStore.resolve({ source: source() })).credentials).toEqual({ username: 'u', password: 'pw' })
    expect(asked).toEqual([proxy.host])
    expect(words(await withStore.resolve({ source: source({ username: 'x', password: 'y' }) }))).toContain('denied')
    expect(asked).toEqual([proxy.host])
  })

  it('a digest is asked for again after ten minutes', async () => {
    let time = 0
    const later = new ImageResolver(client, { clock: { now: () => time } })
    const request = { source: source({ tag: '1.2', username: 'u', password: 'pw' }), version: { digest: v1 } }
    proxy.fault = basicAuthFault('u', 'pw')
    value(await later.resolve(request))
    proxy.fault = basicAuthFault('u', 'another')
    time = 10 * 60_000 - 1
    value(await later.resolve(request))
    time += 1
    expect(words(await later.resolve(request))).toContain('registry denied access')
  })

  it("credentials that nodes have are used last, and not sent along", async () => {
    proxy.fault = basicAuthFault('u', 'pw')
    const of = (username: string, password: string): CredentialSource => ({ find: () => Promise.resolve({ username, password }) })
    const nodes = new ImageResolver(client, { nodeCredentials: of('u', 'pw') })
    const image = value(await nodes.resolve({ source: source() }))
    expect(image).not.toHaveProperty('credentials')
    expect(image.needs.credentials).toBe('nodes')
    expect(value(await new ImageResolver(client, { credentials: of('u', 'pw'), nodeCredentials: of('x', 'y') }).resolve({ source: source() })).credentials).toEqual({ username: 'u', password: 'pw' })
    expect(words(await nodes.resolve({ source: source({ username: 'x', password: 'y' }) }))).toContain('denied')
  })

  it.each([
    [{ schemaVersion: 1, fsLayers: [] }, 'old schema version 1'],
    [{ schemaVersion: 2 }, 'its manifest is not valid'],
    [[1], 'its manifest is not a JSON object'],
  ])('a document that is none: %j', async (document, expected) => {
    proxy.fault = (_request, response) => answer(response, 200, { 'content-type': 'x/y' }, JSON.stringify(document))
    expect(words(await resolver.resolve({ source: source() }))).toContain(expected)
  })

  it('takes any platform when an index has only other architectures', async () => {
    const store = memoryBlobStore()
    const { writeImage, writeIndex } = await import('../oci/image.ts')
    const image = await writeImage(store, { platform: { os: 'linux', architecture: 'riscv64' }, layers: [] })
    const attestation: Descriptor = { ...image, mediaType: mediaTypes.ociManifest, platform: { os: 'unknown', architecture: 'unknown' } }
    const index = await writeIndex(store, [attestation, image])
    await pushImage(client, { registry: registry.host, repository: 'odd' }, { store, image: index }, { tags: ['latest'] })
    expect(value(await resolver.resolve({ source: { repository: `${proxy.host}/odd` } })).architectures).toEqual(['riscv64'])
  })

  it('is aborted', async () => {
    const abort = new AbortController()
    proxy.fault = (request) => {
      if (request.method === 'HEAD') return false
      abort.abort()
      return true
    }
    const result = await resolver.resolve({ source: source(), signal: abort.signal })
    expect(result).toMatchObject({ ok: false, error: { kind: 'registry', error: { kind: 'aborted' } } })
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memoryBlobStore } from '../../src/images/oci/blob-store.ts'
import { writeImage, writeIndex } from '../../src/images/oci/image.ts'
import { pushImage } from '../../src/images/oci/push-image.ts'
import { mediaTypes, type Descriptor } from '../../src/images/registry/media-types.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import type { RegistryTarget } from '../../src/images/registry/target.ts'
import { describeImageError, type ImageError } from '../../src/images/resolve/image-error.ts'
import { ImageResolver } from '../../src/images/resolve/image-resolver.ts'
import { pushSample } from '../../src/images/testing/sample-image.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Result } from '../../src/model/result.ts'
import { startRegistry, type Registry, type RegistryOptions } from '../services/registry.ts'
import { startTokenService, type TokenService } from '../services/token-service.ts'

let client: RegistryClient
let resolver: ImageResolver
beforeEach(() => {
  client = new RegistryClient({ retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 } })
  resolver = new ImageResolver(client)
})
afterEach(() => client.close())

const value = <T>(result: Result<T, ImageError>): T => {
  if (!result.ok) throw new Error(describeImageError(result.error))
  return result.value
}
const words = (result: Result<unknown, ImageError>): string => (result.ok ? 'ok' : describeImageError(result.error))

/** A registry for the tests of one block. */
function registryOf(options: () => RegistryOptions): () => Registry {
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry({ log: console.error, ...options() })
  })
  afterAll(() => registry.stop())
  return () => registry
}

describe('a registry with TLS of an authority of its own', () => {
  const registry = registryOf(() => ({ tls: true }))
  let digest: string
  beforeAll(async () => {
    digest = await pushSample({ ...target(), caCerts: [registry().certificates?.ca ?? ''] }, '1.0')
  })
  const target = (): RegistryTarget => ({ registry: registry().host, repository: 'app' })
  const source = (more: JsonObject = {}): JsonObject => ({ repository: `${registry().host}/app`, tag: '1.0', ...more })

  it('is trusted by ca_certs', async () => {
    const image = value(await resolver.resolve({ source: source({ ca_certs: [registry().certificates?.ca ?? ''] }) }))
    expect(image).toMatchObject({ version: { tag: '1.0', digest }, needs: { caCerts: true, insecure: false } })
  })

  it('is trusted by insecure', async () => {
    expect(value(await resolver.resolve({ source: source({ insecure: true }) }))).toMatchObject({ version: { digest }, needs: { insecure: true } })
  })

  it('is refused without, in words that say what to do', async () => {
    expect(words(await resolver.resolve({ source: source() }))).toBe(
      `no secure connection to the registry: ${registry().host}/app:1.0: ${registry().host}: its certificate comes from an authority that is not trusted (name its authority in ca_certs)`,
    )
  })
})

describe('a registry with basic auth', () => {
  const registry = registryOf(() => ({ users: { joe: 'canary-s3cret' } }))
  const joe = { username: 'joe', password: 'canary-s3cret' }
  let digest: string
  beforeAll(async () => {
    digest = await pushSample({ registry: registry().host, repository: 'app', credentials: joe }, '1.0')
  })
  const source = (more: JsonObject = {}): JsonObject => ({ repository: `${registry().host}/app`, tag: '1.0', ...more })

  it('lets its users in', async () => {
    expect(value(await resolver.resolve({ source: source(joe) }))).toMatchObject({ version: { digest }, credentials: joe })
    expect(value(await resolver.check({ source: source({ ...joe, tag: null }) })).versions).toEqual([{ tag: '1.0', digest }])
  })

  it.each<[JsonObject, string]>([
    [{}, 'no credentials were given, or the repository does not exist'],
    [{ username: 'joe' }, 'no credentials were given'],
    [{ username: 'joe', password: 'canary-wrong' }, 'the credentials do not allow it'],
  ])('nobody else: %j', async (who, expected) => {
    const failed = await resolver.check({ source: source(who) })
    expect(words(failed)).toMatch(/^registry denied access: .+\/app:1\.0: .+\(HTTP 401\)$/)
    expect(words(failed)).toContain(expected)
    expect(JSON.stringify(failed)).not.toContain('canary')
  })
})

describe('a registry with token auth', () => {
  let service: TokenService
  beforeAll(async () => {
    service = await startTokenService({ joe: 'canary-s3cret' })
  })
  afterAll(() => service.stop())
  const registry = registryOf(() => ({ tokens: service.auth }))
  const joe = { username: 'joe', password: 'canary-s3cret' }
  const digests: Record<string, string> = {}
  beforeAll(async () => {
    for (const repository of ['public/app', 'private/app']) {
      digests[repository] = await pushSample({ registry: registry().host, repository, credentials: joe }, '1.0')
    }
  })
  beforeEach(() => void (service.asked.length = 0))
  const source = (repository: string, more: JsonObject = {}): JsonObject => ({ repository: `${registry().host}/${repository}`, tag: '1.0', ...more })

  it('gives a token to those with credentials, once for many', async () => {
    for (let i = 0; i < 3; i++) expect(value(await resolver.resolve({ source: source('private/app', joe) })).version.digest).toBe(digests['private/app'])
    expect(service.asked).toEqual([{ scope: 'repository:private/app:pull', user: 'joe' }])
  })

  it('gives one to nobody in particular for what is public', async () => {
    expect(value(await resolver.resolve({ source: source('public/app') })).version.digest).toBe(digests['public/app'])
  })

  it('shows nothing else to nobody, also when somebody has just seen it', async () => {
    const image = value(await resolver.resolve({ source: source('private/app', joe) }))
    const failed = await resolver.resolve({ source: source('private/app'), checked: image.version })
    expect(words(failed)).toContain('registry denied access')
    expect(JSON.stringify(failed)).not.toContain('eyJ')
  })

  it('refuses a wrong password at the service', async () => {
    const failed = await resolver.resolve({ source: source('private/app', { ...joe, password: 'canary-wrong' }) })
    expect(words(failed)).toContain(`the token service ${new URL(service.auth.realm).host} refused the credentials (HTTP 401)`)
    expect(words(failed)).not.toContain('canary')
  })
})

describe('a registry without either', () => {
  const registry = registryOf(() => ({}))
  const target = (repository: string): RegistryTarget => ({ registry: registry().host, repository })
  const source = (repository: string, more: JsonObject = {}): JsonObject => ({ repository: `${registry().host}/${repository}`, ...more })

  it('is a mirror of Docker Hub', async () => {
    const digest = await pushSample(target('library/busybox'), '1.36')
    const image = value(await resolver.resolve({ source: { repository: 'busybox', tag: '1.36', registry_mirror: { host: registry().host } } }))
    expect(image).toMatchObject({ reference: `docker.io/library/busybox:1.36@${digest}`, host: 'registry-1.docker.io', needs: { mirror: true } })
  })

  it('lists more tags than one page holds', async () => {
    const store = memoryBlobStore()
    const image = await writeImage(store, { platform: { os: 'linux', architecture: 'amd64' }, layers: [] })
    const tags = Array.from({ length: 1100 }, (_, i) => `1.0.${i}`)
    const pushed = await pushImage(client, target('paged'), { store, image }, { tags })
    expect(pushed.ok).toBe(true)
    const listed = await client.listTags(target('paged'))
    expect(listed.ok && listed.value.toSorted((a, b) => a.localeCompare(b))).toEqual(tags.toSorted((a, b) => a.localeCompare(b)))
    const pages = (await registry().accessLog()).filter(({ kind, repository }) => kind === 'tags' && repository === 'paged')
    expect(pages.length).toBeGreaterThan(1)
    // One digest under many tags is one version; the tag that the registry lists first stands for it.
    expect(value(await resolver.check({ source: source('paged', { semver_constraint: '1.0.0 - 1.0.5' }) })).versions).toEqual([{ tag: '1.0.0', digest: image.digest }])
  })

  it('has indexes of indexes, attestations and platforms beside each other', async () => {
    const store = memoryBlobStore()
    const of = (architecture: string, variant?: string): Promise<Descriptor> =>
      writeImage(store, { platform: { os: 'linux', architecture, ...(variant !== undefined && { variant }) }, layers: [], config: { env: [`ARCH=${architecture}${variant ?? ''}`] } })
    const attestation = { ...(await of('amd64')), platform: { os: 'unknown', architecture: 'unknown' } }
    const nested = await writeIndex(store, [await of('arm', 'v6'), await of('arm', 'v7'), await of('s390x')])
    const index = await writeIndex(store, [attestation, await of('amd64'), nested])
    expect(await pushImage(client, target('multi'), { store, image: index }, { tags: ['1'] })).toMatchObject({ ok: true })
    const resolved = async (architecture: string) => value(await resolver.resolve({ source: source('multi', { tag: 1, platform: { architecture } }) }))
    for (const [wanted, arch] of [['amd64', 'amd64'], ['s390x', 's390x'], ['arm/v7', 'armv7'], ['arm/v6', 'armv6']] as const) {
      expect(await resolved(wanted)).toMatchObject({ version: { digest: index.digest }, config: { env: [`ARCH=${arch}`] } })
    }
    expect(value(await resolver.resolve({ source: source('multi', { tag: 1 }) })).architectures.toSorted()).toEqual(['amd64', 'arm', 's390x'])
    expect(words(await resolver.resolve({ source: source('multi', { tag: 1, platform: { architecture: 'riscv64' } }) }))).toContain('has linux/amd64, linux/arm/v6, linux/arm/v7, linux/s390x')
  })

  it('has an index that does not say what its image is for', async () => {
    const store = memoryBlobStore()
    const { platform: _, ...image } = await writeImage(store, { platform: { os: 'linux', architecture: 'arm64' }, layers: [], config: { env: ['X=1'] } })
    expect(await pushImage(client, target('unsaid'), { store, image: await writeIndex(store, [image]) }, { tags: ['1'] })).toMatchObject({ ok: true })
    expect(value(await resolver.resolve({ source: source('unsaid', { tag: 1 }), platform: { architecture: 'arm64' } }))).toMatchObject({ config: { env: ['X=1'] }, architectures: [] })
    expect(words(await resolver.resolve({ source: source('unsaid', { tag: 1 }), platform: { architecture: 'amd64' } }))).toContain('no image for linux/amd64')
  })

  it('has images in docker\'s own forms', async () => {
    const store = memoryBlobStore()
    const oci = await writeImage(store, { platform: { os: 'linux', architecture: 'amd64' }, layers: [], config: { entrypoint: ['/run'] } })
    const { config, layers } = JSON.parse(Buffer.from(await store.read(oci.digest)).toString()) as { config: Descriptor; layers: Descriptor[] }
    const document = { schemaVersion: 2, mediaType: mediaTypes.dockerManifest, config: { ...config, mediaType: 'application/vnd.docker.container.image.v1+json' }, layers }
    const manifest = { ...(await store.write(JSON.stringify(document))), mediaType: mediaTypes.dockerManifest }
    const list = { ...(await store.write(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.dockerIndex, manifests: [{ ...manifest, platform: { os: 'linux', architecture: 'amd64' } }] }))), mediaType: mediaTypes.dockerIndex }
    for (const [tag, image] of [['one', manifest], ['list', list]] as const) {
      expect(await pushImage(client, target('docker'), { store, image }, { tags: [tag] })).toMatchObject({ ok: true })
      expect(value(await resolver.resolve({ source: source('docker', { tag }) }))).toMatchObject({
        version: { tag, digest: image.digest },
        config: { entrypoint: ['/run'] },
        architectures: ['amd64'],
      })
    }
  })
})

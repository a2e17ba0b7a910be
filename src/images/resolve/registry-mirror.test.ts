import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { operatorTrust } from '../reference/registry-trust.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { handleRegistryRequest } from '../server/registry-handler.ts'
import { RegistryStore } from '../server/registry-store.ts'
import { startRegistry, type RunningRegistry } from '../server/start-registry.ts'
import { answer, startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts'
import { pushSample } from '../testing/sample-image.ts'
import { testCertificate } from '../testing/test-certificate.ts'
import { describeImageError } from './image-error.ts'
import { ImageResolver } from './image-resolver.ts'

/** Stands for Docker Hub, behind a forward proxy that leads every name to it. */
let origin: TlsServer
let forward: Server
let registry: RunningRegistry
let dir: string
let digest: string
let mirror: FaultProxy
let client: RegistryClient
const asked: string[] = []
const connected: string[] = []

const listen = (server: Server | TlsServer): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-mirror-'))
  registry = await startRegistry({ dir })
  digest = await pushSample({ registry: registry.host, repository: 'library/busybox' }, '1.36')
  const store = new RegistryStore(dir)
  origin = createTlsServer(testCertificate, (request, response) => {
    asked.push(`${request.method} ${request.headers.authorization ?? 'nobody'}`)
    void handleRegistryRequest(store, true, request, response)
  })
  const port = await listen(origin)
  forward = createServer().on('connect', (request, socket) => {
    connected.push(request.url ?? '')
    const to = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      to.pipe(socket).pipe(to)
    })
    for (const end of [to, socket]) end.on('error', () => undefined)
  })
  await listen(forward)
})
afterAll(async () => {
  await registry.stop()
  for (const server of [origin, forward]) {
    server.closeAllConnections()
    server.close()
  }
  await rm(dir, { recursive: true })
})
beforeEach(async () => {
  asked.length = connected.length = 0
  mirror = await startFaultProxy(registry.host)
  client = new RegistryClient({
    retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 },
    env: { HTTPS_PROXY: `http://127.0.0.1:${(forward.address() as AddressInfo).port}` },
  })
})
afterEach(async () => {
  await client.close()
  await mirror.stop()
})

describe('registry_mirror', () => {
  const source = () => ({ repository: 'busybox', tag: '1.36', insecure: true, registry_mirror: { host: mirror.host, username: 'm', password: 'mp' }, username: 'u', password: 'up' })
  const expected = { version: { tag: '1.36' }, reference: expect.stringContaining('docker.io/library/busybox:1.36@sha256:') as string, credentials: { username: 'u' }, host: 'registry-1.docker.io' }

  it('is asked instead of the origin', async () => {
    const resolver = new ImageResolver(client)
    expect(await resolver.resolve({ source: source() })).toMatchObject({ ok: true, value: { ...expected, needs: { mirror: true } } })
    expect(await resolver.check({ source: source() })).toEqual({ ok: true, value: { versions: [{ tag: '1.36', digest }] } })
    expect(connected).toEqual([])
  })

  it.each([401, 404, 429, 500])('that answers %i is skipped', async (status) => {
    mirror.fault = (_request, response) => answer(response, status)
    const resolver = new ImageResolver(client)
    expect(await resolver.resolve({ source: source() })).toMatchObject({ ok: true, value: { ...expected, needs: { mirror: false } } })
    expect(await resolver.check({ source: source() })).toEqual({ ok: true, value: { versions: [{ tag: '1.36', digest }] } })
    expect(connected).toContain('registry-1.docker.io:443')
    expect(asked).toContain('HEAD nobody')
  })

  it('that does not run is skipped', async () => {
    await mirror.stop()
    expect(await new ImageResolver(client).resolve({ source: source() })).toMatchObject({ ok: true, value: expected })
  })

  it("has credentials of its own, and never the origin's", async () => {
    mirror.fault = (request, response) => request.headers.authorization === undefined && answer(response, 401, { 'www-authenticate': 'Basic realm="m"' })
    await new ImageResolver(client).resolve({ source: source() })
    const sent = mirror.seen.flatMap(({ authorization }) => authorization ?? [])
    expect([...new Set(sent)]).toEqual([`Basic ${Buffer.from('m:mp').toString('base64')}`])
  })

  it('when neither has the image, the error is the origin\'s', async () => {
    const result = await new ImageResolver(client).resolve({ source: { ...source(), tag: 'nope' } })
    expect(result.ok ? '' : describeImageError(result.error)).toBe('image not found: docker.io/library/busybox:nope: manifest unknown: nope (HTTP 404)')
  })
})

describe("the operator's mirror for all of Docker Hub", () => {
  const trust = operatorTrust([{ host: 'docker.io', insecure: true, caCerts: [] }], [])
  const resolver = () => new ImageResolver(client, { trust, mirror: { registry: mirror.host, insecure: false }, credentials: { find: (host) => Promise.resolve({ username: 'u', password: `of ${host}` }) } })

  it('is asked, and is where nodes pull from', async () => {
    expect(await resolver().resolve({ source: { repository: 'busybox', tag: '1.36' } })).toMatchObject({
      ok: true,
      value: {
        version: { tag: '1.36', digest },
        reference: `${mirror.host}/library/busybox:1.36@${digest}`,
        host: mirror.host,
        credentials: { password: `of ${mirror.host}` },
        needs: { insecure: false, caCerts: false, mirror: false },
      },
    })
    expect(await resolver().check({ source: { repository: 'busybox', tag: '1.36' } })).toEqual({ ok: true, value: { versions: [{ tag: '1.36', digest }] } })
    expect(connected).toEqual([])
  })

  it('that lacks an image is skipped, and nodes pull from the origin', async () => {
    mirror.fault = (_request, response) => answer(response, 404)
    expect(await resolver().resolve({ source: { repository: 'busybox', tag: '1.36', insecure: true } })).toMatchObject({
      ok: true,
      value: { reference: `docker.io/library/busybox:1.36@${digest}`, host: 'registry-1.docker.io', credentials: { password: 'of docker.io' } },
    })
  })

  it("is used for Docker Hub only, and after a source's own mirror", async () => {
    const other = await startFaultProxy(registry.host)
    const source = { repository: 'busybox', tag: '1.36', registry_mirror: { host: other.host } }
    expect(await resolver().resolve({ source })).toMatchObject({ ok: true, value: { reference: `docker.io/library/busybox:1.36@${digest}`, needs: { mirror: true } } })
    expect(await resolver().resolve({ source: { repository: `${other.host}/library/busybox`, tag: '1.36' } })).toMatchObject({ ok: true, value: { host: other.host } })
    expect(mirror.seen).toEqual([])
    await other.stop()
  })

  it('counts as the operator’s when a source names it', async () => {
    const source = { repository: 'busybox', tag: '1.36', registry_mirror: { host: mirror.host } }
    expect(await resolver().resolve({ source })).toMatchObject({ ok: true, value: { reference: `${mirror.host}/library/busybox:1.36@${digest}`, needs: { mirror: false } } })
  })
})

import { createServer as createTlsServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { handleRegistryRequest } from '../server/registry-handler.ts'
import { RegistryStore } from '../server/registry-store.ts'
import { startRegistry, type RunningRegistry } from '../server/start-registry.ts'
import { startFaultProxy, answer } from '../testing/fault-proxy.ts'
import { pushSample } from '../testing/sample-image.ts'
import { testCertificate } from '../testing/test-certificate.ts'
import { RegistryClient } from './registry-client.ts'
import { mayBePlain, type RegistryTarget } from './target.ts'

let dir: string
let plain: RunningRegistry
let secure: Server
let secureHost: string
let digest: string
let client: RegistryClient
const seen: (string | undefined)[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-registry-'))
  plain = await startRegistry({ dir })
  digest = await pushSample({ registry: plain.host, repository: 'app' }, 'v1')
  const store = new RegistryStore(dir)
  secure = createTlsServer(testCertificate, (request, response) => {
    seen.push(request.headers.authorization)
    void handleRegistryRequest(store, true, request, response)
  })
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
  secureHost = `127.0.0.1:${(secure.address() as AddressInfo).port}`
})
afterAll(async () => {
  await plain.stop()
  secure.closeAllConnections()
  await new Promise((resolve) => secure.close(resolve))
  await rm(dir, { recursive: true })
})
beforeEach(() => {
  client = new RegistryClient({ retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 }, timeouts: { connectMs: 2000, headersMs: 2000, bodyMs: 2000 } })
})
afterEach(() => client.close())

const head = (target: Partial<RegistryTarget>) => client.headManifest({ registry: secureHost, repository: 'app', ...target }, 'v1')

describe('TLS', () => {
  it('refuses a certificate that is not trusted, and does not fall back to plain HTTP', async () => {
    seen.length = 0
    const result = await head({ credentials: { username: 'u', password: 'p' } })
    expect(result).toMatchObject({ ok: false, error: { kind: 'tls', retryable: false, detail: expect.stringContaining('self-signed') as string } })
    expect(seen).toEqual([])
  })

  it('trusts what ca_certs names, and only for that source', async () => {
    expect(await head({ caCerts: [testCertificate.cert] })).toEqual({ ok: true, value: { digest } })
    expect((await head({})).ok).toBe(false)
  })

  it('verifies nothing for an insecure source, and only for that one', async () => {
    expect(await head({ insecure: true })).toEqual({ ok: true, value: { digest } })
    expect((await head({})).ok).toBe(false)
  })

  it('an insecure source may speak plain HTTP', async () => {
    expect(await head({ registry: plain.host, insecure: true })).toEqual({ ok: true, value: { digest } })
  })

  it('an insecure source does not make other hosts insecure: redirects are verified', async () => {
    const other = `localhost:${secureHost.split(':')[1]}`
    const proxy = await startFaultProxy()
    proxy.fault = (request, response) => answer(response, 307, { location: `https://${other}${request.url}` })
    expect(await head({ registry: proxy.host, insecure: true })).toMatchObject({ ok: false, error: { kind: 'tls' } })
    await proxy.stop()
  })

  it('a registry that changes from plain HTTP to TLS is found again', async () => {
    const proxy = await startFaultProxy(plain.host)
    const port = Number(proxy.host.split(':')[1])
    const target = { registry: proxy.host, caCerts: [testCertificate.cert] }
    expect((await head(target)).ok).toBe(true)
    await proxy.stop()
    const store = new RegistryStore(dir)
    const moved = createTlsServer(testCertificate, (request, response) => void handleRegistryRequest(store, true, request, response))
    await new Promise<void>((resolve) => moved.listen(port, '127.0.0.1', resolve))
    await head(target)
    expect(await head(target)).toEqual({ ok: true, value: { digest } })
    moved.closeAllConnections()
    await new Promise((resolve) => moved.close(resolve))
  })
})

it.each([
  ['localhost:5000', true],
  ['127.0.0.1', true],
  ['127.1.2.3:80', true],
  ['[::1]:5000', true],
  ['reg.local', true],
  ['reg.localhost:1', true],
  ['10.1.2.3:5000', true],
  ['172.16.0.1', true],
  ['172.31.0.1', true],
  ['192.168.1.1', true],
  ['172.32.0.1', false],
  ['11.0.0.1', false],
  ['192.169.0.1', false],
  ['ghcr.io', false],
  ['10.evil.example', false],
  ['local.example', false],
  ['localhost.evil.example', false],
])('%s may be plain: %s', (host, expected) => {
  expect(mayBePlain(host)).toBe(expected)
})

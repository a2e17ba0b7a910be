import { networkInterfaces } from 'node:os'
import { Readable } from 'node:stream'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answer, startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts'
import type { Lookup } from './reach.ts'
import { RegistryClient } from './registry-client.ts'

/** A service of this machine that nobody outside may reach. */
let inner: FaultProxy
let clients: RegistryClient[]
const others: Server[] = []

beforeEach(async () => {
  clients = []
  inner = await startFaultProxy()
  inner.fault = (_request, response) => answer(response, 200, { 'content-type': 'application/json' }, '{"token":"of-the-inner-service"}')
})
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await inner.stop()
  await Promise.all(others.splice(0).map((server) => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() })))
})

/** Names that end in .example, by what they lead to. */
const names: Record<string, string> = {}
const lookup: Lookup = (hostname, _options, callback) => {
  const address = names[hostname]
  if (address === undefined) callback(Object.assign(new Error('not known'), { code: 'ENOTFOUND' }), [])
  else callback(null, [{ address, family: 4 }])
}
const client = (): RegistryClient => {
  const made = new RegistryClient({ lookup, env: {}, retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 }, timeouts: { connectMs: 2000 } })
  clients.push(made)
  return made
}

/** This machine's address in a network, so that it is no loopback one. */
const outward = Object.values(networkInterfaces()).flat().find((one) => one?.family === 'IPv4' && !one.internal)?.address

/** A registry that is not on loopback and leads wherever `answers` says. */
async function outwardRegistry(headers: Record<string, string>, status: number): Promise<string> {
  const server = createServer((_request, response) => void response.writeHead(status, headers).end())
  others.push(server)
  await new Promise<void>((resolve) => server.listen(0, outward, resolve))
  return `${outward}:${(server.address() as AddressInfo).port}`
}

describe.skipIf(outward === undefined)('a registry elsewhere', () => {
  const ways = (url: string) => [[307, { location: url }], [401, { 'www-authenticate': `Bearer realm="${url}"` }]] as const

  it.each(['redirect', 'realm'] as const)('cannot lead to a service of this machine by a %s', async (way) => {
    names['inner.example'] = '127.0.0.1'
    const port = inner.host.split(':')[1]
    for (const host of [inner.host, `localhost:${port}`, `inner.example:${port}`, `[::ffff:127.0.0.1]:${port}`, `2130706433:${port}`]) {
      const [status, headers] = ways(`http://${host}/latest`)[way === 'redirect' ? 0 : 1]
      names['localhost'] = '127.0.0.1'
      const registry = await outwardRegistry(headers, status)
      const result = await client().headManifest({ registry, repository: 'app', insecure: true, credentials: { username: 'u', password: 'p' } }, 'v1')
      expect(result).toMatchObject({ ok: false, error: { kind: 'bad-response', retryable: false, detail: expect.stringMatching(/one of this machine itself, and a registry must not lead there$/) as string } })
    }
    expect(inner.seen).toEqual([])
  })

  it.each(['redirect', 'realm'] as const)('cannot lead to a metadata service by a %s', async (way) => {
    const [status, headers] = ways('http://169.254.169.254/latest/meta-data/')[way === 'redirect' ? 0 : 1]
    const result = await client().headManifest({ registry: await outwardRegistry(headers, status), repository: 'app', insecure: true }, 'v1')
    expect(result).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: expect.stringContaining('that of a metadata service') as string } })
  })

  it('cannot send an upload to this machine', async () => {
    const registry = await outwardRegistry({ location: `${inner.url}/upload` }, 202)
    const result = await client().putBlob({ registry, repository: 'app', insecure: true }, { digest: `sha256:${'0'.repeat(64)}`, size: 1, open: () => Readable.from([Buffer.from('x')]) })
    expect(result).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: expect.stringContaining('must not lead there') as string } })
    expect(inner.seen).toEqual([])
  })
})

describe('a registry on this machine', () => {
  it('may name a token service on this machine, but not a metadata service', async () => {
    const registry = await startFaultProxy()
    registry.fault = (request, response) =>
      request.headers.authorization === undefined ? answer(response, 401, { 'www-authenticate': `Bearer realm="${inner.url.replace('127.0.0.1', 'localhost')}/token"` }) : answer(response, 200, { 'docker-content-digest': `sha256:${'1'.repeat(64)}` })
    names['localhost'] = '127.0.0.1'
    expect(await client().headManifest({ registry: registry.host, repository: 'app' }, 'v1')).toMatchObject({ ok: true })
    expect(inner.seen).toHaveLength(1)
    registry.fault = (_request, response) => answer(response, 307, { location: 'http://169.254.169.254/' })
    expect(await client().headManifest({ registry: registry.host, repository: 'app' }, 'v1')).toMatchObject({ ok: false, error: { detail: expect.stringContaining('metadata service') as string } })
    await registry.stop()
  })

  it('is never a metadata service, whoever names it', async () => {
    names['imds.example'] = '169.254.169.254'
    for (const registry of ['169.254.169.254', 'imds.example']) {
      expect(await client().headManifest({ registry, repository: 'app', insecure: true }, 'v1')).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: expect.stringContaining('that of a metadata service, and no registry is there') as string } })
    }
  })
})

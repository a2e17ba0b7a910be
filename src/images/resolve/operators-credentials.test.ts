import { createServer as createTlsServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import { CloudLogins } from '../cloud/cloud-logins.ts'
import { operatorTrust, type OperatorTrust } from '../reference/registry-trust.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { answer, startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts'
import { testCertificate } from '../testing/test-certificate.ts'
import { describeImageError } from './image-error.ts'
import { ImageResolver } from './image-resolver.ts'

const credentials = { username: 'operator', password: 'canary-of-docker' }
const digest = `sha256:${'1'.repeat(64)}`

let client: RegistryClient
let tls: Server
let plain: FaultProxy
let secureHost: string
/** Authorization headers that reached a registry. */
let seen: string[]

/** Wants the password. */
const wanting = (request: IncomingMessage, response: ServerResponse): true => {
  if (request.headers.authorization === undefined) return answer(response, 401, { 'www-authenticate': 'Basic realm="x"' })
  seen.push(request.headers.authorization)
  return answer(response, 200, { 'docker-content-digest': digest })
}

beforeEach(async () => {
  seen = []
  client = new RegistryClient({ env: {}, retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 }, lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]) })
  tls = createTlsServer(testCertificate, wanting)
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve))
  secureHost = `127.0.0.1:${(tls.address() as AddressInfo).port}`
  plain = await startFaultProxy()
  plain.fault = wanting
})
afterEach(async () => {
  await client.close()
  await plain.stop()
  tls.closeAllConnections()
  await new Promise((resolve) => tls.close(resolve))
})

const trusting = (...trusts: Parameters<typeof operatorTrust>[0]): OperatorTrust => operatorTrust(trusts, [])
const resolver = (trust?: OperatorTrust) => new ImageResolver(client, { credentials: { find: () => Promise.resolve(credentials) }, ...(trust && { trust }) })
const check = async (source: JsonObject, trust?: OperatorTrust): Promise<string> => {
  const checked = await resolver(trust).check({ source: { tag: '1', ...source } })
  return checked.ok ? 'checked' : describeImageError(checked.error)
}
/** A host that is no loopback by its name. */
const named = (host: string): string => `registry.example:${host.split(':')[1]}`

describe('docker’s credentials', () => {
  it.each([
    ['insecure: true, TLS', () => ({ repository: `${secureHost}/app`, insecure: true }), '`insecure: true`'],
    ['insecure: true, no TLS', () => ({ repository: `${named(plain.host)}/app`, insecure: true }), '`insecure: true`'],
    ['ca_certs', () => ({ repository: `${secureHost}/app`, ca_certs: [testCertificate.cert] }), '`ca_certs`'],
  ])('are not sent where a source says %s', async (_what, source, words) => {
    const said = await check(source())
    expect(said).toContain("registry denied access")
    expect(said).toContain(`this server's credentials are not sent: the source`)
    expect(said).toContain(words)
    expect(said).toMatch(/--registry-trust \S+:\d+=(insecure|ca:FILE)/)
    expect(said).not.toContain(credentials.password)
    expect(seen).toEqual([])
  })

  it('of the source itself are sent wherever it says', async () => {
    expect(await check({ repository: `${secureHost}/app`, insecure: true, ...credentials })).toBe('checked')
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['insecure', () => check({ repository: `${secureHost}/app`, insecure: true }, trusting({ host: secureHost, insecure: true, caCerts: [] }))],
    ['insecure, and the source says nothing', () => check({ repository: `${named(plain.host)}/app` }, trusting({ host: named(plain.host), insecure: true, caCerts: [] }))],
    ['an authority, and the source says nothing', () => check({ repository: `${secureHost}/app` }, trusting({ host: secureHost, insecure: false, caCerts: [testCertificate.cert] }))],
    ['that nodes are insecure, as the source', () => check({ repository: `${named(plain.host)}/app`, insecure: true }, operatorTrust([], [{ host: named(plain.host), trusts: ['insecure'] }]))],
    ['that nodes have an authority, as the source', () => check({ repository: `${secureHost}/app`, ca_certs: [testCertificate.cert] }, operatorTrust([], [{ host: secureHost, trusts: ['ca'] }]))],
  ])('are sent where the operator says %s', async (_what, done) => {
    expect(await done()).toBe('checked')
    expect(seen).toHaveLength(1)
  })

  it('the operator’s authority is not made insecure by a source', async () => {
    expect(await check({ repository: `${secureHost}/app`, insecure: true }, trusting({ host: secureHost, insecure: false, caCerts: [testCertificate.cert] }))).toContain('are not sent')
    expect(seen).toEqual([])
  })

  it('go over plain HTTP to loopback, and to no other host that may be plain', async () => {
    expect(await check({ repository: `${plain.host}/app` })).toBe('checked')
    expect(seen).toHaveLength(1)
    const local = `registry.local:${plain.host.split(':')[1]}`
    expect(await check({ repository: `${local}/app` })).toContain(`it does not speak TLS (this server has credentials for it, which go over plain HTTP only where its operator says so: --registry-trust ${local}=insecure)`)
    expect(seen).toHaveLength(1)
  })

  it('go to no token service without TLS on another host, whatever is said of the registry', async () => {
    plain.fault = (_request, response) => answer(response, 401, { 'www-authenticate': `Bearer realm="http://tokens.example:${plain.host.split(':')[1]}/token"` })
    expect(await check({ repository: `${named(plain.host)}/app` }, trusting({ host: named(plain.host), insecure: true, caCerts: [] }))).toContain('is not reached over TLS')
    expect(plain.seen.some(({ url }) => url.startsWith('/token'))).toBe(false)
  })
})

it.each([
  ['ACR', { repository: 'me.azurecr.io/app', azure_acr: true }],
  ['ECR', { repository: 'app', aws_region: 'eu-west-1', aws_account_id: '123456789012' }],
  ['ECR with a role', { repository: 'app', aws_region: 'eu-west-1', aws_account_id: '123456789012', aws_role_arn: 'arn:aws:iam::1:role/x' }],
])('the server’s own identity is not used for %s where the source weakens the connection', async (_what, source) => {
  const metadata = await startFaultProxy()
  const clouds = new CloudLogins({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url, AZURE_POD_IDENTITY_AUTHORITY_HOST: metadata.url }, ownIdentity: ['*.azurecr.io', '*.dkr.ecr.eu-west-1.amazonaws.com'] })
  for (const weak of [{ insecure: true }, { ca_certs: [testCertificate.cert] }]) {
    const checked = await new ImageResolver(client, { clouds }).check({ source: { ...source, tag: '1', ...weak } })
    expect(checked.ok ? '' : describeImageError(checked.error)).toContain("this server's own identity is not used: the source")
  }
  expect(metadata.seen).toEqual([])
  await clouds.close()
  await metadata.stop()
})

it('an error about the operator’s own source names flags', async () => {
  const source = { repository: `${named(plain.host)}/git`, tag: '1' }
  const asked = async (more: JsonObject, trust?: OperatorTrust) => {
    const image = await new ImageResolver(client, trust && { trust }).resolve({ source: { ...source, ...more }, by: 'operator' })
    return image.ok ? 'resolved' : describeImageError(image.error)
  }
  expect(await asked({})).toContain(`it does not speak TLS (--registry-trust ${named(plain.host)}=insecure allows plain HTTP)`)
  expect(await asked({}, trusting({ host: named(plain.host), insecure: true, caCerts: [] }))).toContain('registry denied access')
  expect(await asked({ repository: `${secureHost}/git` })).toContain(`its certificate is self-signed (--registry-trust ${secureHost}=ca:FILE names its authority)`)
  // The operator's own source may say all that a source can.
  expect((await resolver().resolve({ source: { ...source, insecure: true }, by: 'operator' })).ok).toBe(false)
  expect(seen.length).toBeGreaterThan(0)
})

import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../lib/clock.ts'
import { describeRegistryError } from '../registry/registry-error.ts'
import type { RegistryTarget } from '../registry/target.ts'
import { answer, startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts'
import { testCertificate } from '../testing/test-certificate.ts'
import { CloudLogins } from './cloud-logins.ts'
import { ecrHost, type EcrRegistry } from './cloud-registry.ts'

const canary = 'canary/secret+key=='
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: canary }
const region = 'eu-west-1'
const account = '012345678910'
const host = ecrHost(account, region)
const ecr = (more: Partial<EcrRegistry> = {}): EcrRegistry => ({ kind: 'ecr', region, keys, roles: [], ...more })
const target: RegistryTarget = { registry: host, repository: 'team/app' }
const hour = 3_600_000

let aws: FaultProxy
let time: number
let closing: CloudLogins[]
const clock: Clock = {
  now: () => time,
  sleep: (ms) => {
    time += ms
    return Promise.resolve()
  },
}
const logins = (env: NodeJS.ProcessEnv = {}, ownIdentity: string[] = []): CloudLogins => {
  const made = new CloudLogins({ clock, env: { AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url, ...env }, ownIdentity })
  closing.push(made)
  return made
}

/** Whose secret signed a request, by AWS's own rule for it. */
function signedBy(request: IncomingMessage, body: Buffer, secrets: readonly string[]): string | undefined {
  const [, id = '', date = '', where = '', service = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(request.headers.authorization ?? '') ?? []
  const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
  const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`).join('')
  const canonical = ['POST', request.url, '', headers, names, hash(body)].join('\n')
  const scope = `${date}/${where}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hash(canonical)].join('\n')
  const good = secrets.find((secret) => hmac(hmac(hmac(hmac(hmac(`AWS4${secret}`, date), where), service), 'aws4_request'), text).toString('hex') === signature)
  return good === undefined ? undefined : `${id} ${good} ${service} ${where}`
}

const token = (password = 'ecr-pw', proxyEndpoint = `https://${host}`): string =>
  JSON.stringify({ authorizationData: [{ authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'), expiresAt: (time + 12 * hour) / 1000, proxyEndpoint }] })
const xmlKeys = (name: string): string =>
  `<r><Credentials><AccessKeyId>${name}</AccessKeyId><SecretAccessKey>secret&amp;of ${name}</SecretAccessKey><SessionToken>session of ${name}</SessionToken></Credentials></r>`

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1)
  closing = []
  aws = await startFaultProxy()
  aws.fault = (_request, response) => answer(response, 200, {}, token())
})
afterEach(async () => {
  await Promise.all(closing.map((made) => made.close()))
  await aws.stop()
})

describe('ECR', () => {
  it('gives a password to the keys of the source, kept while it lasts', async () => {
    const signers: (string | undefined)[] = []
    aws.fault = (request, response, body) => {
      signers.push(signedBy(request, body, [canary]))
      expect(request.headers['x-amz-target']).toBe('AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken')
      return answer(response, 200, {}, token())
    }
    const cloud = logins()
    const expected = { ok: true, value: { registry: host, credentials: { username: 'AWS', password: 'ecr-pw' } } }
    expect(await Promise.all([cloud.login(ecr(), target), cloud.login(ecr(), target)])).toMatchObject([expected, expected])
    expect(signers).toEqual([`AKIDEXAMPLE ${canary} ecr ${region}`])
    time += 11 * hour
    expect(await cloud.login(ecr(), target)).toMatchObject(expected)
    expect(signers).toHaveLength(1)
    time += hour
    await cloud.login(ecr(), target)
    expect(signers).toHaveLength(2)
    await cloud.login(ecr({ keys: { ...keys, accessKeyId: 'OTHER' } }), target)
    expect(signers).toHaveLength(3)
  })

  it('is in the account that the source names, else where ECR says', async () => {
    aws.fault = (_request, response) => answer(response, 200, {}, token('pw', `https://${ecrHost('999999999999', region)}`))
    expect(await logins().login(ecr({ accountId: account }), target)).toMatchObject({ value: { registry: host } })
    expect(await logins().login(ecr(), target)).toMatchObject({ value: { registry: ecrHost('999999999999', region) } })
  })

  it('takes on roles, one after the other', async () => {
    const seen: string[] = []
    aws.fault = (request, response, body) => {
      const signer = signedBy(request, body, [canary, 'secret&of one', 'secret&of two'])
      const role = new URLSearchParams(body.toString()).get('RoleArn')
      seen.push(`${signer} ${String(request.headers['x-amz-security-token'] ?? 'no session')} ${role}`)
      if (role === null) return answer(response, 200, {}, token())
      return answer(response, 200, { 'content-type': 'text/xml' }, xmlKeys(role.endsWith('1') ? 'one' : 'two'))
    }
    const keysWithSession = { ...keys, sessionToken: 'own session' }
    expect(await logins().login(ecr({ keys: keysWithSession, roles: ['arn:aws:iam::1:role/1', 'arn:aws:iam::1:role/2'] }), target)).toMatchObject({ ok: true })
    expect(seen).toEqual([
      `AKIDEXAMPLE ${canary} sts eu-west-1 own session arn:aws:iam::1:role/1`,
      'one secret&of one sts eu-west-1 session of one arn:aws:iam::1:role/2',
      'two secret&of two ecr eu-west-1 session of two null',
    ])
  })

  it.each([
    [400, {}, JSON.stringify({ __type: 'x#UnrecognizedClientException', message: `The security token ${canary} is invalid.` }), 'ECR in eu-west-1: UnrecognizedClientException: The security token ((redacted)) is invalid. (HTTP 400)'],
    [200, {}, '{}', 'registry answered wrongly: ' + `${host}/team/app: ECR in eu-west-1: its answer holds no token`],
    [200, {}, 'garbage', 'its answer holds no token'],
    [503, {}, '', 'ECR failed (HTTP 503)'],
  ])('that answers %i %j %s is an error in one line', async (status, headers, body, expected) => {
    aws.fault = (_request, response) => answer(response, status, headers, body)
    const failed = await logins().login(ecr(), target)
    const words = failed.ok ? 'ok' : describeRegistryError(failed.error)
    expect(words).toContain(expected)
    expect(words).toContain(`${host}/team/app`)
    expect(words).not.toContain(canary)
    expect(aws.seen).toHaveLength(status === 503 ? 5 : 1)
  })

  it('refuses a role in STS\'s own words', async () => {
    aws.fault = (_request, response) => answer(response, 403, {}, '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not allowed</Message></Error></ErrorResponse>')
    expect(await logins().login(ecr({ roles: ['arn:1'] }), target)).toMatchObject({ error: { kind: 'unauthorized', detail: 'STS in eu-west-1: AccessDenied: not allowed' } })
  })
})

describe("the server's own identity at AWS", () => {
  const own: EcrRegistry = { kind: 'ecr', region, roles: [] }
  const patterns = [`*.dkr.ecr.${region}.amazonaws.com`]

  it('is used for no registry that the operator has not named', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'ID', AWS_SECRET_ACCESS_KEY: 'S' }
    for (const ownIdentity of [[], ['*.azurecr.io'], ['*.dkr.ecr.us-east-1.amazonaws.com']]) {
      expect(await logins(env, ownIdentity).login(own, target)).toMatchObject({ error: { detail: expect.stringContaining("--cloud-identity '*.dkr.ecr.eu-west-1.amazonaws.com'") as string } })
    }
    expect(aws.seen).toEqual([])
    expect(await logins(env, [ecrHost('999999999999', region)]).login(own, target)).toMatchObject({ error: { detail: expect.stringContaining(`--cloud-identity '${host}'`) as string } })
    expect(await logins(env, patterns).login(own, target)).toMatchObject({ ok: true })
  })

  it('comes from a web identity', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'airside-identity-'))
    await writeFile(join(dir, 'token'), 'web-token\n')
    const asked: string[] = []
    aws.fault = (request, response, body) => {
      const form = new URLSearchParams(body.toString())
      asked.push(`${form.get('Action')} ${form.get('RoleArn')} ${form.get('WebIdentityToken')} ${signedBy(request, body, ['secret&of web'])}`)
      return form.has('Action') ? answer(response, 200, {}, xmlKeys('web')) : answer(response, 200, {}, token())
    }
    expect(await logins({ AWS_WEB_IDENTITY_TOKEN_FILE: join(dir, 'token'), AWS_ROLE_ARN: 'arn:web' }, patterns).login(own, target)).toMatchObject({ ok: true })
    expect(asked).toEqual(['AssumeRoleWithWebIdentity arn:web web-token undefined', 'null null null web secret&of web ecr eu-west-1'])
    await rm(dir, { recursive: true })
  })

  it.each([
    ['a container', () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/creds`, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'container-token' }), ['GET /creds container-token']],
    ['an instance', () => ({}), ['PUT /latest/api/token undefined', 'GET /latest/meta-data/iam/security-credentials/ meta-token', 'GET /latest/meta-data/iam/security-credentials/some-role meta-token']],
  ])('comes from %s', async (_where, env, expected) => {
    const asked: string[] = []
    aws.fault = (request, response, body) => {
      if (request.method === 'POST') {
        expect(signedBy(request, body, ['own-secret'])).toBe('OWN own-secret ecr eu-west-1')
        return answer(response, 200, {}, token())
      }
      asked.push(`${request.method} ${request.url} ${String(request.headers['x-aws-ec2-metadata-token'] ?? request.headers.authorization)}`)
      if (request.url === '/latest/api/token') return answer(response, 200, {}, 'meta-token')
      if (request.url?.endsWith('/security-credentials/') === true) return answer(response, 200, {}, 'some-role')
      return answer(response, 200, {}, JSON.stringify({ AccessKeyId: 'OWN', SecretAccessKey: 'own-secret', Token: 'own-session' }))
    }
    expect(await logins(env(), patterns).login(own, target)).toMatchObject({ ok: true })
    expect(asked).toEqual(expected)
  })

  it('is not there', async () => {
    expect(await logins({ AWS_EC2_METADATA_DISABLED: 'true' }, patterns).login(own, target)).toMatchObject({ error: { detail: 'this machine has no AWS identity' } })
    aws.fault = (_request, response) => answer(response, 404)
    expect(await logins({}, patterns).login(own, target)).toMatchObject({ error: { detail: expect.stringContaining('no AWS identity') as string } })
  })
})

describe('ACR', () => {
  let registry: Server
  let acrHost: string
  let acr: RegistryTarget
  const asked: string[] = []
  let status: number
  const identity = (more: NodeJS.ProcessEnv = {}) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: aws.url, ...more })
  const refreshToken = (): string => `h.${Buffer.from(JSON.stringify({ exp: (time + 3 * hour) / 1000 })).toString('base64url')}.s`

  beforeEach(async () => {
    asked.length = 0
    status = 200
    aws.fault = (_request, response) => answer(response, 200, {}, JSON.stringify({ access_token: canary }))
    registry = createServer(testCertificate, (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`)
        if (request.url === '/v2/') return response.writeHead(401, { 'www-authenticate': `Bearer realm="https://${acrHost}/oauth2/exchange?tenant=found",service="x"` }).end()
        return response.writeHead(status).end(status === 200 ? JSON.stringify({ refresh_token: refreshToken() }) : canary)
      })
    })
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
    acrHost = `127.0.0.1:${(registry.address() as AddressInfo).port}`
    acr = { registry: acrHost, repository: 'app', caCerts: [testCertificate.cert] }
  })
  afterEach(() => {
    registry.closeAllConnections()
    registry.close()
  })

  it("gives a token of the registry for this machine's managed identity, kept while it lasts", async () => {
    const cloud = logins(identity(), [acrHost])
    expect(await cloud.login({ kind: 'acr' }, acr)).toEqual({
      ok: true,
      value: { registry: acrHost, credentials: { username: '00000000-0000-0000-0000-000000000000', password: refreshToken() }, expires: time + 3 * hour },
    })
    expect(aws.seen.map(({ url }) => url)).toEqual(['/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com'])
    expect(asked).toEqual([
      'GET /v2/ ',
      `POST /oauth2/exchange grant_type=access_token&service=${encodeURIComponent(acrHost)}&tenant=found&access_token=${encodeURIComponent(canary)}`,
    ])
    await cloud.login({ kind: 'acr' }, acr)
    expect(asked).toHaveLength(2)
  })

  it('knows identity, tenant and cloud from the source; the tenant then is not asked for', async () => {
    expect(await logins(identity(), [acrHost]).login({ kind: 'acr', clientId: 'client', tenantId: 'own-tenant', environment: 'AzureChina' }, acr)).toMatchObject({ ok: true })
    expect(aws.seen[0]?.url).toContain('resource=https%3A%2F%2Fmanagement.chinacloudapi.cn&client_id=client')
    expect(asked).toEqual([expect.stringContaining('tenant=own-tenant')])
  })

  it('asks the endpoint that App Service names', async () => {
    const seen: unknown[] = []
    aws.fault = (request, response) => {
      seen.push(request.url, request.headers['x-identity-header'])
      return answer(response, 200, {}, JSON.stringify({ access_token: canary }))
    }
    expect(await logins({ IDENTITY_ENDPOINT: `${aws.url}/msi/token`, IDENTITY_HEADER: 'hdr' }, [acrHost]).login({ kind: 'acr' }, acr)).toMatchObject({ ok: true })
    expect(seen).toEqual(['/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com', 'hdr'])
  })

  it('shows no identity to a registry that the operator has not named, nor without verified TLS', async () => {
    expect(await logins(identity()).login({ kind: 'acr' }, acr)).toMatchObject({ error: { kind: 'unauthorized', detail: expect.stringContaining('--cloud-identity') as string } })
    const { caCerts: _, ...untrusted } = acr
    expect(await logins(identity(), [acrHost]).login({ kind: 'acr', tenantId: 't' }, { ...untrusted, insecure: true })).toMatchObject({ error: { kind: 'tls' } })
    expect(asked).toEqual([])
  })

  it.each([
    [200, 400, 'error', 'this machine has no managed identity that serves: the Azure metadata service says: Identity not found'],
    [401, 200, 'ok', "its token exchange refused the managed identity (azure_tenant_id is the registry's tenant, not the machine's)"],
  ])('refused is an error in one line, without the token', async (exchange, metadata, _what, expected) => {
    status = exchange
    aws.fault = (_request, response) => answer(response, metadata, {}, JSON.stringify(metadata === 200 ? { access_token: canary } : { error_description: 'Identity not found' }))
    const failed = await logins(identity(), [acrHost]).login({ kind: 'acr', tenantId: 't' }, acr)
    const words = failed.ok ? 'ok' : describeRegistryError(failed.error)
    expect(words).toContain(expected)
    expect(words).not.toContain(canary)
  })
})

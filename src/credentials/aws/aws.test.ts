import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { fail, ok } from '../../model/result.ts'
import { describeSecretManager, type Place } from '../conformance/suite.ts'
import { fakeAws, fakeKeys, fakeRegion, isSigned, type FakeAws } from '../testing/fake-aws.ts'
import { AwsClient, type AwsClientOptions } from './client.ts'
import { secretsManager } from './secrets-manager.ts'
import { awsSettingsOf, awsTemplates } from './settings.ts'
import { mostPages, ssmManager } from './ssm.ts'

const scope = { team: 'main' }
const noIdentity = () => Promise.resolve(fail({ message: 'this machine has no AWS identity', retryable: false }))

function clientOf(aws: FakeAws, service: AwsClientOptions['service'], more: Partial<AwsClientOptions> = {}): AwsClient {
  const variable = service === 'ssm' ? 'AWS_ENDPOINT_URL_SSM' : 'AWS_ENDPOINT_URL_SECRETS_MANAGER'
  return new AwsClient({ service, region: fakeRegion, keys: fakeKeys, identity: noIdentity, clock: fakeClock(), env: { [variable]: aws.url }, ...more })
}

const three = [awsTemplates.pipeline, awsTemplates.team, awsTemplates.shared]
const secretsManagerOf = (aws: FakeAws, more?: Partial<AwsClientOptions>) => secretsManager({ type: 'secretsmanager', region: fakeRegion, templates: three }, clientOf(aws, 'secretsmanager', more), 'below team')
const ssmOf = (aws: FakeAws) => ssmManager({ type: 'ssm', region: fakeRegion, templates: three.slice(0, 2), sharedPath: '/shared' }, clientOf(aws, 'ssm'), 'below team')
const pathOf = (place: Place, name: string, all: string) => (place === 'all' ? `${all}/${name}` : ['/concourse', place.team, ...(place.pipeline === undefined ? [] : [place.pipeline]), name].join('/'))

describeSecretManager('AWS Secrets Manager, on a fake server', {
  async open() {
    const aws = await fakeAws()
    return {
      manager: secretsManagerOf(aws),
      put: (place, name, value) => Promise.resolve(void aws.secrets.set(pathOf(place, name, '/concourse'), typeof value === 'string' ? value : JSON.stringify(value))),
      close: () => aws.close(),
    }
  },
})

describeSecretManager('AWS SSM, on a fake server', {
  longest: 4096,
  async open() {
    const aws = await fakeAws()
    return {
      manager: ssmOf(aws),
      put(place, name, value) {
        const path = pathOf(place, name, '/shared')
        for (const [at, text] of typeof value === 'string' ? [[path, value] as const] : Object.entries(value).map(([field, text]) => [`${path}/${field}`, text] as const)) aws.parameters.set(at, text)
        return Promise.resolve()
      },
      close: () => aws.close(),
    }
  },
})

describe('the managers of AWS', () => {
  let aws: FakeAws
  beforeEach(async () => {
    aws = await fakeAws()
  })
  afterEach(() => aws.close())

  test('sign each call', async () => {
    await secretsManagerOf(aws).get('/concourse/main/é', scope)
    expect(await isSigned(aws, 'secretsmanager')).toBe(true)
    await ssmOf(aws).get('/concourse/main/x', scope)
    expect(await isSigned(aws, 'ssm')).toBe(true)
    expect(await isSigned(aws, 'secretsmanager')).toBe(false)
  })

  test('ask for nothing that AWS cannot have, and for no path with two slashes', () => {
    expect(secretsManagerOf(aws).paths('/a', { team: 'main', pipeline: 'a b' })).toEqual(['/concourse/main/a'])
    expect(ssmOf(aws).paths('a@b', { team: 'main', pipeline: 'p' })).toEqual([])
    expect(ssmOf(aws).paths('a', { team: 'main', pipeline: 'p/q' })).toEqual(['/concourse/main/a', '/shared/a'])
  })

  test('read a JSON object as fields, other JSON as text, and binary secrets that are objects', async () => {
    const get = async (secret: string | Record<string, unknown>) => {
      aws.secrets.set('/s', secret)
      return secretsManagerOf(aws).get('/s', scope)
    }
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    expect(await get('{"a": "b"}')).toEqual(ok({ value: { a: 'b' } }))
    expect(await get('["a"]')).toEqual(ok({ value: '["a"]' }))
    expect(await get('"a"')).toEqual(ok({ value: '"a"' }))
    expect(await get({ SecretBinary: base64('{"a": 1}') })).toEqual(ok({ value: { a: 1 } }))
    expect(await get({ SecretBinary: base64('hunter3') })).toEqual(fail({ message: 'secret /s of AWS Secrets Manager is binary, and no JSON object', retryable: false }))
    expect(await get({})).toEqual(ok(undefined))
  })

  test('find nothing in a secret that is to be deleted', async () => {
    aws.failure = { status: 400, body: { __type: 'InvalidRequestException', message: 'marked for deletion' } }
    expect(await secretsManagerOf(aws).get('/s', scope)).toEqual(ok(undefined))
  })

  test.each([[500, 'InternalServiceError', true], [400, 'ThrottlingException', true], [429, 'X', true], [400, 'AccessDeniedException', false], [400, 'DecryptionFailure', false]])('an answer %i %s may be tried again: %s', async (status, type, retryable) => {
    aws.failure = { status, body: { __type: type, Message: `not with ${fakeKeys.secretAccessKey}` } }
    const answer = await secretsManagerOf(aws).get('/s', scope)
    expect(answer).toMatchObject({ ok: false, error: { retryable, message: expect.stringContaining(`AWS Secrets Manager in eu-west-1 answered ${status}: ${type}: not with ((redacted))`) as string } })
  })

  test('parameters below a path are read page by page, up to a bound', async () => {
    for (let i = 0; i < mostPages * 10; i++) aws.parameters.set(`/concourse/main/x/${i}`, `${i}`)
    const all = await ssmOf(aws).get('/concourse/main/x', scope)
    expect(all.ok && Object.keys(all.value?.value ?? {})).toHaveLength(mostPages * 10)
    aws.parameters.set('/concourse/main/x/more/deep', 'y')
    expect(await ssmOf(aws).get('/concourse/main/x', scope)).toMatchObject({ ok: false, error: { retryable: false, message: expect.stringContaining('more than 1000 parameters below /concourse/main/x') as string } })
  })

  test('use the machine’s identity for a time, and find it anew when AWS does not know it', async () => {
    const clock = fakeClock()
    let found = 0
    const manager = secretsManagerOf(aws, { keys: undefined as never, clock, identity: () => Promise.resolve(ok({ ...fakeKeys, sessionToken: `session-${++found}` })) })
    await manager.get('/s', scope)
    await manager.get('/s', scope)
    expect(aws.requests.map(({ headers }) => headers['x-amz-security-token'])).toEqual(['session-1', 'session-1'])
    await clock.advance(300_000)
    await manager.get('/s', scope)
    expect(found).toBe(2)
    aws.failure = { status: 400, body: { __type: 'ExpiredTokenException' } }
    await manager.get('/s', scope)
    await manager.get('/s', scope)
    expect(found).toBe(3)
  })

  test('say that the machine has no identity', async () => {
    expect(await secretsManagerOf(aws, { keys: undefined as never }).get('/s', scope)).toEqual(fail({ message: 'this machine has no AWS identity', retryable: false }))
  })
})

describe('a var source’s config', () => {
  test('is read with its defaults', () => {
    expect(awsSettingsOf('secretsmanager', { region: fakeRegion, Access_Key: 'a', secret_key: 'b' }, false)).toEqual(ok({ type: 'secretsmanager', region: fakeRegion, keys: { accessKeyId: 'a', secretAccessKey: 'b' }, templates: three }))
    expect(awsSettingsOf('ssm', { region: fakeRegion, access_key: 'a', secret_key: 'b', session_token: 'c', team_secret_template: '/t/{{.Secret}}', shared_path: '/s' }, false)).toEqual(
      ok({ type: 'ssm', region: fakeRegion, keys: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' }, templates: [awsTemplates.pipeline, '/t/{{.Secret}}'], sharedPath: '/s' }),
    )
  })

  test('has keys of its own, unless the operator opens the machine’s identity', () => {
    expect(awsSettingsOf('ssm', { region: fakeRegion }, false)).toMatchObject({ ok: false, error: expect.stringContaining('--var-source-access aws') as string })
    expect(awsSettingsOf('ssm', { region: fakeRegion }, true)).toMatchObject({ ok: true, value: { region: fakeRegion } })
  })

  test.each(['', 'evil.example/#', 'eu-west-1.evil.example', 'eu_west', 'EU-WEST-1'])('has a region that is one, not %j', (region) => {
    expect(awsSettingsOf('ssm', { region, access_key: 'a', secret_key: 'b' }, false)).toMatchObject({ ok: false })
  })
})

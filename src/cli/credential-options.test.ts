import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { credentialOptions } from './credential-options.ts'
import { addSettings, settingsOf } from './settings/settings-of.ts'

const optionsOf = (env: Record<string, string>) => credentialOptions(settingsOf('web', addSettings(new Command(), 'web').exitOverride().parse([], { from: 'user' }), () => undefined, env))

describe('options about credential managers', () => {
  test('are few unless they are given', () => {
    expect(optionsOf({})).toEqual({ managers: [], access: { directories: [], prefixes: [], awsIdentity: false }, retry: { attempts: 5, intervalMs: 1000 }, recycleMs: 300_000, signingKeys: { rotationMs: 604_800_000, graceMs: 86_400_000 } })
  })

  test('are read from Concourse’s names', () => {
    expect(
      optionsOf({
        CONCOURSE_DUMMY_CREDS_VAR: 'main/a={b: 1}', CONCOURSE_KUBERNETES_CONFIG_PATH: '/k', CONCOURSE_AWS_SSM_REGION: 'eu-west-1', CONCOURSE_AWS_SECRETSMANAGER_REGION: 'eu-west-2',
        CONCOURSE_AWS_SECRETSMANAGER_ACCESS_KEY: 'id', CONCOURSE_AWS_SECRETSMANAGER_SECRET_KEY: 'key',
        CONCOURSE_VAULT_URL: 'https://v', CONCOURSE_VAULT_AUTH_BACKEND: 'approle', CONCOURSE_VAULT_AUTH_PARAM: 'role_id:a:b', CONCOURSE_VAULT_SHARED_PATH: 's',
        CONCOURSE_SECRET_CACHE_ENABLED: 'true', CONCOURSE_SECRET_CACHE_DURATION: '2m', CONCOURSE_SECRET_RETRY_ATTEMPTS: '2',
      }),
    ).toMatchObject({
      managers: [
        { type: 'dummy', vars: { 'main/a': { b: 1 } } },
        { type: 'kubernetes', kubeconfig: '/k', namespacePrefix: 'concourse-' },
        { type: 'vault', url: 'https://v', pathPrefix: '/concourse', sharedPath: 's', login: { kind: 'backend', backend: 'approle', params: { role_id: 'a:b' } } },
        { type: 'secretsmanager', region: 'eu-west-2', keys: { accessKeyId: 'id', secretAccessKey: 'key' } },
        { type: 'ssm', region: 'eu-west-1' },
      ],
      retry: { attempts: 2 },
      cache: { durationMs: 120_000, notFoundMs: 10_000 },
    })
  })

  test('what is open to var sources', () => {
    expect(optionsOf({ AIRSIDE_VAR_SOURCE_ACCESS: 'files:/run/a/\nenvironment:CI_\naws' }).access).toEqual({ directories: ['/run/a'], prefixes: ['CI_'], awsIdentity: true })
    expect(() => optionsOf({ AIRSIDE_VAR_SOURCE_ACCESS: 'files:a' })).toThrow('write the whole path, from / on')
  })

  test('the account of a pod logs in at Vault where no jwt is given', () => {
    const vault = { AIRSIDE_VAULT_URL: 'https://v', AIRSIDE_VAULT_AUTH_BACKEND: 'kubernetes' }
    expect(optionsOf({ ...vault, AIRSIDE_VAULT_AUTH_PARAM: 'role:ci' }).managers).toMatchObject([{ login: { params: { role: 'ci' }, jwtFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' } }])
    expect(JSON.stringify(optionsOf({ ...vault, AIRSIDE_VAULT_AUTH_PARAM: 'jwt:x' }))).not.toContain('jwtFile')
  })

  test.each([
    [{ AIRSIDE_KUBERNETES_IN_CLUSTER: 'true', AIRSIDE_KUBERNETES_CONFIG_PATH: '/k' }, 'cannot both be set'],
    [{ AIRSIDE_VAULT_URL: 'https://v' }, 'needs vault-client-token'],
    [{ AIRSIDE_VAULT_URL: 'v.example' }, 'write it as https://HOST'],
    [{ AIRSIDE_VAULT_URL: 'https://v', AIRSIDE_VAULT_CLIENT_TOKEN: 'x', AIRSIDE_VAULT_CLIENT_CERT: '/c' }, 'are set together'],
    [{ AIRSIDE_VAULT_URL: 'https://v', AIRSIDE_VAULT_CLIENT_TOKEN: 'x', AIRSIDE_VAULT_CA_CERT: '/nowhere' }, 'vault-ca-cert: ENOENT'],
    [{ AIRSIDE_AWS_SSM_REGION: 'eu-west-1', AIRSIDE_AWS_SSM_ACCESS_KEY: 'x' }, 'are set together'],
    [{ AIRSIDE_AWS_SSM_REGION: 'evil.example/' }, 'write a region'],
    [{ AIRSIDE_DUMMY_CREDS_VAR: '=x' }, 'write it as NAME=VALUE'],
    [{ AIRSIDE_DUMMY_CREDS_VAR: 'x={' }, 'the value of x is no YAML'],
  ])('%j is refused: %s', (env, words) => {
    expect(() => optionsOf(env)).toThrow(words)
  })
})

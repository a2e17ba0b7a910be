import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import { describeImageError } from './image-error.ts'
import { parseImageSource } from './image-source.ts'

const words = (source: JsonObject): string => {
  const parsed = parseImageSource(source)
  return parsed.ok ? 'ok' : describeImageError(parsed.error)
}

describe('parseImageSource', () => {
  it('reads all keys that are supported', () => {
    const parsed = parseImageSource({
      repository: 'ghcr.io/a/b',
      tag: 1.2,
      username: 'u',
      password: 'p',
      insecure: true,
      platform: { architecture: 'arm64/v8', os: null },
    })
    expect(parsed).toEqual({
      ok: true,
      value: {
        repository: { registry: 'ghcr.io', repository: 'a/b' },
        reference: { repository: 'ghcr.io/a/b', tag: '1.2', digest: '' },
        credentials: { username: 'u', password: 'p' },
        insecure: true,
        caCerts: [],
        platform: { architecture: 'arm64/v8' },
      },
    })
  })

  it.each<[JsonObject]>([
    [{ repository: 'a' }],
    [{ repository: 'a', tag: null, username: '', password: '' }],
    [{ repository: 'a', debug: true, label_regex: 'x', annotation_regex: 'y', content_trust: { server: 'x' } }],
    // They choose among tags, and the tag is given.
    [{ repository: 'a', tag: 'x', variant: 'alpine', semver_constraint: '1.x', pre_releases: true, tag_regex: '.*' }],
    [{ repository: 'a', semver_constraint: '1.x', variant: 'alpine', pre_releases: true }],
    [{ repository: 'a', pre_release_prefixes: ['x'], created_at_sort: true, pre_releases: false, azure_acr: false }],
  ])('takes %j', (source) => {
    expect(words(source)).toBe('ok')
  })

  it('uses a mirror for Docker Hub only', () => {
    const registry_mirror = { host: 'mirror.example:5000', username: 'm', password: 'p' }
    expect(parseImageSource({ repository: 'busybox', username: 'u', password: 'x', registry_mirror })).toMatchObject({
      value: { mirror: { registry: 'mirror.example:5000', credentials: { username: 'm', password: 'p' } }, credentials: { username: 'u' } },
    })
    expect(parseImageSource({ repository: 'busybox', username: 'u', password: 'x', registry_mirror: { host: 'Mirror' } })).toMatchObject({ value: { mirror: { registry: 'mirror' } } })
    expect(parseImageSource({ repository: 'ghcr.io/busybox', registry_mirror })).not.toHaveProperty('value.mirror')
  })

  it('reads how tags are chosen; a pattern takes precedence over versions', () => {
    const tags = (source: JsonObject) => {
      const parsed = parseImageSource({ repository: 'a', ...source })
      return parsed.ok ? parsed.value.tags : parsed.error
    }
    expect(tags({ variant: 'alpine', pre_releases: true, pre_release_prefixes: ['x'] })).toEqual({
      kind: 'semver',
      rules: { variant: 'alpine', preReleases: true, preReleasePrefixes: ['x'] },
    })
    expect(tags({ tag_regex: '^v', created_at_sort: true, variant: 'alpine', semver_constraint: '1.x' })).toEqual({ kind: 'pattern', pattern: '^v', byAge: true })
    expect(tags({ tag: 1, tag_regex: '^v' })).toBeUndefined()
  })

  it('reads an ECR source: the host follows from account and region', () => {
    const source = {
      repository: 'team/a', aws_region: 'eu-west-1', aws_account_id: '012345678910', aws_access_key_id: 'id', aws_secret_access_key: 'secret', aws_role_arn: 'arn:1',
      registry_mirror: { host: 'mirror.example' },
    }
    expect(parseImageSource(source)).toMatchObject({
      value: {
        repository: { registry: '012345678910.dkr.ecr.eu-west-1.amazonaws.com', repository: 'team/a' },
        cloud: { kind: 'ecr', region: 'eu-west-1', accountId: '012345678910', keys: { accessKeyId: 'id', secretAccessKey: 'secret' }, roles: ['arn:1'] },
      },
    })
    expect(parseImageSource(source)).not.toHaveProperty('value.mirror')
    expect(parseImageSource({ repository: 'a', aws_region: 'cn-north-1', aws_account_id: '012345678910' })).toMatchObject({
      value: { repository: { registry: '012345678910.dkr.ecr.cn-north-1.amazonaws.com.cn' }, cloud: { roles: [] } },
    })
  })

  it('reads an ACR source', () => {
    expect(parseImageSource({ repository: 'own.azurecr.io/a', azure_acr: true, azure_client_id: 'c', azure_tenant_id: 't', azure_environment: '' })).toMatchObject({
      value: { repository: { registry: 'own.azurecr.io', repository: 'a' }, cloud: { kind: 'acr', clientId: 'c', tenantId: 't' } },
    })
    expect(parseImageSource({ repository: 'own.azurecr.io/a', azure_client_id: 'c' })).not.toHaveProperty('value.cloud')
  })

  it('ignores credentials of which one half is missing', () => {
    expect(parseImageSource({ repository: 'a', username: 'u' })).not.toHaveProperty('value.credentials')
  })

  it.each<[JsonObject, string]>([
    [{}, 'registry-image source: `repository` is missing'],
    [{ repository: 5 }, '`repository` must be a string'],
    [{ repository: 'a:1' }, 'registry-image source a:1: `repository` names a tag: put it under `tag`'],
    [{ repository: 'me:canary/x@host.example/a' }, 'registry-image source host.example/a: `repository` has a user or a password before its host'],
    [{ repository: 'a', registry_mirror: { host: 'me:canary@host.example' } }, '`registry_mirror.host` has a user or a password before its host'],
    [{ repository: 'a', tag: true }, '`tag` must be a string or a number'],
    [{ repository: 'a', tag: 'x y' }, 'is not a tag'],
    [{ repository: 'a', digest: 'sha256:1' }, 'is not a digest'],
    [{ repository: 'a', insecure: 'yes' }, '`insecure` must be a boolean'],
    [{ repository: 'a', tagg: 'x', pasword: 'canary' }, 'unknown key `tagg`, `pasword`'],
    [{ repository: 'a', password: { canary: 1 } }, '`password` must be a string'],
    [{ repository: 'a', platform: { arch: 'x' } }, 'unknown key `arch`'],
    [{ repository: 'a', ca_certs: ['nope'] }, '`ca_certs`[0] is no certificate in PEM form'],
    [{ repository: 'a', semver_constraint: '>> 1' }, '`semver_constraint`: ">> 1" is not a version constraint'],
    [{ repository: 'a', registry_mirror: { host: 'no host' } }, '`registry_mirror.host`: "no host" is not a registry host'],
    [{ repository: 'a', registry_mirror: { host: 'm.io/sub' } }, 'registry_mirror'],
    [{ repository: 'a', registry_mirror: { username: 'x' } }, '`registry_mirror.host`: "" is not a registry host'],
    [{ repository: 'a', tag: 'x', digest: 'x' }, '`digest`: "x" is not a digest'],
    [{ repository: 'a', ca_certs: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'] }, '`ca_certs`[0] is no certificate'],
    [{ repository: 'a', pre_release_prefixes: 'rc' }, '`pre_release_prefixes` must be an array'],
    [{ repository: 'a', created_at_sort: 'yes' }, '`created_at_sort` must be a boolean'],
    [{ repository: 'a', username: 5, password: 'canary' }, '`username` must be a string (put it in quotes)'],
    [{ repository: 'a', aws_region: 'eu-west-1', aws_account_id: 12345678910 }, '`aws_account_id` must be a string (put it in quotes)'],
    [{ repository: 'a', aws_region: 'eu-west-1', aws_account_id: '12' }, '`aws_account_id` must be 12 digits'],
    [{ repository: 'a', aws_region: 'evil.example/?' }, '`aws_region` is not a region'],
    [{ repository: 'a', aws_region: 'eu-west-1', aws_role_arn: 'x', aws_role_arns: ['y'] }, '`aws_role_arn` and `aws_role_arns` exclude each other'],
    [{ repository: '012345678910.dkr.ecr.eu-west-1.amazonaws.com/a', aws_region: 'eu-west-1' }, 'leave the host out'],
    [{ repository: 'a:1', aws_region: 'eu-west-1' }, 'put it under `tag`'],
    [{ repository: 'x.azurecr.io/a', azure_acr: true, azure_environment: 'AzureMoon' }, '`azure_environment` must be one of AzurePublic, AzureGovernment, AzureChina'],
    [{ repository: 'x.azurecr.io/a', azure_acr: true, aws_region: 'eu-west-1' }, '`aws_region` and `azure_acr` exclude each other'],
  ])('refuses %j', (source, expected) => {
    expect(words(source)).toContain(expected)
    expect(words(source)).not.toContain('canary')
  })
})

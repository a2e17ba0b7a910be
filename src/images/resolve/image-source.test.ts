import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import { describeImageError } from './image-error.ts'
import { parseImageSource } from './image-source.ts'

const words = (source: JsonObject): string => {
  const parsed = parseImageSource(source)
  return parsed.ok ? 'ok' : describeImageError(parsed.error)
}

describe('parseImageSource', () => {
  it('reads what this version knows', () => {
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

  it('has a mirror for Docker Hub, and for no other registry', () => {
    const registry_mirror = { host: 'mirror.example:5000', username: 'm', password: 'p' }
    expect(parseImageSource({ repository: 'busybox', username: 'u', password: 'x', registry_mirror })).toMatchObject({
      value: { mirror: { registry: 'mirror.example:5000', credentials: { username: 'm', password: 'p' } }, credentials: { username: 'u' } },
    })
    expect(parseImageSource({ repository: 'busybox', username: 'u', password: 'x', registry_mirror: { host: 'Mirror' } })).toMatchObject({ value: { mirror: { registry: 'mirror' } } })
    expect(parseImageSource({ repository: 'ghcr.io/busybox', registry_mirror })).not.toHaveProperty('value.mirror')
  })

  it('knows no credentials where one half is missing', () => {
    expect(parseImageSource({ repository: 'a', username: 'u' })).not.toHaveProperty('value.credentials')
  })

  it.each<[JsonObject, string]>([
    [{}, 'registry-image source: `repository` is missing'],
    [{ repository: 5 }, '`repository` must be a string'],
    [{ repository: 'a:1' }, 'registry-image source a:1: `repository` names a tag: put it under `tag`'],
    [{ repository: 'a', tag: true }, '`tag` must be a string or a number'],
    [{ repository: 'a', tag: 'x y' }, 'is not a tag'],
    [{ repository: 'a', digest: 'sha256:1' }, 'is not a digest'],
    [{ repository: 'a', insecure: 'yes' }, '`insecure` must be a boolean'],
    [{ repository: 'a', tagg: 'x', pasword: 'canary' }, 'unknown key `tagg`, `pasword`'],
    [{ repository: 'a', password: { canary: 1 } }, '`password` must be a string'],
    [{ repository: 'a', platform: { arch: 'x' } }, 'unknown key `arch`'],
    [{ repository: 'a', ca_certs: ['nope'] }, 'ca_certs[0] is no certificate'],
    [{ repository: 'a', tag_regex: '.*', azure_acr: true }, '`azure_acr`, `tag_regex` are not supported yet'],
    [{ repository: 'a', semver_constraint: '>> 1' }, 'semver_constraint: ">> 1" is not a version constraint'],
    [{ repository: 'a', registry_mirror: { host: 'no host' } }, 'registry_mirror: "no host" is not a registry host'],
    [{ repository: 'a', registry_mirror: { host: 'm.io/sub' } }, 'registry_mirror'],
    [{ repository: 'a', registry_mirror: { username: 'x' } }, 'registry_mirror: "" is not a registry host'],
    [{ repository: 'a', tag: 'x', aws_region: 'eu-1' }, '`aws_region` is not supported yet'],
    [{ repository: 'a', tag: 'x', azure_acr: true }, '`azure_acr` is not supported yet'],
  ])('refuses %j', (source, expected) => {
    expect(words(source)).toContain(expected)
    expect(words(source)).not.toContain('canary')
  })
})

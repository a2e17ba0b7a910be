import { beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import type { Version } from '../../model/version.ts'
import { answer } from '../testing/fault-proxy.ts'
import { pushSample } from '../testing/sample-image.ts'
import { multi, proxy, registry, resolver, source, useRegistry, v1, value, words } from './testing/resolver-world.ts'

useRegistry()

describe("check, as the resource's own", () => {
  it('gives the tag and its digest', async () => {
    expect(value(await resolver.check({ source: source({ tag: 1.2 }) }))).toEqual({ versions: [{ tag: '1.2', digest: v1 }] })
    expect(proxy.calls()).toEqual(['HEAD manifests'])
  })

  it('from the same version: that one', async () => {
    expect(value(await resolver.check({ source: source({ tag: '1.2' }), from: { tag: '1.2', digest: v1 } })).versions).toEqual([{ tag: '1.2', digest: v1 }])
  })

  it('from an older one that still exists: both, the older first', async () => {
    expect(value(await resolver.check({ source: source({ tag: 'latest' }), from: { tag: 'latest', digest: v1 } })).versions).toEqual([
      { tag: 'latest', digest: v1 },
      { tag: 'latest', digest: multi },
    ])
  })

  it('from a deleted one: the new one', async () => {
    const gone = `sha256:${'9'.repeat(64)}`
    expect(value(await resolver.check({ source: source({ tag: 'latest' }), from: { tag: 'latest', digest: gone } })).versions).toEqual([{ tag: 'latest', digest: multi }])
  })

  it('of a tag that does not exist: none, and why', async () => {
    expect(value(await resolver.check({ source: source({ tag: 'nope' }) }))).toMatchObject({ versions: [], absent: { kind: 'not-found' } })
  })

  it('of a registry that fails: the error', async () => {
    proxy.fault = (_request, response) => answer(response, 500)
    expect(words(await resolver.check({ source: source() }))).toContain('registry failed')
  })
})

describe('a source without a tag', () => {
  const digests: Record<string, string> = {}
  beforeAll(async () => {
    const repository = { registry: registry.host, repository: 'versions' }
    for (const [tag, seed] of [['1.0.0', 'a'], ['1.1.0', 'b'], ['1.1', 'b'], ['2.0.0-rc.1', 'c'], ['1.1.0-alpine', 'd'], ['latest', 'e'], ['main', 'f']] as const) {
      digests[tag] = await pushSample(repository, tag, { seed })
    }
  })
  const versions = (more: JsonObject = {}): JsonObject => ({ repository: `${proxy.host}/versions`, ...more })
  const version = (tag: string) => ({ tag, digest: digests[tag] })

  it.each<[JsonObject, string[]]>([
    [{}, ['1.0.0', '1.1.0', 'latest']],
    [{ pre_releases: true }, ['1.0.0', '1.1.0', '2.0.0-rc.1', 'latest']],
    [{ variant: 'alpine' }, ['1.1.0-alpine']],
    [{ semver_constraint: '~1.0' }, ['1.0.0']],
    [{ tag: 'main' }, ['main']],
  ])('%j: the check gives %j, a step runs the last one', async (more, tags) => {
    expect(value(await resolver.check({ source: versions(more) })).versions).toEqual(tags.map(version))
    expect(value(await resolver.resolve({ source: versions(more) }))).toMatchObject({ how: 'tag', version: version(tags.at(-1) ?? '') })
  })

  it('checked from a version: it and what is newer, and older tags are not looked up', async () => {
    expect(value(await resolver.check({ source: versions(), from: { tag: '1.1.0', digest: digests['1.1.0'] ?? '' } })).versions).toEqual([version('1.1.0'), version('latest')])
    expect(proxy.seen.some(({ url }) => url.endsWith('/1.0.0'))).toBe(false)
  })

  it('checked from a version whose tag has moved: all', async () => {
    expect(value(await resolver.check({ source: versions(), from: { tag: '1.1.0', digest: v1 } })).versions.map(({ tag }) => tag)).toEqual(['1.0.0', '1.1.0', 'latest'])
  })

  it('a pin or a check takes precedence, and no tags are listed', async () => {
    expect(value(await resolver.resolve({ source: versions(), version: { tag: '1.0.0' } }))).toMatchObject({ how: 'pin', version: version('1.0.0') })
    expect(value(await resolver.resolve({ source: versions(), checked: { tag: '1.0.0', digest: digests['1.0.0'] ?? '' } })).version).toEqual(version('1.0.0'))
    expect(proxy.calls()).not.toContain('GET tags')
  })

  it('without a matching tag: no version, and why', async () => {
    const source = versions({ semver_constraint: '>=9' })
    expect(value(await resolver.check({ source }))).toMatchObject({ versions: [], absent: { kind: 'not-found' } })
    expect(words(await resolver.resolve({ source }))).toBe(
      `image not found: ${proxy.host}/versions: none of its tags is a version that the source means, and there is no \`tag\``,
    )
  })

  it('a registry that fails among the tags: the error', async () => {
    proxy.fault = (request, response) => request.url?.endsWith('/1.1.0') === true && answer(response, 500)
    expect(words(await resolver.check({ source: versions() }))).toContain('registry failed')
  })
})

describe('an image that is not looked up', () => {
  it.each<[JsonObject, Version | undefined, object]>([
    [{ tag: 1.2 }, undefined, { tag: '1.2', reference: 'r.example/app:1.2', host: 'r.example', credentialsOf: 'nobody' }],
    [{}, undefined, { tag: 'latest', reference: 'r.example/app:latest', host: 'r.example', credentialsOf: 'nobody' }],
    [{ tag: '1', username: 'u', password: 'p' }, undefined, { tag: '1', reference: 'r.example/app:1', host: 'r.example', credentials: { username: 'u', password: 'p' }, credentialsOf: 'source' }],
    [{ tag: '1' }, { tag: '1', digest: `sha256:${'9'.repeat(64)}` }, { tag: '1', digest: `sha256:${'9'.repeat(64)}`, reference: `r.example/app:1@sha256:${'9'.repeat(64)}`, host: 'r.example', credentialsOf: 'nobody' }],
  ])('%j with version %j', async (more, version, expected) => {
    expect(await resolver.unresolved({ source: { repository: 'r.example/app', ...more }, version })).toEqual({ ok: true, value: expected })
  })

  it.each<[JsonObject, string]>([
    [{ tag_regex: 'x' }, 'which tag it means, only the registry can say'],
    [{ variant: 'alpine' }, 'only the registry can say'],
    [{ semver_constraint: '1.x' }, 'only the registry can say'],
    [{ tag: 'x y' }, 'is not a tag'],
    [{ tag: '1', aws_region: 'eu-west-1' }, 'its cloud must be asked'],
  ])('%j: none', async (more, expected) => {
    expect(words(await resolver.unresolved({ source: { repository: 'app', ...more } }))).toContain(expected)
  })
})

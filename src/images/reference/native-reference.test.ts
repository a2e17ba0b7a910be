import { describe, expect, it } from 'vitest'
import type { Json } from '../../model/json.ts'
import { ok } from '../../model/result.ts'
import { chooseImage, referenceOf, type ReferenceSource, type VersionCandidates } from './native-reference.ts'

const d1 = `sha256:${'1'.repeat(64)}`
const d2 = `sha256:${'2'.repeat(64)}`
const d3 = `sha256:${'3'.repeat(64)}`

const nativeReference = (source: ReferenceSource, version?: Record<string, string>) => {
  const chosen = chooseImage(source, { version })
  return chosen.ok ? ok(referenceOf(chosen.value)) : chosen
}

const choose = (source: ReferenceSource, candidates: VersionCandidates = {}) => {
  const chosen = chooseImage(source, candidates)
  return chosen.ok ? { tag: chosen.value.tag, digest: chosen.value.digest, by: chosen.value.by } : chosen.error.detail
}

describe('Phase 2: construct the ImageURL directly from the source config and resolved version', () => {
  it.each<[ReferenceSource, Record<string, string> | undefined, string]>([
    [{ repository: 'busybox' }, undefined, 'docker.io/library/busybox:latest'],
    [{ repository: 'busybox', tag: '1.36' }, undefined, 'docker.io/library/busybox:1.36'],
    [{ repository: 'busybox', tag: 1.2 }, undefined, 'docker.io/library/busybox:1.2'],
    [{ repository: 'busybox', tag: 20260101 }, undefined, 'docker.io/library/busybox:20260101'],
    [{ repository: 'busybox', tag: null }, undefined, 'docker.io/library/busybox:latest'],
    [{ repository: 'host:5000/a', tag: '1' }, { tag: '1', digest: d1 }, `host:5000/a:1@${d1}`],
    [{ repository: 'host:5000/a' }, { digest: d1 }, `host:5000/a:latest@${d1}`],
    [{ repository: 'host:5000/a', tag: 'x', digest: d2 }, undefined, `host:5000/a:x@${d2}`],
  ])('%j with version %j', (source, version, expected) => {
    expect(nativeReference(source, version)).toEqual({ ok: true, value: expected })
  })

  it.each<[Json, Json, string]>([
    [null, null, '`repository` must be a string'],
    ['', null, '`repository` is missing'],
    ['a:1', null, 'put it under `tag`'],
    [`a@${d1}`, null, 'pin it with `digest`'],
    ['a', true, '`tag` must be a string or a number'],
    ['a', ['x'], '`tag` must be a string or a number'],
    ['a', 1e21, 'is not a tag'],
    ['a', '../b', 'is not a tag'],
  ])('refuses repository %j with tag %j', (repository, tag, words) => {
    const reference = nativeReference({ repository, tag })
    expect(reference.ok ? reference.value : reference.error.detail).toContain(words)
  })
})

describe('Phase 4: version resolution without get', () => {
  const source = { repository: 'host:5000/a', tag: 'src' }

  it('after check runs, resolved version with digest is used for image URL', () => {
    expect(choose(source, { checked: { tag: 'src', digest: d1 } })).toEqual({ tag: 'src', digest: d1, by: 'check' })
  })
  it('when check result has no digest, falls back to source tag', () => {
    expect(choose(source, { checked: { tag: 'other' } })).toEqual({ tag: 'src', digest: undefined, by: 'tag' })
  })
  it('when no check plan, URL is constructed from static version on get plan', () => {
    expect(choose(source, { version: { tag: 'pinned', digest: d2 } })).toEqual({ tag: 'pinned', digest: d2, by: 'pin' })
  })
  it('Priority: check result digest > static get plan version > source tag', () => {
    const all = { ...source, digest: d3 }
    expect(choose(all, { checked: { digest: d1 }, version: { digest: d2 } })).toEqual({ tag: 'src', digest: d1, by: 'check' })
    expect(choose(all, { checked: {}, version: { digest: d2 } })).toEqual({ tag: 'src', digest: d2, by: 'pin' })
    expect(choose(all, { checked: {}, version: {} })).toEqual({ tag: 'src', digest: d3, by: 'pin' })
    expect(choose(source)).toEqual({ tag: 'src', digest: undefined, by: 'tag' })
  })
  it('Fallback: if no digest available, use source tag (repo:tag) or default to repo:latest', () => {
    expect(choose(source)).toEqual({ tag: 'src', digest: undefined, by: 'tag' })
    expect(choose({ repository: 'a' })).toEqual({ tag: 'latest', digest: undefined, by: 'tag' })
  })
  it('obeys a pin of a tag and a pin of a digest', () => {
    expect(choose(source, { version: { tag: 'v1' } })).toEqual({ tag: 'v1', digest: undefined, by: 'pin' })
    expect(choose(source, { version: { digest: d1 } })).toEqual({ tag: 'src', digest: d1, by: 'pin' })
  })
  it('refuses a version that is not one', () => {
    expect(choose(source, { checked: { digest: 'sha256:x' } })).toContain('is not a digest')
    expect(choose(source, { version: { tag: 'a/b' } })).toContain('is not a tag')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeReferenceError, formatReference, parseReference, registryHost, type ImageReference } from './reference.ts'

const hex = 'a'.repeat(64)
const digest = `sha256:${hex}`

describe('parseReference', () => {
  it.each<[string, ImageReference]>([
    ['busybox', { registry: 'docker.io', repository: 'library/busybox' }],
    ['busybox:1.36', { registry: 'docker.io', repository: 'library/busybox', tag: '1.36' }],
    ['concourse/git', { registry: 'docker.io', repository: 'concourse/git' }],
    ['docker.io/busybox', { registry: 'docker.io', repository: 'library/busybox' }],
    ['index.docker.io/a/b', { registry: 'docker.io', repository: 'a/b' }],
    ['registry-1.docker.io/library/busybox', { registry: 'docker.io', repository: 'library/busybox' }],
    ['ghcr.io/a/b/c:x', { registry: 'ghcr.io', repository: 'a/b/c', tag: 'x' }],
    ['localhost/a', { registry: 'localhost', repository: 'a' }],
    ['registry/a', { registry: 'docker.io', repository: 'registry/a' }],
    ['registry:5000/a', { registry: 'registry:5000', repository: 'a' }],
    ['127.0.0.1:5000/a:1', { registry: '127.0.0.1:5000', repository: 'a', tag: '1' }],
    ['[::1]:5000/a:1', { registry: '[::1]:5000', repository: 'a', tag: '1' }],
    ['[2001:db8::1]/a', { registry: '[2001:db8::1]', repository: 'a' }],
    ['Example.COM/a', { registry: 'example.com', repository: 'a' }],
    [`busybox@${digest}`, { registry: 'docker.io', repository: 'library/busybox', digest }],
    [`host.io/a:1@${digest}`, { registry: 'host.io', repository: 'a', tag: '1', digest }],
    ['host.io/a__b-c.d/e---f', { registry: 'host.io', repository: 'a__b-c.d/e---f' }],
  ])('reads %s', (text, expected) => {
    expect(parseReference(text)).toEqual({ ok: true, value: expected })
  })

  it.each([
    ['', 'it is empty'],
    ['https://ghcr.io/a', 'leave the scheme out'],
    ['docker://a', 'leave the scheme out'],
    ['a b', 'white space'],
    ['host.io/', 'the repository is missing'],
    ['host.io/A', 'must be lower case'],
    ['host.io//a', 'empty'],
    ['host.io/a/', 'empty'],
    ['host.io/../a', 'not a part of a repository'],
    ['host.io/-a', 'not a part of a repository'],
    ['ho_st.io/a', 'not a registry host'],
    ['host.io:99999/a', 'port 99999'],
    ['[::zz]:1/a', 'not a registry host'],
    ['[1:2:3]:1/a', 'not an IPv6 address'],
    ['user@host.io/a', 'not a digest'],
    ['a:', 'the tag is empty'],
    ['a:-x', 'not a tag'],
    [`a:${'x'.repeat(129)}`, 'longer than 128'],
    ['a@sha256:abc', 'not a digest'],
    [`a@sha256:${'A'.repeat(64)}`, 'not a digest'],
    [`a@md5:${'a'.repeat(32)}`, 'not a digest'],
    [hex, '64 hexadecimal digits'],
    [`host.io/${'a/'.repeat(150)}a`, 'longer than 255'],
  ])('refuses %s', (text, words) => {
    const parsed = parseReference(text)
    expect(parsed.ok).toBe(false)
    if (!parsed.ok) expect(describeReferenceError(parsed.error)).toContain(words)
  })

  it('reads what formatReference writes', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,5}){0,2}$/)
    const host = fc.oneof(
      fc.constantFrom('docker.io', 'localhost', 'ghcr.io', '127.0.0.1', '[::1]', 'a.b-c.example'),
      fc.tuple(fc.constantFrom('reg', 'localhost', '10.0.0.1', '[fe80::1]'), fc.integer({ min: 1, max: 65_535 })).map(([h, p]) => `${h}:${p}`),
    )
    const reference = fc.record(
      {
        registry: host,
        repository: fc.array(component, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
        tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
        digest: fc.stringMatching(/^[0-9a-f]{64}$/).map((h) => `sha256:${h}`),
      },
      { requiredKeys: ['registry', 'repository'] },
    )
    fc.assert(
      fc.property(reference, (value) => {
        expect(parseReference(formatReference(value))).toEqual({ ok: true, value })
      }),
    )
  })

  it('never throws, and what it accepts it accepts again in full form', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'B', '.', ':', '/', '@', '[', ']', '-', '_', '1', ' ') }), (text) => {
        const parsed = parseReference(text)
        if (parsed.ok) expect(parseReference(formatReference(parsed.value))).toEqual(parsed)
      }),
    )
  })
})

it("knows where Docker Hub's API answers", () => {
  expect(registryHost('docker.io')).toBe('registry-1.docker.io')
  expect(registryHost('ghcr.io')).toBe('ghcr.io')
})

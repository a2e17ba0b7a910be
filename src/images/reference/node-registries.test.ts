import { describe, expect, it } from 'vitest'
import { parseNodeRegistry, wayOf, type NodeNeeds, type NodeRegistry } from './node-registries.ts'

const nothing: NodeNeeds = { insecure: false, caCerts: false, mirror: false }
const list = (...texts: string[]): NodeRegistry[] =>
  texts.map((text) => {
    const parsed = parseNodeRegistry(text)
    if (!parsed.ok) throw new Error(parsed.error)
    return parsed.value
  })

describe('a registry that nodes can pull from', () => {
  it.each([
    ['registry.example', { host: 'registry.example', trusts: [] }],
    ['Registry.example:5000=insecure', { host: 'registry.example:5000', trusts: ['insecure'] }],
    ['*.corp.example=ca,mirror', { host: '*.corp.example', trusts: ['ca', 'mirror'] }],
    ['registry-1.docker.io=mirror', { host: 'docker.io', trusts: ['mirror'] }],
    ['[::1]:5000=insecure', { host: '[::1]:5000', trusts: ['insecure'] }],
  ])('%s', (text, expected) => {
    expect(parseNodeRegistry(text)).toEqual({ ok: true, value: expected })
  })

  it.each([
    ['', '"" is not a registry'],
    ['=insecure', '"" is not a registry'],
    ['a b=ca', '"a b" is not a registry'],
    ['https://registry.example', 'is not a registry'],
    ['registry.example=tls', '"tls" is none of insecure, ca, mirror, credentials'],
    ['registry.example=ca,', '"" is none of'],
  ])('%s is none', (text, words) => {
    const parsed = parseNodeRegistry(text)
    expect(parsed.ok ? 'ok' : parsed.error).toContain(words)
  })
})

describe('which way an image goes', () => {
  it.each<[string, Partial<NodeNeeds>, string[], 'native' | RegExp]>([
    ['registry.example', { insecure: true, caCerts: true, mirror: true }, [], 'native'],
    ['registry.example', {}, ['other.example'], 'native'],
    ['registry.example', { insecure: true }, ['registry.example=insecure'], 'native'],
    ['registry.example', { insecure: true }, ['registry.example=ca'], /`insecure`.*--node-registry registry\.example=insecure/],
    ['registry.example', { insecure: true }, ['registry.example:5000=insecure'], /`insecure`/],
    ['registry.example', { caCerts: true }, ['registry.example'], /`ca_certs`.*--node-registry registry\.example=ca /],
    ['a.corp.example', { caCerts: true }, ['*.corp.example=ca'], 'native'],
    ['a.b.corp.example', { caCerts: true }, ['*.corp.example=ca'], /`ca_certs`/],
    ['registry.example', { caCerts: true, insecure: true }, ['registry.example=insecure'], 'native'],
    ['registry.example', { caCerts: true, mirror: true }, ['registry.example=ca', 'registry.example=mirror'], 'native'],
    ['docker.io', { mirror: true }, ['docker.io=mirror'], 'native'],
    ['docker.io', { mirror: true }, ['docker.io'], /`registry_mirror`.*Docker Hub \(--node-registry docker\.io=mirror/],
  ])('%s that needs %j where nodes have %j: %s', (host, needs, nodes, expected) => {
    const way = wayOf(host, { ...nothing, ...needs }, list(...nodes))
    if (expected === 'native') expect(way).toEqual({ kind: 'native' })
    else expect(way).toMatchObject({ kind: 'physical', reason: expect.stringMatching(expected) as string })
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseChallenges } from './challenge.ts'

it.each([
  ['Basic realm="x"', [{ scheme: 'basic', params: { realm: 'x' } }]],
  ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"', [
    { scheme: 'bearer', params: { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull' } },
  ]],
  ['bearer  realm = "a\\"b" , Service=plain', [{ scheme: 'bearer', params: { realm: 'a"b', service: 'plain' } }]],
  ['Basic realm="x", Bearer realm="y",scope="a,b"', [
    { scheme: 'basic', params: { realm: 'x' } },
    { scheme: 'bearer', params: { realm: 'y', scope: 'a,b' } },
  ]],
  ['Negotiate, Basic realm=x', [{ scheme: 'negotiate', params: {} }, { scheme: 'basic', params: { realm: 'x' } }]],
  ['Negotiate YWJj=, Basic realm=x', [{ scheme: 'negotiate', params: {} }, { scheme: 'basic', params: { realm: 'x' } }]],
  ['Bearer realm=https://a/b?c', [{ scheme: 'bearer', params: { realm: 'https://a/b?c' } }]],
  ['', []],
  ['"nonsense', []],
])('reads %s', (header, expected) => {
  expect(parseChallenges(header).map(({ scheme, params }) => ({ scheme, params: { ...params } }))).toEqual(expected)
})

it('ends with any input', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', '"', ',', ' ', '\\', 'Basic ', 'realm', '=', '\t') }), (header) => {
      expect(parseChallenges(header).length).toBeLessThanOrEqual(16)
    }),
  )
})

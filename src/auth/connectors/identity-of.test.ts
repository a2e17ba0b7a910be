import { expect, test } from 'vitest'
import { identityOf } from './identity-of.ts'

const names = { connector: 'oidc', userName: 'username', groups: 'groups' }

test.each<[object, object]>([
  [{ sub: '1', preferred_username: 'jo', username: 'x', name: 'Jo Doe', email: 'jo@example.org', groups: ['a', 'b', 'a'] }, { subject: '1', name: 'jo', fullName: 'Jo Doe', email: 'jo@example.org', groups: ['a', 'b'] }],
  [{ sub: 1, username: 'x', name: 'Jo Doe' }, { subject: '1', name: 'x', fullName: 'Jo Doe', groups: [] }],
  [{ sub: '1', name: 'Jo Doe' }, { subject: '1', name: 'Jo Doe', groups: [] }],
  [{ sub: '1' }, { subject: '1', name: '1', groups: [] }],
  [{ sub: '1', preferred_username: '', groups: 'one' }, { subject: '1', name: '1', groups: ['one'] }],
  [{ sub: '1', preferred_username: 'a\0b', groups: [1, 'a\nb', null, {}, 'x'.repeat(1025), '', 'fine', '\ud800'] }, { subject: '1', name: '1', groups: ['1', 'fine'] }],
  [{ sub: '1', preferred_username: { __proto__: 1 }, groups: { a: 1 } }, { subject: '1', name: '1', groups: [] }],
])('claims %j', (claims, expected) => {
  expect(identityOf({ ...claims }, names)).toEqual({ ok: true, value: { connector: 'oidc', ...expected } })
})

test('claims without a subject are nobody’s', () => {
  for (const sub of [undefined, null, '', {}, [], 1.5, 'x'.repeat(1025)]) expect(identityOf({ sub, name: 'jo' }, names)).toMatchObject({ ok: false })
})

test('ten thousand groups count, and no more', () => {
  const groups = Array.from({ length: 10_001 }, (_, index) => `g${index}`)
  const identity = identityOf({ sub: '1', groups }, names)
  expect(identity.ok && identity.value.groups.length).toBe(10_000)
  expect(identityOf({ sub: '1', groups }, { ...names, groups: undefined })).toMatchObject({ value: { groups: [] } })
})

import { describe, expect, test } from 'vitest'
import { formatReference, parseReference, wholeVar } from './reference.ts'

describe('parseReference', () => {
  test.each([
    ['hello', { path: 'hello', fields: [] }, 'hello'],
    ['hello.a.b', { path: 'hello', fields: ['a', 'b'] }, 'hello.a.b'],
    ['/team/name', { path: '/team/name', fields: [] }, '"/team/name"'],
    ['"hello.world"."a.b"."foo:bar"', { path: 'hello.world', fields: ['a.b', 'foo:bar'] }, '"hello.world"."a.b"."foo:bar"'],
    ['source:hello.x', { source: 'source', path: 'hello', fields: ['x'] }, 'source:hello.x'],
    ['a:"b.c".d', { source: 'a', path: 'b.c', fields: ['d'] }, 'a:"b.c".d'],
    ['.:name', { source: '.', path: 'name', fields: [] }, '.:name'],
    ['"my:path"."field.1"', { path: 'my:path', fields: ['field.1'] }, '"my:path"."field.1"'],
    ['hello .world ', { path: 'hello', fields: ['world'] }, 'hello.world'],
    ['"../../other/x"', { path: 'other/x', fields: [] }, '"other/x"'],
    ['a:"../x/./y/../z/"."..x"', { source: 'a', path: 'x/z', fields: ['..x'] }, 'a:"x/z"."..x"'],
    ['"//a//../b"', { path: '/b', fields: [] }, '"/b"'],
    [':hello', { path: 'hello', fields: [] }, 'hello'],
  ])('%s', (name, reference, formatted) => {
    expect(parseReference(name)).toEqual({ ok: true, value: reference })
    expect(formatReference(reference)).toBe(formatted)
  })

  test.each([
    ['"some-source":path', 'source must not be quoted'],
    ['vault:.field', 'empty field'],
    ['vault:"".field', 'empty field'],
    ['vault:', 'empty field'],
    ['a..b', 'empty field'],
    ['', 'empty field'],
    ['a:".."', 'empty field'],
  ])('%s is refused: %s', (name, reason) => {
    expect(parseReference(name)).toEqual({ ok: false, error: { kind: 'invalid-var', name, reason } })
  })
})

test.each([
  ['((a))', 'a'],
  ['((a:"b.c".d))', 'a:"b.c".d'],
  ['((.:local))', '.:local'],
  ['((Ω))', 'Ω'],
  ['((a@b.com))', 'a@b.com'],
  ['((a))((b))', undefined],
  ['x((a))', undefined],
  ['(( a ))', undefined],
  ['((a b))', undefined],
  ['((()))', undefined],
])('the whole var of %s', (text, name) => {
  expect(wholeVar(text)).toBe(name)
})

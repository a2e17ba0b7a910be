import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../model/json.ts'
import { describeVarError, interpolate, varsIn } from './interpolate.ts'
import { firstOf, namedVars, staticVars } from './lookup.ts'

const values: JsonObject = {
  text: 'hello',
  number: 42,
  float: 1.5,
  yes: true,
  nothing: null,
  list: ['a', { b: 1 }],
  map: { 'b.c': { d: 'deep' }, e: ['x'] },
  tricky: '((text))',
}
const lookup = firstOf(staticVars(values), namedVars(new Map([['.', staticVars({ name: 'local' })], ['vault', staticVars({ password: 's3cr3t', all: { user: 'u5er', list: ['listed'], pin: 123456, short: 1 } }, { secret: true })]])))

function filled(value: Json): Json {
  const result = interpolate(value, lookup)
  if (!result.ok) throw new Error(describeVarError(result.error))
  return result.value.value
}

describe('interpolate', () => {
  test.each<[Json, Json]>([
    ['((text))', 'hello'],
    ['((number))', 42],
    ['((yes))', true],
    ['((nothing))', null],
    ['((list))', ['a', { b: 1 }]],
    ['((map."b.c".d))', 'deep'],
    ['((map.e))', ['x']],
    ['((.:name))', 'local'],
    ['a ((text)) b ((.:name))', 'a hello b local'],
    ['((text))((text))', 'hellohello'],
    ['(((text)))', '(hello)'],
    ['((text)', '((text)'],
    ['(( text ))', '(( text ))'],
    [['((text))', 1, null, { deep: '((number))' }], ['hello', 1, null, { deep: 42 }]],
    [{ '((text))': 1, 'a-((text))': 2, '((number))': 3 }, { hello: 1, 'a-hello': 2, '42': 3 }],
  ])('%j is %j', (value, expected) => {
    expect(filled(value)).toEqual(expected)
  })

  test('a number stands in the middle of a text only where it was given as an option, a boolean never', () => {
    expect(() => filled('v((number))')).toThrow('cannot put a number into the middle of a text, from var: number; write its value in quotes')
    expect(() => filled('v((yes))')).toThrow('cannot put a boolean into the middle of a text, from var: yes; write its value in quotes')
    const option = staticVars({ n: 1.5, yes: true }, { numbersAsText: true })
    expect(interpolate('v((n))', option)).toMatchObject({ ok: true, value: { value: 'v1.5' } })
    expect(interpolate('v((yes))', option)).toMatchObject({ ok: false, error: { kind: 'not-scalar', found: 'boolean' } })
  })

  test('what a var brings is not looked at again', () => {
    expect(filled('((tricky)) and x-((tricky))')).toBe('((text)) and x-((text))')
  })

  test.each<[Json, string]>([
    [{ '((b))': ['((a))', '((a)) ((vault:x."y.z"))'], c: '((text))' }, 'undefined vars: a, b, vault:x."y.z"'],
    ['((zebra)) ((apple.x))', 'undefined vars: apple.x, zebra'],
    ['x ((list))', 'cannot put a list into the middle of a text, from var: list'],
    ['x ((map))', 'cannot put a map into the middle of a text, from var: map'],
    ['x ((nothing))', 'cannot put a null into the middle of a text, from var: nothing'],
    [{ '((map))': 1 }, 'cannot put a map into the middle of a text, from var: map'],
    ['((map.nope))', "missing field 'nope' in var: map.nope"],
    ['((map.__proto__))', "missing field '__proto__' in var: map.__proto__"],
    ['((text.x))', "cannot access field 'x' of a value that is no map, from var: text.x"],
    ['((nowhere:x))', "missing source 'nowhere' in var: nowhere:x"],
    ['((a..b))', "invalid var 'a..b': empty field"],
  ])('%j: %s', (value, message) => {
    const result = interpolate(value, lookup)
    expect(result.ok).toBe(false)
    if (!result.ok) expect(describeVarError(result.error)).toBe(message)
  })

  test('undefined vars can be left as they are written', () => {
    expect(interpolate({ a: 'x ((b)) ((text))' }, lookup, { keepMissing: true })).toMatchObject({ ok: true, value: { value: { a: 'x ((b)) hello' } } })
  })

  test('names every text that came from a secret var, and no other', () => {
    const result = interpolate({ a: '((vault:password))', b: 'x ((text))', c: '((vault:all))' }, lookup)
    expect(result.ok && [...result.value.secrets].sort()).toEqual(['123456', 'listed', 's3cr3t', 'u5er'])
  })

  test('Object.prototype is no var', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(interpolate(`((${name}))`, lookup)).toEqual({ ok: false, error: { kind: 'undefined-vars', names: [name] } })
    }
  })

  test('a key named __proto__ pollutes nothing', () => {
    const result = interpolate({ '((key))': { polluted: true } }, staticVars({ key: '__proto__' }))
    const value = result.ok ? (result.value.value as object) : {}
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true}}')
  })
})

test('varsIn names each var once', () => {
  expect(varsIn({ a: '((x)) ((x.y))', '((k))': ['((s:x))', '((x))'] })).toEqual([
    { path: 'x', fields: [] },
    { path: 'x', fields: ['y'] },
    { path: 'k', fields: [] },
    { source: 's', path: 'x', fields: [] },
  ])
})

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/)

test('a value without vars stays as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('(('))
      expect(interpolate(value as Json, staticVars({}))).toEqual({ ok: true, value: { value, secrets: new Set() } })
    }),
  )
})

test('a whole var gives its value untouched, whatever it is', () => {
  fc.assert(
    fc.property(name, fc.jsonValue(), (key, value) => {
      expect(interpolate([`((${key}))`], staticVars({ [key]: value as Json }))).toMatchObject({ ok: true, value: { value: [value] } })
    }),
  )
})

test('embedded texts stand where their vars stood', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string()), { maxLength: 6 }), (parts) => {
      const vars = Object.fromEntries(parts)
      const template = `<${parts.map(([key]) => `((${key}))`).join('|')}>`
      expect(interpolate(template, staticVars(vars))).toMatchObject({ ok: true, value: { value: `<${parts.map(([key]) => vars[key]).join('|')}>` } })
    }),
  )
})

test('all missing names come at once, sorted, each once', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (names) => {
      const value = names.map((key) => ({ [`x((${key}))`]: `((${key}))` }))
      expect(interpolate(value, staticVars({}))).toEqual({ ok: false, error: { kind: 'undefined-vars', names: [...new Set(names)].sort() } })
    }),
  )
})

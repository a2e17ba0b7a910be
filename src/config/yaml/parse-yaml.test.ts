import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Json } from '../../model/json.ts'
import { SourceText } from '../source-text.ts'
import { toJson } from './node.ts'
import { parseYaml } from './parse-yaml.ts'
import { read } from './testing/read.ts'

describe('values', () => {
  test('plain scalars are typed, quoted ones are text', () => {
    expect(read('a: [yes, "yes", 0755, \'0755\', ~, "", 1.10]\nb: |-\n  5').value).toEqual({ a: [true, 'yes', 493, '0755', null, '', 1.1], b: '5' })
  })

  test('a block ends as the text does', () => {
    expect(read('a: |\n  x\n  y\n').value).toEqual({ a: 'x\ny\n' })
    expect(read('a: |\n  x\n  y').value).toEqual({ a: 'x\ny' })
    expect(read('a: >-\n  x\n  y\n').value).toEqual({ a: 'x y' })
  })

  test('explicit tags decide', () => {
    expect(read('a: !!str 5\nb: !!int "5"\nc: !!binary aGk=\nd: !thing x').value).toEqual({ a: '5', b: 5, c: 'hi', d: 'x' })
  })

  test('keys are text, whatever they look like', () => {
    const { value, remarks } = read('1: a\ntrue: b\non: c\n')
    expect(value).toEqual({ '1': 'a', true: 'c' })
    expect(remarks).toEqual(['warning 3:1 the key `on` is read as `true`', 'warning 3:1 the key `true` stands twice in one map; first on line 2. The last one counts'])
  })

  test('__proto__ is a key like any other', () => {
    const { value } = read('a: {__proto__: {polluted: true}, constructor: 1}')
    const a = (value as { a: object }).a
    expect(Object.getPrototypeOf(a)).toBe(Object.prototype)
    expect(JSON.stringify(a)).toBe('{"__proto__":{"polluted":true},"constructor":1}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('a number that JSON cannot hold is refused', () => {
    expect(read('a: .inf').remarks).toEqual(['error 1:4 `.inf` is no number that a config can hold'])
  })
})

describe('anchors and merges', () => {
  test('an anchor may be used hundreds of times', () => {
    const { value, remarks } = read(`base: &base {a: {b: [1, 2]}}\nuses:\n${'- *base\n- {<<: *base, c: 1}\n'.repeat(300)}`)
    expect(remarks).toEqual([])
    expect((value as { uses: Json[] }).uses).toHaveLength(600)
    expect((value as { uses: Json[] }).uses[599]).toEqual({ a: { b: [1, 2] }, c: 1 })
  })

  test('a later anchor of the same name replaces the earlier one', () => {
    expect(read('- &a 1\n- *a\n- &a 2\n- *a').value).toEqual([1, 1, 2, 2])
  })

  test('own keys win over merged ones that stand before them, the first of several merged maps over the next', () => {
    const anchors = 'x: &x {a: 1, b: 1}\nw: &y {b: 2, c: 2}\n'
    expect(read(`${anchors}z: {<<: [*x, *y], c: 3}`).value).toMatchObject({ z: { a: 1, b: 1, c: 3 } })
    expect(read(`${anchors}z: {a: 0, <<: *x}`)).toEqual({
      value: { x: { a: 1, b: 1 }, w: { b: 2, c: 2 }, z: { a: 1, b: 1 } },
      remarks: ['warning 3:11 `a` stands before a `<<` that brings it too: the merged value counts, as in Concourse'],
    })
  })

  test.each(['"<<"', '!!merge <<', '! <<'])('%s merges as << does, as some tools write it', (key) => {
    expect(read(`x: &x {a: 1}\nz: {${key}: *x, b: 2}`)).toEqual({ value: { x: { a: 1 }, z: { a: 1, b: 2 } }, remarks: [] })
  })

  test('outside of pipelines a << that is said to be text is a key', () => {
    expect(read('{!!str <<: 1}', 'file').value).toEqual({ '<<': 1 })
    expect(read('{"<<": 1}', 'file').value).toEqual({ '<<': 1 })
    expect(read('{"<<": {a: 1}, a: 2}').value).toEqual({ a: 2 })
  })

  test('an anchor inside of an anchor of the same name replaces it', () => {
    expect(read('[&a [&a x], *a]').value).toEqual([['x'], 'x'])
  })

  test('a list that an alias stands for cannot be merged', () => {
    expect(read('x: &x [{a: 1}]\nz: {<<: *x}').remarks).toEqual(['error 2:5 `<<` merges maps, and this is none'])
  })

  test('outside of pipelines the last of two equal keys counts', () => {
    expect(read('a: 1\nb: 2\na: 3', 'file')).toEqual({
      value: { a: 3, b: 2 },
      remarks: ['warning 3:1 the key `a` stands twice in one map; first on line 1. The last one counts'],
    })
  })

  test.each([
    ['*a', 'error 1:1 no anchor `a` stands above this alias'],
    ['&a [*a]', 'error 1:5 the value of anchor `a` contains itself'],
    ['a: {<<: 1}', 'error 1:5 `<<` merges maps, and this is none'],
    ['x: &x {}\na: {<<: *x, <<: *x}', 'error 2:13 the key `<<` stands twice in one map; first on line 2'],
  ])('%j: %s', (source, remark) => {
    expect(read(source).remarks).toEqual([remark])
  })
})

describe('what cannot be written out is refused', () => {
  const laughs = (levels: number): string =>
    `a0: &a0 [${'x,'.repeat(10)}]\n${Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`).join('\n')}`
  const tooMuch = ['error 1:1 its anchors stand for more than this program is willing to write out']

  test('a billion laughs', () => {
    expect(read(laughs(2)).remarks).toEqual([])
    expect(read(laughs(9)).remarks).toEqual(tooMuch)
    expect(read(laughs(400)).remarks).toEqual(tooMuch)
  })

  test('a long text used often', () => {
    expect(read(`a: &a ${'x'.repeat(100_000)}\nb:\n${'- *a\n'.repeat(1000)}`).remarks).toEqual(tooMuch)
  })

  test('merges of merges', () => {
    const wide = `a: &a {${Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join(', ')}}\n`
    const { remarks } = read(wide + Array.from({ length: 1000 }, (_, i) => `x${i}: {<<: *a}`).join('\n'))
    expect(remarks[0]).toMatch(/^error \d+:\d+ its merges stand for more/)
  })

  test('a chain of anchors that nests too deeply', () => {
    expect(read(`a0: &a0 []\n${Array.from({ length: 1000 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`).join('\n')}`).remarks).toEqual(tooMuch)
  })

  test.each([
    ['brackets', '['.repeat(100_000)],
    ['maps', '{a: '.repeat(100_000)],
    ['dashes', '- '.repeat(100_000)],
    ['indentation', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('deep nesting: %s', (_, source) => {
    expect(read(source).remarks).toEqual(['error 1:1 nested more than 300 levels deep'])
  })

  test('sheer size', () => {
    expect(read(`a: ${'x'.repeat(16 * 1024 * 1024 - 3)}`).remarks).toEqual([])
    expect(read(`a: ${'x'.repeat(16 * 1024 * 1024 - 2)}`).remarks).toEqual(['error 1:1 the file has 16777217 characters; at most 16777216 are read'])
    expect(read(`[${'a,'.repeat(999_998)}]`).remarks).toEqual([])
    expect(read(`[${'a,'.repeat(1_000_000)}]`).remarks).toEqual(['error 1:1 more than 2000000 words and signs'])
  })
})

describe('as libyaml reads it, which Concourse uses', () => {
  test.each<[string, Json]>([
    ['a: [\nb\n]', { a: ['b'] }],
    ['a:\n- {b: c,\nd: e}', { a: [{ b: 'c', d: 'e' }] }],
    ['a: {\nb: c\n}', { a: { b: 'c' } }],
    ['a: "b\nc"', { a: 'b c' }],
    ["- 'b\n\n c'", ['b\nc']],
    ['a: "b\n\tc"', { a: 'b c' }],
    ['a: "b"# c', { a: 'b' }],
    ['a: [b,# c\nd]', { a: ['b', 'd'] }],
    ['a: "it\\\'s"', { a: "it's" }],
    ['a: "b\\\n   c"', { a: 'bc' }],
    ['a: [-]', { a: ['-'] }],
    ['a: [b:]', { a: ['b:'] }],
    ['a: [b: c]', { a: [{ b: 'c' }] }],
    ['a: {b, c: }', { a: { b: null, c: null } }],
    ['a: &n b\n*n: c', { a: 'b', b: 'c' }],
    ['a: &n b\n*n : c', { a: 'b', b: 'c' }],
    ['a: !secret yes', { a: 'yes' }],
    ['a: ! yes', { a: 'yes' }],
    ['a: !secret', { a: '' }],
    ['a: !!str', { a: '' }],
    ['%TAG !y! tag:yaml.org,2002:\n---\na: !y!int "5"', { a: 5 }],
    ['a: !<tag:yaml.org,2002:str> 5', { a: '5' }],
    ['a: b\tc', { a: 'b\tc' }],
    ['a:\tb', { a: 'b' }],
    ['a: b # c', { a: 'b' }],
    ['a: b#c', { a: 'b#c' }],
    ['a: >\n  b\n  c\n\n  d\n   e\n  f\n', { a: 'b c\nd\n e\nf\n' }],
    ['a: |2-\n   b\n', { a: ' b' }],
    ['a: |+\n  b\n\n', { a: 'b\n\n' }],
    ['? a\n: b\n? c', { a: 'b', c: null }],
    ['a: b\r\nc: d\r\n', { a: 'b', c: 'd' }],
    ['a: b\u2028  c', { a: 'b\u2028c' }],
    ['\ufeffa: b', { a: 'b' }],
  ])('%j', (source, value) => {
    expect(read(source)).toEqual({ value, remarks: expect.not.arrayContaining([expect.stringMatching(/^error/)]) as string[] })
  })

  test('UTF-16 with a byte order mark is read, other bytes that are no UTF-8 are refused', () => {
    const readBytes = (bytes: Uint8Array): unknown => {
      const text = new SourceText('f.yml')
      const { root } = parseYaml(bytes, text, 'pipeline')
      return root === undefined ? text.findings.map(({ line, column, message }) => `${line}:${column} ${message}`) : toJson(root)
    }
    expect(readBytes(Buffer.from('\ufeffa: é', 'utf16le'))).toEqual({ a: 'é' })
    expect(readBytes(Buffer.from('\ufeffa: é', 'utf16le').swap16())).toEqual({ a: 'é' })
    expect(readBytes(Buffer.from('\ufeffa: é'))).toEqual({ a: 'é' })
    expect(readBytes(Buffer.from('a: 1\nbé: \xe9', 'latin1'))).toEqual(['2:2 this is no UTF-8: the byte 0xE9 stands here'])
    expect(readBytes(Buffer.from('a: é\xe9'.replace('é', '\xc3\xa9'), 'latin1'))).toEqual(['1:5 this is no UTF-8: the byte 0xE9 stands here'])
    expect(readBytes(Buffer.from([0xff, 0xfe, 0x61, 0x00, 0x00, 0xd8]))).toEqual(['1:2 the file starts as UTF-16 does, and here it is none'])
  })
})

test('JSON is read as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const source = JSON.stringify(value)
      const { value: got, remarks } = read(source)
      // Keys such as "__proto__" and numbers such as -0 do not survive JSON.stringify and toEqual alike; text does.
      expect(remarks.filter((remark) => remark.startsWith('error'))).toEqual([])
      expect(JSON.stringify(got)).toBe(JSON.stringify(JSON.parse(source)))
    }),
  )
})

test('what is written out as YAML comes back', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 })
  const tree = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.boolean(),
      text,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ minLength: 1, maxLength: 10 }), tie('value'), { maxKeys: 4 }),
    ),
  })).value
  fc.assert(
    fc.property(tree, (value) => {
      const source = stringify(value, { version: '1.1', schema: 'yaml-1.1' })
      expect(JSON.stringify(read(source).value ?? null)).toBe(JSON.stringify(value))
    }),
  )
})

test('no text makes it throw', () => {
  const pieces = fc.constantFrom('- ', 'a', ': ', '\n', '  ', '&a ', '*a', '<<: ', '[', ']', '{', '}', ',', '"', "'", '|', '>', '!', '!!int ', '%', '---\n', '...\n', '? ', '#', '\t', '@', '0x', '~')
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(pieces, { maxLength: 60 }).map((all) => all.join(''))), (source) => {
      const { value, remarks } = read(source)
      if (value === undefined) expect(remarks.every((remark) => /^(?:error|warning) \d+:\d+ /.test(remark))).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

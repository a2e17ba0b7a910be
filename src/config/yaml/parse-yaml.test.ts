import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Json } from '../../model/json.ts'
import { SourceText } from '../source-text.ts'
import { toJson } from './node.ts'
import { parseYaml } from './parse-yaml.ts'

function read(source: string): { value: Json | undefined; remarks: string[] } {
  const text = new SourceText('f.yml')
  const { root } = parseYaml(source, text)
  return {
    value: root === undefined ? undefined : toJson(root),
    remarks: text.findings.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`),
  }
}

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
    expect(value).toEqual({ '1': 'a', true: 'b' })
    expect(remarks).toEqual(['warning 3:1 the key `on` is read as `true`', 'error 3:1 the key `true` stands twice in one map; first on line 2'])
  })

  test('__proto__ is a key like any other', () => {
    const { value } = read('a: {__proto__: {polluted: true}, constructor: 1}')
    const a = (value as { a: object }).a
    expect(Object.getPrototypeOf(a)).toBe(Object.prototype)
    expect(JSON.stringify(a)).toBe('{"__proto__":{"polluted":true},"constructor":1}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('numbers too large to be kept are told', () => {
    expect(read('a: 12345678901234567890').remarks).toEqual([
      'warning 1:4 `12345678901234567890` is too large a number to be kept exactly: it becomes 12345678901234567000',
    ])
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

  test('own keys win over merged ones, the first of several merged maps over the next', () => {
    const anchors = 'x: &x {a: 1, b: 1}\nw: &y {b: 2, c: 2}\n'
    expect(read(`${anchors}z: {<<: [*x, *y], c: 3}`).value).toMatchObject({ z: { a: 1, b: 1, c: 3 } })
    expect(read(`${anchors}z: {a: 0, <<: *x}`)).toEqual({
      value: { x: { a: 1, b: 1 }, w: { b: 2, c: 2 }, z: { a: 0, b: 1 } },
      remarks: ["warning 3:11 `a` stands before a `<<` that brings it too; here the map's own value counts, in Concourse the merged one"],
    })
  })

  test.each(['"<<"', '!!merge <<', '! <<'])('%s merges as << does, as some tools write it', (key) => {
    expect(read(`x: &x {a: 1}\nz: {${key}: *x, b: 2}`)).toEqual({ value: { x: { a: 1 }, z: { a: 1, b: 2 } }, remarks: [] })
  })

  test('a << that is said to be text is a key', () => {
    expect(read('{!!str <<: 1}').value).toEqual({ '<<': 1 })
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

describe('what cannot be written out is refused', { timeout: 60_000 }, () => {
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
    expect(read(`a: ${'x'.repeat(3_000_000)}`).remarks).toEqual(['error 1:1 the file has 3000003 characters; at most 2097152 are read'])
    expect(read(`[${'a,'.repeat(500_000)}]`).remarks).toEqual(['error 1:1 more than 800000 words and signs'])
  })
})

describe('broken text', () => {
  test.each([
    ['a:\n\t- b', 'error 2:1 a tab is used for indentation'],
    ['a: 1\nb: [1, 2\n', 'error 2:4 a bracket is not closed by ]; it opens on line 2'],
    ['a: {b: 1', 'error 1:4 a bracket is not closed by }; it opens on line 1'],
    ["a: 'x\nb: 1\n", 'error 1:4 a single quote is not closed; it opens on line 1'],
    ['a: 1\n---\nb: 1\n', 'warning 2:1 a second YAML document starts here; only the first is read'],
    ['a: 1\nb: x\u0007\n', 'error 2:5 a control character (U+0007) stands here'],
    ['a: b: c', 'error 1:4 a map or list starts where only a single value can stand'],
    ['a: @x', 'error 1:4 a plain value cannot start with @'],
    ['a: 1\na: 2', 'error 2:1 the key `a` stands twice in one map; first on line 1'],
    ['- a\nb: 1', 'error 2:1 text follows a value that is complete'],
    ['a: ]', 'error 1:4 `]` is not expected here'],
    ["a: 'b' 'c'", 'error 1:8 text follows a value that is complete'],
    ['{[a]: 1}', 'error 1:2 a list cannot be a key'],
    [': 1', 'error 1:1 a key is missing before the `:`'],
  ])('%j: %s', (source, remark) => {
    expect(read(source).remarks).toEqual([remark])
  })

  test.each(['', '# nothing\n', '---\n', '---\n...\n', '\ufeff', '%YAML 1.1\n---\n'])('%j is empty', (source) => {
    expect(read(source)).toEqual({ value: undefined, remarks: [] })
  })

  test('a document end and an empty document behind it are no mistake', () => {
    expect(read('---\na: 1\n...\n')).toEqual({ value: { a: 1 }, remarks: [] })
    expect(read('a: 1\n---\n')).toEqual({ value: { a: 1 }, remarks: [] })
  })
})

test('JSON is read as it is', { timeout: 60_000 }, () => {
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

test('what is written out as YAML comes back', { timeout: 60_000 }, () => {
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

test('no text makes it throw', { timeout: 60_000 }, () => {
  const pieces = fc.constantFrom('- ', 'a', ': ', '\n', '  ', '&a ', '*a', '<<: ', '[', ']', '{', '}', ',', '"', "'", '|', '>', '!', '!!int ', '%', '---\n', '...\n', '? ', '#', '\t', '@', '0x', '~')
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(pieces, { maxLength: 60 }).map((all) => all.join(''))), (source) => {
      const { value, remarks } = read(source)
      if (value === undefined) expect(remarks.every((remark) => /^(?:error|warning) \d+:\d+ /.test(remark))).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

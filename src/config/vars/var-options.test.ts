import { describe, expect, test } from 'vitest'
import type { Json } from '../../model/json.ts'
import { describeVarError, interpolate } from './interpolate.ts'
import { loadVars, type VarOptions } from './var-options.ts'

function get(options: VarOptions, text: string): Json {
  const { lookup, findings } = loadVars(options)
  expect(findings).toEqual([])
  const result = interpolate(text, lookup)
  return result.ok ? result.value.value : describeVarError(result.error)
}

describe('loadVars', () => {
  test('--var is text, --yaml-var is YAML', () => {
    const options = { vars: ['a=5', 'b=x=y', 'empty='], yamlVars: ['c=5', 'd={e: [1, yes]}', 'f=', 'g="5"'] }
    expect(get(options, '((a))')).toBe('5')
    expect(get(options, '((b))')).toBe('x=y')
    expect(get(options, '((empty))')).toBe('')
    expect(get(options, '((c))')).toBe(5)
    expect(get(options, '((d))')).toEqual({ e: [1, true] })
    expect(get(options, '((f))')).toBe(null)
    expect(get(options, '((g))')).toBe('5')
  })

  test('dotted names make maps, and grow them', () => {
    const options = { vars: ['a.b=1', 'a.c.d=2', '"x.y"=3'], yamlVars: ['a.c.e=4', 'm={p: 1}', 'm.o=2'] }
    expect(get(options, '((a))')).toEqual({ b: '1', c: { d: '2', e: 4 } })
    expect(get(options, '(("x.y"))')).toBe('3')
    expect(get(options, '((m))')).toEqual({ p: 1, o: 2 })
  })

  test('options go before files, later files before earlier ones; the first that has a var hides the others', () => {
    const files = [
      { file: '1.yml', text: 'a: one\nb: one\nc: one\nm: {x: one, w: one}\n' },
      { file: '2.yml', text: 'b: two\nc: two\nm: {x: two}\n' },
    ]
    const options = { vars: ['c=option', 'm.z=option'], files }
    expect(get(options, '((a)) ((b)) ((c)) ((m.z))')).toBe('one two option option')
    expect(get({ files }, '((m.x))')).toBe('two')
    expect(get({ files }, '((m.w))')).toBe("missing field 'w' in var: m.w")
    expect(get(options, '((m.nope))')).toBe("missing field 'nope' in var: m.nope")
  })

  test('an empty file has no vars', () => {
    expect(get({ files: [{ file: 'x', text: '# nothing' }] }, '((a))')).toBe('undefined vars: a')
  })

  test('says what is wrong, without the values', () => {
    const { findings } = loadVars({
      vars: ['s3cr3t', 'a..b=s3cr3t'],
      yamlVars: ['x={s3cr3t'],
      files: [
        { file: 'list.yml', text: '- s3cr3t' },
        { file: 'broken.yml', text: 'a: 1\n- s3cr3t' },
      ],
    })
    expect(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([
      '--var:1 an option is no `name=value`',
      '--var:1 invalid var `a..b`: empty field',
      '--yaml-var:1 the value of `x` is no YAML: a bracket is not closed by }; it opens on line 1',
      'broken.yml:2 `- ` stands where a key of the map from line 1 should start',
      'list.yml:1 a file of vars is a map of names to values',
    ])
    expect(JSON.stringify(findings)).not.toContain('s3cr3t')
  })

  test('of two equal keys of a file the last counts, with a warning', () => {
    const files = [{ file: 'v.yml', text: 'a: 1\na: "2"\n' }]
    expect(get({ files }, 'v((a))')).toBe('v2')
    expect(loadVars({ files }).warnings).toMatchObject([{ line: 2, message: 'the key `a` stands twice in one map; first on line 1. The last one counts' }])
  })

  test('a number of an option goes into a text, one of a file does not', () => {
    expect(get({ yamlVars: ['depth=5'] }, 'v((depth))')).toBe('v5')
    expect(get({ files: [{ file: 'v.yml', text: 'depth: 5' }] }, 'v((depth))')).toBe('cannot put a number into the middle of a text, from var: depth; write its value in quotes')
  })

  test('a warning is no reason not to use the vars', () => {
    const { findings, warnings } = loadVars({ files: [{ file: 'v.yml', text: 'on: 1\n' }] })
    expect(findings).toEqual([])
    expect(warnings).toMatchObject([{ severity: 'warning', file: 'v.yml', line: 1, message: 'the key `on` is read as `true`' }])
  })

  test('__proto__ is a name like any other', () => {
    const options = { vars: ['__proto__.polluted=1', 'a.__proto__.polluted=2'], files: [{ file: 'x', text: '__proto__: {b: "3"}' }] }
    expect(get(options, '((__proto__.polluted)) ((a.__proto__.polluted))')).toBe('1 2')
    expect(get({ files: options.files }, '((__proto__.b))')).toBe('3')
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })
})

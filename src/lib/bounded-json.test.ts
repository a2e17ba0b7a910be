import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseBoundedJson } from './bounded-json.ts'

const parse = (text: string, bounds = { items: 10, depth: 3 }) => parseBoundedJson(Buffer.from(text), bounds)

test('a document at the bound of items passes, and one more item is an error', () => {
  expect(parse(`[${Array(10).fill('1').join(',')}]`)).toEqual({ ok: true, value: Array(10).fill(1) })
  expect(parse(`[${Array(11).fill('1').join(',')}]`)).toEqual({ ok: false, error: 'the JSON holds more than 10 items' })
  expect(parse('{"a":"b","c":[],"d":{}}')).toMatchObject({ ok: true })
  expect(parse('{"a":"b","c":[],"d":{"e":1,"f":2}}')).toEqual({ ok: false, error: 'the JSON holds more than 10 items' })
})

test('a document at the bound of depth passes, and one level more is an error', () => {
  expect(parse('[[{"a":[]}]]', { items: 10, depth: 4 })).toEqual({ ok: true, value: [[{ a: [] }]] })
  expect(parse('[[{"a":[]}]]')).toEqual({ ok: false, error: 'the JSON is nested deeper than 3 levels' })
  expect(parse('[[[1]],[[1]],[[1]]]', { items: 20, depth: 3 })).toMatchObject({ ok: true })
})

test('brackets, commas and escaped quotes inside a string are not counted', () => {
  const value = '\\",,,,,,,,,,[[[[[[[{{{{{{"\\'
  expect(parse(JSON.stringify([value]))).toEqual({ ok: true, value: [value] })
})

test('what is no JSON is an error', () => {
  for (const text of ['', '{', '"', '"\\', ']]]]', '{"a"}', 'nul']) expect(parse(text)).toEqual({ ok: false, error: 'not valid JSON' })
})

test('a hostile document is refused before it is parsed', () => {
  for (const text of ['[],', '"",', '""', '{"a":', ',', '[']) {
    expect(parse(text.repeat(1_000_000), { items: 1000, depth: 1000 })).toMatchObject({ ok: false, error: expect.stringMatching(/1000/) })
  }
})

test('within its bounds it gives what JSON.parse gives', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parse(text, { items: 1_000_000, depth: 1000 })).toEqual({ ok: true, value: JSON.parse(text) as unknown })
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { boundedArray, boundedRecord, boundedString } from './bounded.ts'

const issuesOf = (schema: z.ZodType, value: unknown): string[] =>
  (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))

/** A schema that counts how often it was asked. */
function counted(): { schema: z.ZodType<string>; asked: () => number } {
  let asked = 0
  const schema = z.custom<string>((value) => {
    asked++
    return typeof value === 'string'
  }, 'not a string')
  return { schema, asked: () => asked }
}

test('a string passes at its bound, and one more character is one issue', () => {
  const schema = boundedString(3).regex(/^a*$/)
  expect(schema.parse('aaa')).toBe('aaa')
  expect(issuesOf(schema, 'bbbb')).toEqual(['must have at most 3 characters'])
})

test('an array passes at its bound, and one more element is one issue without a look at the elements', () => {
  const { schema, asked } = counted()
  expect(boundedArray(schema, 3).parse(['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
  expect(asked()).toBe(3)
  expect(issuesOf(boundedArray(schema, 3), ['a', 'b', 'c', 'd'])).toEqual(['must have at most 3 elements'])
  expect(asked()).toBe(3)
})

test('a record passes at its bound, and one more key is one issue without a look at the values', () => {
  const { schema, asked } = counted()
  const record = boundedRecord(boundedString(5), schema, 2)
  expect(record.parse({ a: '1', b: '2' })).toEqual({ a: '1', b: '2' })
  expect(asked()).toBe(2)
  expect(issuesOf(record, { a: '1', b: '2', c: '3' })).toEqual(['must have at most 2 keys'])
  expect(asked()).toBe(2)
})

test('an array of bad elements names the first three and does not look at the others', () => {
  const { schema, asked } = counted()
  expect(issuesOf(boundedArray(schema, 1_000_000), Array(1_000_000).fill(0))).toEqual(['0: not a string', '1: not a string', '2: not a string'])
  expect(asked()).toBe(3)
})

test('a record of bad values names the first three and does not look at the others', () => {
  const { schema, asked } = counted()
  const bad = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]))
  expect(issuesOf(boundedRecord(boundedString(5), schema, 1000), bad)).toEqual(['k0: not a string', 'k1: not a string', 'k2: not a string'])
  expect(asked()).toBe(3)
})

test('a key that is too long is an issue that does not repeat it', () => {
  const record = boundedRecord(boundedString(5), z.number(), 10)
  expect(issuesOf(record, { ['x'.repeat(1000)]: 1 })).toEqual(['must have at most 5 characters'])
})

test('a key __proto__ is a key like any other', () => {
  const parsed = boundedRecord(boundedString(20), z.unknown(), 10).parse(JSON.parse('{"__proto__":{"admin":true},"a":1}'))
  expect(Object.keys(parsed)).toEqual(['__proto__', 'a'])
  expect(parsed['admin']).toBeUndefined()
})

test('what is no array or no object is said', () => {
  for (const value of [undefined, null, 'a', 1, {}]) expect(issuesOf(boundedArray(z.unknown(), 3), value)).toEqual(['must be an array'])
  for (const value of [undefined, null, 'a', 1, []]) expect(issuesOf(boundedRecord(z.string(), z.unknown(), 3), value)).toEqual(['must be an object'])
})

test('a key that is missing is an issue, unless the schema is optional', () => {
  const list = boundedArray(z.string(), 3)
  expect(issuesOf(z.object({ list }), {})).toEqual(['list: must be an array'])
  expect(z.object({ list: list.optional() }).parse({})).toEqual({})
  expect(z.object({ list: list.nullish() }).parse({ list: null })).toEqual({ list: null })
  expect(z.object({ list: list.default([]) }).parse({})).toEqual({ list: [] })
})

test('within bounds they accept and return what zod accepts and returns, but for the key __proto__, which zod leaves out', () => {
  const item = z.union([z.string(), z.object({ n: z.number().transform((n) => n + 1) })])
  const element = fc.oneof(fc.string(), fc.record({ n: fc.integer(), other: fc.boolean() }), fc.constant(null))
  fc.assert(
    fc.property(fc.array(element, { maxLength: 5 }), (value) => {
      const [ours, theirs] = [boundedArray(item, 5).safeParse(value), z.array(item).safeParse(value)]
      expect(ours.success).toBe(theirs.success)
      if (ours.success) expect(ours.data).toEqual(theirs.data)
    }),
  )
  fc.assert(
    fc.property(fc.dictionary(fc.string().filter((key) => key !== '__proto__'), element, { maxKeys: 5 }), (value) => {
      const [ours, theirs] = [boundedRecord(boundedString(1000), item, 5).safeParse(value), z.record(z.string(), item).safeParse(value)]
      expect(ours.success).toBe(theirs.success)
      if (ours.success) expect(ours.data).toEqual(theirs.data)
    }),
  )
})

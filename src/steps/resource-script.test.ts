import fc from 'fast-check'
import { expect, test } from 'vitest'
import { excerpt, parseVersionResult, parseVersions } from './resource-script.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const inScript = '/opt/resource/in'

test('a version and its metadata', () => {
  const parsed = parseVersionResult(inScript, bytes(' {"version":{"ref":"a"},"metadata":[{"name":"n","value":"v"},{"name":"m"},{"name":"z","value":null}],"more":1}\n'))
  expect(parsed).toEqual({ ok: true, value: { version: { ref: 'a' }, metadata: [{ name: 'n', value: 'v' }, { name: 'm', value: '' }, { name: 'z', value: '' }] } })
  expect(parseVersionResult(inScript, bytes('{"version":{}}'))).toMatchObject({ ok: true, value: { metadata: [] } })
})

test.each<[string, string, RegExp]>([
  ['nothing', ' \n', /\/opt\/resource\/in printed nothing on stdout; expected an object/],
  ['a log', 'Cloning into x\0\u001b[31m', /not JSON: "Cloning into x\\u0000\\u001b\[31m" .*logs belong on stderr/],
  ['null', 'null', /printed null instead of/],
  ['a list', '[]', /printed a list instead of/],
  ['a text', '"x"', /printed a string instead of/],
  ['no version', '{"metadata":[]}', /no "version" of strings: "null"/],
  ['numbers in a version', '{"version":{"n":1}}', /no "version" of strings: "\{\\"n\\":1\}"/],
  ['a NUL in a version', '{"version":{"n":"a\\u0000"}}', /no "version" of strings without NUL or half characters: /],
  ['half a character in a version', '{"version":{"\\ud800":"a"}}', /no "version" of strings without NUL or half characters: /],
  ['other metadata', '{"version":{},"metadata":{"a":"b"}}', /"metadata" that is not a list/],
  ['metadata without names', '{"version":{},"metadata":[{"value":"b"}]}', /"metadata" that is not a list/],
  ['a list of versions from in', '[{"ref":"a"}]', /printed a list instead/],
])('%s is told in words', (_what, response, words) => {
  const parsed = parseVersionResult(inScript, bytes(response))
  expect(!parsed.ok && parsed.error).toMatch(words)
})

test('versions of a check', () => {
  expect(parseVersions('check', bytes('[{"ref":"a"},{"ref":"b"}]'))).toEqual({ ok: true, value: [{ ref: 'a' }, { ref: 'b' }] })
  expect(parseVersions('check', bytes('null'))).toEqual({ ok: true, value: [] })
  expect(parseVersions('check', bytes('[{"ref":"a"},{"ref":2}]'))).toMatchObject({ ok: false, error: expect.stringContaining('at index 1') })
  expect(parseVersions('check', bytes('{}'))).toMatchObject({ ok: false, error: expect.stringContaining('instead of a list of versions') })
})

test('names such as __proto__ are only names', () => {
  const parsed = parseVersionResult(inScript, bytes('{"version":{"__proto__":"x","constructor":"y","toString":"z"}}'))
  if (!parsed.ok) throw new Error(parsed.error)
  expect(JSON.stringify(parsed.value.version)).toBe('{"__proto__":"x","constructor":"y","toString":"z"}')
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  expect(parseVersionResult(inScript, bytes('{"__proto__":{"version":{"a":"b"}}}'))).toMatchObject({ ok: false })
})

test('depth and size are no danger', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  for (const response of [deep, `{"version":${deep}}`, `{"version":{},"metadata":${deep}}`]) {
    const parsed = parseVersionResult(inScript, bytes(response))
    expect(!parsed.ok && parsed.error.length < 1000).toBe(true)
  }
  const checked = parseVersions('check', bytes(`[${deep}]`))
  expect(!checked.ok && checked.error.length < 1000).toBe(true)
  const long = parseVersions('check', bytes('x'.repeat(4_000_000)))
  expect(!long.ok && long.error.length < 1000).toBe(true)
})

test('S6: no bytes make it throw, and no message is long or has control characters', () => {
  const nearly = fc.oneof(fc.uint8Array(), fc.json().map(bytes), fc.record({ version: fc.jsonValue(), metadata: fc.jsonValue() }).map((value) => bytes(JSON.stringify(value))))
  fc.assert(
    fc.property(nearly, (response) => {
      for (const parsed of [parseVersionResult(inScript, response), parseVersions('check', response)]) {
        if (parsed.ok) continue
        expect(parsed.error.length).toBeLessThan(1700)
        // eslint-disable-next-line no-control-regex
        expect(parsed.error).not.toMatch(/[\u0000-\u001f]/)
      }
    }),
  )
  expect(excerpt('x'.repeat(300))).toHaveLength(203)
})

const many = (count: number, item: string) => Array<string>(count).fill(item).join(',')

test('as many versions as the limit says are read, and one more is refused', () => {
  const most = parseVersions('check', bytes(`[${many(50_000, '{"ref":"a"}')}]`))
  expect(most.ok && most.value.length).toBe(50_000)
  expect(parseVersions('check', bytes(`[${many(50_001, '{"ref":"a"}')}]`))).toEqual({ ok: false, error: 'check printed 50001 versions; at most 50000 are read. Print those from the version that stdin names on' })
})

test('a version has as many keys, and metadata as many fields, as the limits say', () => {
  const version = (keys: number) => `{${Array.from({ length: keys }, (_, i) => `"k${i}":""`).join(',')}}`
  expect(parseVersions('check', bytes(`[${version(1000)}]`)).ok).toBe(true)
  expect(parseVersions('check', bytes(`[${version(1001)}]`))).toMatchObject({ ok: false, error: expect.stringContaining('(it has 1001, and at most 1000 are read), at index 0') })
  const result = (fields: number) => parseVersionResult(inScript, bytes(`{"version":{},"metadata":[${many(fields, '{"name":"n"}')}]}`))
  expect(result(10_000).ok).toBe(true)
  expect(result(10_001)).toMatchObject({ ok: false, error: expect.stringContaining('(it has 10001, and at most 10000 are read)') })
})

test('a response of millions of empty lists is refused before it is parsed', () => {
  expect(parseVersions('check', bytes(`[${many(1_000_001, '[]')}]`))).toMatchObject({ ok: false, error: expect.stringContaining('holds more than 2000000 items') })
})

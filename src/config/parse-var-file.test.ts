import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../model/json.ts'
import { parseVarFile, varFormats, type VarFormat } from './parse-var-file.ts'

const read = (text: string | Uint8Array, format: VarFormat) => parseVarFile(typeof text === 'string' ? Buffer.from(text) : text, 'repo/var', format)

test.each<[VarFormat, string, Json]>([
  ['raw', ' a b \n', ' a b \n'],
  ['raw', '\ufeffa', '\ufeffa'],
  ['trim', '\u0085\u00a0 a\n b \t\r\n\u3000', 'a\n b'],
  ['trim', '\ufeffa \n', '\ufeffa'],
  ['trim', '', ''],
  ['json', '{"a": [1, null, {"b": "x"}]}', { a: [1, null, { b: 'x' }] }],
  ['json', '{"v": 1.10, "n": 12345678901234567890, "e": 1e3, "z": -0.5}', { v: '1.10', n: '12345678901234567890', e: '1e3', z: -0.5 }],
  ['yaml', 'a: 1\nb: [yes, "no", 012]', { a: 1, b: [true, 'no', 10] }],
  ['yml', 'big: 12345678901234567890', { big: '12345678901234567890' }],
  ['yaml', '# nothing', null],
  ['yaml', '{"json": "too"}', { json: 'too' }],
])('%s reads %j', (format, text, value) => {
  expect(read(text, format)).toEqual({ ok: true, value })
})

test.each<[VarFormat, string | Uint8Array, string]>([
  ['json', '{"secret": "hunter2"', 'failed to parse repo/var in format json: not valid JSON'],
  ['json', '"a" "b"', 'not valid JSON'],
  ['json', '', 'not valid JSON'],
  ['json', '['.repeat(301), 'nested deeper than 300 levels'],
  ['yaml', 'a: 1\nb: {hunter2', 'failed to parse repo/var in format yaml: 2:'],
  ['yaml', `a: !!int hunter2`, '1:4: this is no YAML'],
  ['yaml', '['.repeat(400) + ']'.repeat(400), 'format yaml'],
  ['raw', new Uint8Array([0x61, 0xff]), 'not text in UTF-8'],
  ['trim', new Uint8Array([0xc3]), 'not text in UTF-8'],
])('%s refuses %j and shows nothing of it', (format, text, words) => {
  const value = read(text, format)
  expect(value).toEqual({ ok: false, error: expect.stringContaining(words) as string })
  expect(JSON.stringify(value)).not.toContain('hunter2')
})

test('anchors that stand for more than is written out are refused', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]', ...Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join(', ')}]`)]
  expect(read(lines.join('\n'), 'yaml').ok).toBe(false)
})

test('no bytes make it throw, and a key __proto__ is a key', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...varFormats), (bytes, format) => void read(bytes, format)))
  for (const format of ['json', 'yaml'] as const) {
    const value = read('{"__proto__": {"polluted": true}}', format)
    expect(JSON.stringify(value)).toBe('{"ok":true,"value":{"__proto__":{"polluted":true}}}')
  }
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

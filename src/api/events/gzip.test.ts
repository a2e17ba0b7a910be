import { createGunzip } from 'node:zlib'
import { expect, test } from 'vitest'
import { deflated, gzipHeader, takesEncoding, takesGzip } from './gzip.ts'

test('parts that are compressed apart make one gzip stream, whatever part it begins with', async () => {
  const parts = ['one\n', 'two\n'.repeat(10_000), 'three\n'].map((text) => Buffer.from(text))
  for (const from of [0, 1]) {
    const wanted = Buffer.concat(parts.slice(from)).toString()
    const gunzip = createGunzip()
    let text = ''
    const all = new Promise<void>((resolve) => void gunzip.on('data', (more: Buffer) => (text += more.toString()).length === wanted.length && resolve()))
    gunzip.write(gzipHeader)
    for (const part of parts.slice(from)) gunzip.write(deflated(part))
    await all
    expect(text).toBe(wanted)
  }
})

test('the same bytes are compressed once', () => {
  const bytes = Buffer.from('x'.repeat(1_000))
  expect(deflated(bytes)).toBe(deflated(bytes))
})

test.each([
  ['gzip', true], ['deflate, gzip;q=0.5', true], ['GZIP', true], ['gzip;q=0', false], ['gzip; q=0.0', false], ['br', false], ['', false], [undefined, false], ['x-gzip', false],
])('a client that accepts %j takes gzip: %s', (accepted, taken) => {
  expect(takesGzip(accepted)).toBe(taken)
})

test.each([['gzip, br', true], ['br;q=0.1', true], ['br;q=0', false], ['gzip', false], ['brotli', false]])('a client that accepts %j takes br: %s', (accepted, taken) => {
  expect(takesEncoding(accepted, 'br')).toBe(taken)
})

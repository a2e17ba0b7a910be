import { describe, expect, it } from 'vitest'
import { parseConfigDocument, parseImageDocument } from './image-documents.ts'

const digest = `sha256:${'1'.repeat(64)}`
const bytes = (text: string) => Buffer.from(text)
const list = (count: number, item: string) => `[${Array<string>(count).fill(item).join(',')}]`
const words = (parsed: { ok: true } | { ok: false; error: string }): string => (parsed.ok ? 'ok' : parsed.error)

describe('a document at its bounds', () => {
  const descriptor = `{"digest":"${digest}","size":1}`
  it.each([
    ['layers', (count: number) => parseImageDocument(bytes(`{"config":${descriptor},"layers":${list(count, descriptor)}}`))],
    ['manifests', (count: number) => parseImageDocument(bytes(`{"manifests":${list(count, descriptor)}}`))],
    ['config.Env', (count: number) => parseConfigDocument(bytes(`{"config":{"Env":${list(count, '"A=1"')}}}`))],
    ['config.Cmd', (count: number) => parseConfigDocument(bytes(`{"config":{"Cmd":${list(count, '"a"')}}}`))],
  ])('is read with 10 000 %s, and refused with one more', (what, parse) => {
    expect(words(parse(10_000))).toBe('ok')
    expect(words(parse(10_001))).toMatch(new RegExp(`^its (?:index|manifest|config) is not valid: ${what}: must have at most 10000 elements$`))
  })

  it('is read with a variable of 1 MiB, and refused with one character more', () => {
    const config = (length: number) => parseConfigDocument(bytes(JSON.stringify({ config: { Env: ['x'.repeat(length)] } })))
    expect(words(config(1024 * 1024))).toBe('ok')
    expect(words(config(1024 * 1024 + 1))).toBe('its config is not valid: config.Env.0: must have at most 1048576 characters')
  })
})

describe('a hostile document', () => {
  it.each([
    ['a config of numbers where words belong', () => parseConfigDocument(bytes(`{"config":{"Env":${list(2_000_000, '1')}}}`)), 'its config is not read, since the JSON holds more than 500000 items'],
    ['an index of empty objects', () => parseImageDocument(bytes(`{"manifests":${list(1_300_000, '{}')}}`)), 'its manifest is not read, since the JSON holds more than 500000 items'],
    ['a manifest of lists in lists', () => parseImageDocument(bytes('['.repeat(4_000_000))), 'its manifest is not read, since the JSON is nested deeper than 100 levels'],
  ])('is refused before it is parsed: %s', (_what, parse, error) => {
    expect(words(parse())).toBe(error)
  })

  it('gives a few issues, however much of it is wrong', () => {
    // One issue for each bad element would be 400 000.
    expect(words(parseConfigDocument(bytes(`{"config":{"Env":${list(400_000, '1')}}}`)))).toBe('its config is not valid: config.Env: must have at most 10000 elements')
    expect(words(parseImageDocument(bytes(`{"manifests":${list(10_000, '1')}}`)))).toMatch(/^its index is not valid: manifests\.0: /)
  })
})

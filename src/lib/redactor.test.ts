import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Redactor } from './redactor.ts'

const redactorOf = (...secrets: string[]) => {
  const redactor = new Redactor()
  redactor.add(secrets)
  return redactor
}

test.each<[string, string[], string, string]>([
  ['a word', ['hunter2'], 'x hunter2y', 'x ((redacted))y'],
  ['each line of many', ['-----BEGIN\nabc def\n-----END'], 'abc def and -----END', '((redacted)) and ((redacted))'],
  ['lines that end in CRLF', ['one1\r\ntwo2'], 'one1 two2', '((redacted)) ((redacted))'],
  ['as it looks in JSON', ['a "quoted"\\path\ttab'], JSON.stringify({ p: 'a "quoted"\\path\ttab' }), '{"p":"((redacted))"}'],
  ['many lines in JSON', ['l"1\nl"2'], JSON.stringify('l"1\nl"2'), '"((redacted))\\n((redacted))"'],
  ['not one character', ['x', '"', '\n', ''], 'x "quoted\\" text"', 'x "quoted\\" text"'],
  ['not the spaces around', ['  key: value  \n    '], 'a    b key: value', 'a    b ((redacted))'],
  ['the longest first', ['abc', 'abcdef'], 'abcdef abc', '((redacted)) ((redacted))'],
  ['what patterns mean nothing of', ['a.b*c(d', '$&'], 'a.b*c(d axbbc $&', '((redacted)) axbbc ((redacted))'],
])('redacts %s', (_what, secrets, shown, expected) => {
  expect(redactorOf(...secrets).redact(shown)).toBe(expected)
})

test('secrets that come later are hidden too', () => {
  const redactor = redactorOf('first')
  expect(redactor.redact('first second')).toBe('((redacted)) second')
  redactor.add(['second'])
  expect(redactor.redact('first second')).toBe('((redacted)) ((redacted))')
})

test('what may be shown early, with what comes after it, is what would be shown at once', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 })
  const secrets = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 5 }), { maxLength: 4 })
  fc.assert(
    fc.property(secrets, letters, letters, (all, before, after) => {
      const redactor = redactorOf(...all)
      const safe = redactor.safeLength(before)
      expect(redactor.redact(before.slice(0, safe)) + redactor.redact(before.slice(safe) + after)).toBe(redactor.redact(before + after))
    }),
    { numRuns: 3000 },
  )
})

test('a thousand secrets and a megabyte of output', () => {
  const secrets = Array.from({ length: 1000 }, (_, index) => `secret/${index}/${'k'.repeat(20)}`)
  const redactor = redactorOf(...secrets)
  const lines = Array.from({ length: 10_000 }, (_, index) => (index % 100 === 0 ? secrets[index / 10] : `secret/${index} `.repeat(8))).join('\n')
  expect(redactor.redact(lines).match(/\(\(redacted\)\)/g)).toHaveLength(100)
})

test('every character of secrets that overlap is hidden', () => {
  expect(redactorOf('abcd', 'cdef').redact('xabcdefx')).toBe('x((redacted))x')
  expect(redactorOf('abc', 'b1', 'bc').redact('abcbc')).toBe('((redacted))((redacted))')
})

test.each([36_000, 128 * 1024, 3 * 1024 * 1024 + 1])('a secret of %i characters on one line is hidden beside another', (length) => {
  const long = randomText(length)
  const redactor = redactorOf(long, 'hunter22')
  expect(redactor.redact(`<${long}> hunter22`).replaceAll('((redacted))', '*')).toMatch(/^<\*+> \*$/)
  expect(redactor.redact(`<${long.slice(0, -1)}>`.slice(0, 100))).toContain(long.slice(0, 99))
  expect(redactor.safeLength(`<${long.slice(0, 30_000)}`)).toBe(1)
})

test('a secret that repeats itself costs a text that almost repeats it no more than any other', () => {
  const redactor = redactorOf(`${'a'.repeat(100_000)}b`)
  const text = 'a'.repeat(1_000_000)
  expect(redactor.redact(text)).toBe(text)
  expect(redactor.safeLength(text)).toBe(900_000)
})

/** Characters that are, with their neighbour, inside of one place where a secret stands. */
function naive(secrets: readonly string[], text: string): string {
  const hidden = Array.from(text, () => false)
  const joined = Array.from(text, () => false)
  for (const secret of secrets) {
    if (secret.length < 2) continue
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
      hidden.fill(true, at, at + secret.length)
      joined.fill(true, at, at + secret.length - 1)
    }
  }
  return Array.from(text, (character, at) => (hidden[at] !== true ? character : joined[at] === true ? '' : '((redacted))')).join('')
}

const fewLetters = (minLength: number, maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength, maxLength })

test('S9: gives what a search for each secret at each place gives, in whatever pieces the text comes', () => {
  fc.assert(
    fc.property(fc.array(fewLetters(1, 7), { maxLength: 6 }), fewLetters(0, 60), fc.array(fc.nat(12), { minLength: 1, maxLength: 12 }), (secrets, text, cuts) => {
      const redactor = redactorOf(...secrets)
      const expected = naive(secrets, text)
      expect(redactor.redact(text)).toBe(expected)
      let shown = ''
      let held = ''
      let rest = text
      for (let cut = 0; rest !== ''; cut += 1) {
        const size = 1 + (cuts[cut % cuts.length] ?? 0)
        held += rest.slice(0, size)
        rest = rest.slice(size)
        const safe = redactor.safeLength(held)
        shown += redactor.redact(held.slice(0, safe))
        held = held.slice(safe)
      }
      expect(shown + redactor.redact(held)).toBe(expected)
    }),
    { numRuns: 3000 },
  )
})

/** The same at each run; no part of it comes twice. */
function randomText(length: number): string {
  let state = 1
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return String.fromCodePoint(97 + ((state >>> 16) % 26))
  }).join('')
}

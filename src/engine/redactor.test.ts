import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BuildEvent } from '../model/event.ts'
import { redactEvent } from './redact-event.ts'
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

test('no event shows a secret that its texts have', () => {
  const redactor = redactorOf('hunter2')
  const origin = { id: 'a' }
  const config = { platform: 'linux', image: 'r/hunter2', run: { path: 'hunter2', args: ['--x=hunter2'], dir: 'd/hunter2' }, inputs: [{ name: 'i', path: 'hunter2' }] }
  const events: BuildEvent[] = [
    { type: 'error', data: { message: 'no hunter2', origin, time: 1 } },
    { type: 'initialize-task', data: { origin, time: 1, config } },
    { type: 'start-task', data: { origin, time: 1, config } },
    { type: 'finish-put', data: { origin, time: 1, exit_status: 0, version: { v: '1' }, metadata: [{ name: 'n', value: 'hunter2' }] } },
    { type: 'image-get', data: { origin, time: 1, plan: { id: 'x', get: { name: 'hunter2', list: ['hunter2', 1, null] } } } },
  ]
  for (const event of events) {
    const shown = JSON.stringify(redactEvent(redactor, event))
    expect(shown).not.toContain('hunter2')
    expect(shown).toContain('((redacted))')
  }
})

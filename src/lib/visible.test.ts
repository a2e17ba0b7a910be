import { expect, test } from 'vitest'
import { printable, visible } from './visible.ts'

test.each<[string, string]>([
  ['an OSC 52 that sets the clipboard', '\u001b]52;c;cm0gLXJmIH4=\u0007'],
  ['hidden text', '\u001b[8mrm -rf ~\u001b[28m'],
  ['a cursor that goes up', 'a\u001b[1Ab'],
  ['a carriage return', 'fine\rbad'],
  ['a C1 control sequence', '\u009b8m'],
  ['a right-to-left override', 'gpj.\u202eexe'],
  ['isolates', '\u2066a\u2069'],
  ['tag characters', 'a\u{e0041}\u{e0042}'],
  ['a zero-width space', 'a\u200bb'],
  ['a line separator', 'a\u2028b'],
])('shows %s as what cannot be printed', (_what, text) => {
  const shown = visible(text)
  expect(shown).toContain('\ufffd')
  expect(shown).not.toMatch(/[\p{Cc}\p{Zl}]/u)
  expect(shown.replaceAll('\ufffd', '')).not.toMatch(/\p{Cf}/u)
})

test('keeps lines, tabs, emoji, words of all scripts and our own colours', () => {
  const text = '\u001b[1mrunning\u001b[0m a\tb\n\u001b[1;36mINFO\u001b[0m 👩‍👩‍👧 می‌خواهم 漢字'
  expect(visible(text)).toBe(text)
  expect(printable('a\nb\tc')).toBe('a\ufffdb\ufffdc')
})

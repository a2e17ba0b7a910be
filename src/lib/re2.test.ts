import { expect, test } from 'vitest'
import { compileRe2 } from './re2.ts'

test('S17: a pattern that takes other engines for ever ends on a long text, and an anchored one matches no more than it says', async () => {
  // Each of these tries 2^50000 ways where patterns are tried back and forth: the test would not end.
  const long = `${'a'.repeat(50_000)}!`
  for (const text of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '^([a-z]+)*$', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
    const pattern = await compileRe2(text)
    expect(pattern.ok && pattern.value.test(long), text).toBe(false)
  }
  const anchored = await compileRe2('^v1$')
  expect(anchored.ok && ['v1', 'v1\nv1', 'xv1', 'v1x'].map((text) => anchored.value.test(text))).toEqual([true, false, false, false])
})

test('S17: what the language lacks is refused, not left to an engine that could hang', async () => {
  for (const text of ['(a)\\1', '(?=a)', '(?<!a)b', 'a{1,100000}', '(']) expect((await compileRe2(text)).ok, text).toBe(false)
})

import { expect, test } from 'vitest'
import { tooLongToStart } from './process-limits.ts'

test('a variable or an argument of as many bytes as Linux takes is fine, one more is named with the limit', () => {
  const most = `KEY=${'ü'.repeat(65_533)}x`
  expect(Buffer.byteLength(most)).toBe(131_071)
  expect(tooLongToStart({ args: ['a'.repeat(131_071)], env: ['A=1', most] })).toBeUndefined()
  const words = tooLongToStart({ args: [], env: ['A=1', `${most}x`] })
  expect(words).toBe('the variable KEY has 131072 bytes, its name included, and Linux starts no process with one of more than 131071: pass it in a file of an input')
  expect(tooLongToStart({ args: ['-c', 'a'.repeat(131_072)], env: [] })).toMatch(/^argument 2 has 131072 bytes and Linux/)
})

test('all together may have 6 MiB', () => {
  const env = (count: number) => Array.from({ length: count }, (_, index) => `V${String(index).padStart(2, '0')}=${'x'.repeat(100_000)}`)
  expect(tooLongToStart({ args: [], env: env(62) })).toBeUndefined()
  expect(tooLongToStart({ args: [], env: [...env(62), `BIG=${'x'.repeat(120_000)}`] })).toMatch(/^arguments and environment have 6320315 bytes, .* more than 6291456; the variable BIG is the largest, with 120004: /)
})

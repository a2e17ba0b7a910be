import { expect, test } from 'vitest'
import { lastLines } from './last-lines.ts'

test('a line that repeats the one before is left out, and the end is kept', () => {
  expect(lastLines('no such image\nno such image\nno such image\n')).toBe('no such image')
  expect(lastLines('a\nb\na\n')).toBe('a\nb\na')
  expect(lastLines(`${'x'.repeat(3_000)}\nend`)).toMatch(/^x{1996}\nend$/)
})

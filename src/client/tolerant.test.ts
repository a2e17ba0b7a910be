import { expect, test } from 'vitest'
import { z } from 'zod'
import { tolerant } from './tolerant.ts'

test('what an older client does not know is left out, at any depth; what it needs must be there', () => {
  const schema = z.strictObject({ id: z.number(), next: z.strictObject({ name: z.string() }).nullable(), maybe: z.strictObject({ a: z.string() }).exactOptional() }).array()
  const lenient = tolerant(schema)
  expect(lenient.parse([{ id: 1, more: 1, next: { name: 'n', more: [] }, maybe: { a: 'x', more: 2 } }, { id: 2, next: null }])).toEqual([{ id: 1, next: { name: 'n' }, maybe: { a: 'x' } }, { id: 2, next: null }])
  expect(lenient.safeParse([{ id: 'x', next: null }]).success).toBe(false)
  expect(lenient.safeParse([{ id: 1, next: {} }]).success).toBe(false)
})

import { expect, test } from 'vitest'
import { requestIdOf } from './request-id.ts'

test('a well-formed id of a client is taken, up to 64 characters', () => {
  for (const id of ['a', '7f3c.B_c-9', 'x'.repeat(64)]) expect(requestIdOf({ 'x-request-id': id })).toBe(id)
})

test('a request without an id, or with one that is none, gets a new one', () => {
  const made = ['', 'x'.repeat(65), 'a b', 'a\nb', '{"level":50}', 'é', ['a', 'b'], undefined].map((given) => requestIdOf({ 'x-request-id': given }))
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(new Set(made).size).toBe(made.length)
})

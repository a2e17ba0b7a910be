import { expect, test } from 'vitest'
import { closeText } from './close-text.ts'

test('a connection that closed without a reason is told without its code', () => {
  for (const code of [0, 1000, 1005, 1006, 1011, 1015, 4000]) expect(closeText(code)).toBe('the connection broke, or the server does not answer')
})

test('a code that this server sends is told in words', () => {
  expect([1008, 1012, 1013].map(closeText)).toEqual(['the server does not understand this page: reload it', 'the server stops or starts again', 'too many pages of this server are open'])
})

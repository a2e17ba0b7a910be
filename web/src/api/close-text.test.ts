import { expect, test } from 'vitest'
import { closeText } from './close-text.ts'

test('a connection that closed without a reason is told without its code', () => {
  for (const code of [0, 1000, 1005, 1006, 1015]) expect(closeText(code)).toBe('the connection broke, or the server does not answer')
})

test('a code that this server sends is told in words, any other with its number', () => {
  expect([1008, 1012, 1013].map(closeText)).toEqual(['the server does not understand this page, which may be older than the server: reload it', 'the server stops or starts again', 'too many pages of this server are open'])
  expect(closeText(4_000)).toBe('the server, or a proxy before it, closed the connection (WebSocket code 4000)')
})

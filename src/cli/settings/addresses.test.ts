import { expect, test } from 'vitest'
import { parseImageHost } from './addresses.ts'

test.each(['images.example.com', '*.example.com', 'localhost:8080', '10.0.0.1', 'A.example'])('%s is a host of images', (text) => {
  expect(parseImageHost(text)).toEqual({ ok: true, value: text.toLowerCase() })
})

// Each would be, or would end, a directive of the content security policy.
test.each(['*', '*.', 'https://a.example', 'a.example/x', "'unsafe-inline'", 'a.example; script-src *', 'a.example b.example', 'data:', '', '-a.example', 'a..example', `${'a.'.repeat(130)}example`, 'a.example\n'])('%j is none', (text) => {
  expect(parseImageHost(text)).toMatchObject({ ok: false })
})

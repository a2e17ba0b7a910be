import fc from 'fast-check'
import { expect, it } from 'vitest'
import { aesCipher } from './cipher.ts'

const cipher = aesCipher(new Uint8Array(32).fill(1))

it('gives back any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => cipher.decrypt(cipher.encrypt(text, 'a'), 'a') === text))
})

it('never gives the same bytes twice', () => {
  expect(cipher.encrypt('x', 'a')).not.toBe(cipher.encrypt('x', 'a'))
})

it('refuses another place, another key, and anything altered', () => {
  const sealed = cipher.encrypt('secret', 'builds/1/context')
  expect(() => cipher.decrypt(sealed, 'builds/2/context')).toThrow('altered, or stood elsewhere')
  expect(() => aesCipher(new Uint8Array(32).fill(2)).decrypt(sealed, 'builds/1/context')).toThrow('encrypted with another key')
  const head = sealed.lastIndexOf('.') + 1
  const bytes = Buffer.from(sealed.slice(head), 'base64url')
  for (let index = 0; index < bytes.length; index++) {
    const altered = Uint8Array.from(bytes)
    altered[index] = (altered[index] ?? 0) ^ 1
    expect(() => cipher.decrypt(sealed.slice(0, head) + Buffer.from(altered).toString('base64url'), 'builds/1/context')).toThrow('altered')
  }
  expect(() => cipher.decrypt(sealed.slice(0, head + 10), 'builds/1/context')).toThrow('cut off')
  for (const text of ['', 'secret', 'v2.a.b', `${sealed}.x`]) expect(() => cipher.decrypt(text, 'p')).toThrow('p: not a value that this version encrypted')
})

it('takes 32 bytes as a key and nothing else', () => {
  expect(() => aesCipher(new Uint8Array(16))).toThrow('32 bytes, not 16')
})

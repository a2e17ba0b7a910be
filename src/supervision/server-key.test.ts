import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { newPrivateKey, pinOf, serverKey } from './server-key.ts'

test('the certificate is what Node takes for one, signed by its own key', () => {
  const { certificate, pin } = serverKey(newPrivateKey())
  const parsed = new X509Certificate(certificate)
  expect(parsed.verify(parsed.publicKey)).toBe(true)
  expect(parsed.subject).toBe('CN=airside')
  expect(parsed.ca).toBe(false)
  expect(parsed.validToDate.getUTCFullYear()).toBe(9999)
  expect(pinOf(parsed.publicKey.export({ type: 'spki', format: 'der' }))).toBe(pin)
  expect(pin).toMatch(/^[A-Za-z0-9_-]{43}$/)
})

test('the same key gives the same pin, whatever the certificate', () => {
  const key = newPrivateKey()
  expect(serverKey(key).pin).toBe(serverKey(key).pin)
  expect(serverKey(key).certificate).not.toBe(serverKey(key).certificate)
  expect(serverKey(newPrivateKey()).pin).not.toBe(serverKey(key).pin)
})

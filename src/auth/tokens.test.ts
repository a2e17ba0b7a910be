import { expect, test } from 'vitest'
import { sessionToken } from './browser/cookies.ts'
import { isToken, newFlyToken, newToken, tokenHash } from './tokens.ts'

test('a token of a login by fly is one of Concourse in form, and says when it ends', () => {
  const token = newFlyToken(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
  expect(token).toMatch(/^asfy[A-Za-z0-9+/]{34}$/)
  // What fly's ParseExpiry does: 28 bytes of base64 without padding, the last eight a number of seconds.
  const bytes = Buffer.from(token, 'base64')
  expect(bytes).toHaveLength(28)
  expect(new Date(Number(bytes.readBigUInt64LE(20)) * 1000).toISOString()).toBe('2026-01-02T03:04:05.000Z')
  expect(bytes.toString('base64').replace(/=+$/, '')).toBe(token)
  expect(newFlyToken(0)).not.toBe(newFlyToken(0))
})

test('tokens of both forms are well formed, and nothing else is', () => {
  for (const token of [newToken(), newFlyToken(0)]) {
    expect(isToken(token)).toBe(true)
    for (const text of [`${token}=`, token.slice(0, -1), `x${token}`, token.toUpperCase(), `${token}\n`]) expect(isToken(text), text).toBe(false)
    expect(tokenHash(token)).toHaveLength(32)
  }
})

test('a token of either form is read from the cookie that fly logs out with', () => {
  // Its end makes characters that no other token has: slashes.
  const slashed = newFlyToken(0xffff_ffff * 1000)
  expect(slashed).toContain('//')
  for (const token of [newToken(), slashed]) expect(sessionToken(`skymarshal_auth="bearer ${token}"`, false)).toBe(token)
})

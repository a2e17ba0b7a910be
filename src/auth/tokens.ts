import { createHash, randomBytes } from 'node:crypto'

const shape = /^as_([\w-]{43})([\w-]{6})$/

/** `as_`, 32 random bytes and a checksum, by which scanners of leaked secrets know it. Neither quotes nor spaces: fly puts it into a cookie. */
export function newToken(): string {
  const random = randomBytes(32).toString('base64url')
  return `as_${random}${checksum(random)}`
}

/** Whether the text is well formed; the database need not be asked about others. */
export function isToken(text: string): boolean {
  const [, random, sum] = shape.exec(text) ?? []
  return random !== undefined && sum === checksum(random)
}

/** What is stored of a token. */
export const tokenHash = (token: string): Uint8Array => createHash('sha256').update(token).digest()

const checksum = (random: string): string => createHash('sha256').update(`airside token ${random}`).digest('base64url').slice(0, 6)

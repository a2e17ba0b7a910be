import { createHash, randomBytes } from 'node:crypto'

/** `as_`, 32 random bytes and a checksum, by which scanners of leaked secrets know it. Neither quotes nor spaces: fly puts it into a cookie. */
export function newToken(): string {
  const random = randomBytes(32).toString('base64url')
  return `as_${random}${checksum(random)}`
}

/** What is stored of a token. Undefined: it is none of ours, and the database need not be asked. */
export function tokenHash(token: string): Uint8Array | undefined {
  const [, random, sum] = /^as_([\w-]{43})([\w-]{6})$/.exec(token) ?? []
  if (random === undefined || sum !== checksum(random)) return undefined
  return createHash('sha256').update(token).digest()
}

const checksum = (random: string): string => createHash('sha256').update(`airside token ${random}`).digest('base64url').slice(0, 6)

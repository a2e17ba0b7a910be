import { createHash, randomBytes } from 'node:crypto'

const shape = /^as_([\w-]{43})([\w-]{6})$/
const flyPrefix = 'asfy'
const flyShape = /^asfy[A-Za-z0-9+/]{34}$/

/** `as_`, 32 random bytes and a checksum, by which scanners of leaked secrets know it. Neither quotes nor spaces: fly puts it into a cookie. */
export function newToken(): string {
  const random = randomBytes(32).toString('base64url')
  return `as_${random}${checksum(random)}`
}

/**
 * A token of a login by fly: `asfy`, 17 random bytes and the second when it ends, as the 28 bytes of base64 that a token of Concourse is.
 * `fly targets` reads the end from it; the database alone says whether it is over.
 */
export function newFlyToken(expiresAt: number): string {
  const bytes = Buffer.concat([Buffer.from(flyPrefix, 'base64'), randomBytes(17), Buffer.alloc(8)])
  bytes.writeBigUInt64LE(BigInt(Math.floor(expiresAt / 1000)), 20)
  return bytes.toString('base64').replace(/=+$/, '')
}

/** Whether the text is well formed; the database need not be asked about others. */
export function isToken(text: string): boolean {
  if (flyShape.test(text)) return true
  const [, random, sum] = shape.exec(text) ?? []
  return random !== undefined && sum === checksum(random)
}

/** What is stored of a token. */
export const tokenHash = (token: string): Uint8Array => createHash('sha256').update(token).digest()

const checksum = (random: string): string => createHash('sha256').update(`airside token ${random}`).digest('base64url').slice(0, 6)

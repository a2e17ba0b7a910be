import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt)
const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `scrypt$${salt.toString('base64')}$${(await derive(password, salt, 32, cost)).toString('base64')}`
}

/** Takes as long for no hash as for a wrong password. */
export async function verifyScrypt(password: string, hash: string): Promise<boolean> {
  const [, salt = '', expected = ''] = hash.split('$')
  const derived = await derive(password, Buffer.from(salt, 'base64'), 32, cost)
  const wanted = Buffer.from(expected, 'base64')
  return wanted.length === derived.length && timingSafeEqual(derived, wanted)
}

/** A hash that no password has. */
export const dummyHash = (): string => `scrypt$${randomBytes(16).toString('base64')}$${randomBytes(32).toString('base64')}`

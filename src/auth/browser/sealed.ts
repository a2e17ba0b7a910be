import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'

/** Values that a browser keeps for this installation's servers, which it can neither read nor change. */
export interface Seal {
  seal(purpose: string, value: object, lifetimeMs: number): string
  /** Undefined: it was not sealed for this purpose by this installation, or is too old. */
  open(purpose: string, text: string): unknown
}

const algorithm = 'aes-256-gcm'
const [ivBytes, tagBytes] = [12, 16]

export function sealedBy(secret: Buffer, clock: Clock): Seal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'airside login cookies', 32))
  return {
    seal(purpose, value, lifetimeMs) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(purpose))
      const text = JSON.stringify({ until: clock.now() + lifetimeMs, value })
      return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },
    open(purpose, text) {
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length < ivBytes + tagBytes) return undefined
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes }).setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-tagBytes))
      try {
        const plain = Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]).toString('utf8')
        const { until, value } = JSON.parse(plain) as { readonly until: number; readonly value: unknown }
        return clock.now() < until ? value : undefined
      } catch {
        return undefined
      }
    },
  }
}

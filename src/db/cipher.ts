import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from 'node:crypto'

/** Encrypts values at rest. `place` says where a value stands (`table/row/column`): moved elsewhere it does not decrypt. */
export interface Cipher {
  encrypt(text: string, place: string): string
  /** Throws CipherError when key, place or bytes are not the ones it was encrypted with. */
  decrypt(sealed: string, place: string): string
}

export class CipherError extends Error {
  override readonly name = 'CipherError'
}

const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM. `v1.<key's id>.<base64url of iv, ciphertext and tag>`. `key`: 32 bytes. */
export function aesCipher(key: Uint8Array): Cipher {
  if (key.length !== 32) throw new CipherError(`an encryption key has 32 bytes, not ${key.length}`)
  const keyId = createHash('sha256').update('key id').update(key).digest('hex').slice(0, 8)
  // Made once: from the bytes Node makes one for each value, which takes longer than a short one's encryption.
  const secret = createSecretKey(key)
  return {
    encrypt(text, place) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(place))
      const body = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `v1.${keyId}.${body.toString('base64url')}`
    },
    decrypt(sealed, place) {
      const [format, id, text, ...rest] = sealed.split('.')
      if (format !== 'v1' || id === undefined || text === undefined || rest.length > 0) throw new CipherError(`${place}: not a value that this version encrypted`)
      if (id !== keyId) throw new CipherError(`${place}: encrypted with another key than the one given`)
      const body = Buffer.from(text, 'base64url')
      if (body.length < ivBytes + tagBytes) throw new CipherError(`${place}: the encrypted value is cut off`)
      const decipher = createDecipheriv('aes-256-gcm', secret, body.subarray(0, ivBytes), { authTagLength: tagBytes })
      decipher.setAAD(Buffer.from(place)).setAuthTag(body.subarray(-tagBytes))
      try {
        return Buffer.concat([decipher.update(body.subarray(ivBytes, -tagBytes)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new CipherError(`${place}: the encrypted value was altered, or stood elsewhere`, { cause })
      }
    },
  }
}

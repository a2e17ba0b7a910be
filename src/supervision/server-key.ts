import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** The server's identity towards supervisors: they compare the pin, and look at nothing else of the certificate. */
export interface ServerKey {
  /** PKCS #8 PEM; the one thing worth keeping. */
  readonly key: string
  /** Self-signed PEM, made anew each time. */
  readonly certificate: string
  /** AIRSIDE_SERVER_KEY: base64url SHA-256 of the SubjectPublicKeyInfo. */
  readonly pin: string
}

/** A new P-256 key as PKCS #8 PEM. */
export const newPrivateKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** `key`: PKCS #8 PEM of a P-256 key. */
export function serverKey(key: string): ServerKey {
  const privateKey = createPrivateKey(key)
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return { key, certificate: selfSigned(privateKey, spki), pin: pinOf(spki) }
}

export const pinOf = (spki: Buffer): string => createHash('sha256').update(spki).digest('base64url')

// A minimal DER writer for X.509: Node reads certificates but does not create them.

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts)
const generalizedTime = (text: string): Buffer => der(0x18, Buffer.from(text))
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text))
const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))
const commonName = Buffer.from('0603550403', 'hex')

function selfSigned(key: KeyObject, spki: Buffer): string {
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('airside')))))
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x3f) | 0x40 // positive, and no leading zero
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(utcTime('200101000000Z'), generalizedTime('99991231235959Z')),
    name,
    spki,
  )
  const signature = sign('sha256', body, { key, dsaEncoding: 'der' })
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature))
  const base64 = certificate.toString('base64').replace(/.{1,64}/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`
}

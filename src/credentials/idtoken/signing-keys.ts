import { createPrivateKey, createPublicKey, generateKeyPair, randomUUID, sign, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '../../lib/clock.ts'

export type Algorithm = 'RS256' | 'ES256'
export const algorithms = ['RS256', 'ES256'] as const satisfies readonly Algorithm[]

/** Where private keys are kept, encrypted, for all servers of an installation. */
export interface KeyStore {
  /** The value of that name, or the one that `make` gives when there is none. Servers that call it at once get the same. */
  getOrPut(name: string, make: () => Promise<string>): Promise<string>
  /** All whose names begin so. */
  list(prefix: string): Promise<readonly (readonly [name: string, value: string])[]>
  remove(name: string): Promise<void>
}

export interface KeyPeriods {
  /** How long a key signs. 0: for ever. */
  readonly rotationMs: number
  /** How long a key is published after that. A token may be good for a day, so it is a day at least. */
  readonly graceMs: number
}

/** The public half of a key, as a JWKS has it. */
export type PublicJwk = Readonly<Record<string, string>>

interface SigningKey {
  readonly id: string
  readonly startMs: number
  readonly key: KeyObject
}

const longestTokenMs = 24 * 3_600_000
const prefix = 'idtoken-key/'
const generate = promisify(generateKeyPair)

/** Keys that tokens are signed with: one of each algorithm for a time, then the next. Each is named by the time that it begins, so that all servers make the same one. */
export class SigningKeys {
  readonly #store: KeyStore
  readonly #periods: KeyPeriods
  readonly #clock: Clock
  readonly #parsed = new Map<string, SigningKey>()

  constructor(store: KeyStore, periods: KeyPeriods, clock: Clock) {
    this.#store = store
    this.#periods = periods
    this.#clock = clock
  }

  /** A signed token (JWS, compact). */
  async sign(algorithm: Algorithm, claims: object): Promise<string> {
    const { id, key } = await this.#current(algorithm)
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${part({ alg: algorithm, kid: id, typ: 'JWT' })}.${part(claims)}`
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
    return `${signed}.${signature.toString('base64url')}`
  }

  /** The public keys of all tokens that may be good now; those of no token any more are removed. */
  async published(): Promise<readonly PublicJwk[]> {
    await Promise.all(algorithms.map((algorithm) => this.#current(algorithm)))
    const shown: PublicJwk[] = []
    for (const [name, value] of await this.#store.list(prefix)) {
      const algorithm = algorithms.find((one) => name.startsWith(`${prefix}${one}/`))
      if (algorithm === undefined) continue
      const { id, startMs, key } = this.#parse(name, value)
      if (this.#isOver(startMs)) {
        this.#parsed.delete(name)
        await this.#store.remove(name)
      } else shown.push({ ...(createPublicKey(key).export({ format: 'jwk' }) as PublicJwk), kid: id, alg: algorithm, use: 'sig' })
    }
    return shown
  }

  async #current(algorithm: Algorithm): Promise<SigningKey> {
    const { rotationMs } = this.#periods
    const start = rotationMs <= 0 ? 0 : Math.floor(this.#clock.now() / rotationMs) * rotationMs
    const name = `${prefix}${algorithm}/${start}`
    const known = this.#parsed.get(name)
    if (known !== undefined) return known
    return this.#parse(name, await this.#store.getOrPut(name, () => newKey(algorithm)))
  }

  #parse(name: string, value: string): SigningKey {
    const known = this.#parsed.get(name)
    if (known !== undefined) return known
    const { id, pem } = JSON.parse(value) as { id: string; pem: string }
    const parsed = { id, startMs: Number(name.split('/').at(-1)), key: createPrivateKey(pem) }
    this.#parsed.set(name, parsed)
    return parsed
  }

  #isOver(startMs: number): boolean {
    const { rotationMs, graceMs } = this.#periods
    return rotationMs > 0 && startMs + rotationMs + Math.max(graceMs, longestTokenMs) < this.#clock.now()
  }
}

async function newKey(algorithm: Algorithm): Promise<string> {
  const encoding = { privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } } as const
  const { privateKey } =
    algorithm === 'RS256' ? await generate('rsa', { modulusLength: 3072, ...encoding }) : await generate('ec', { namedCurve: 'P-256', ...encoding })
  return JSON.stringify({ id: randomUUID(), pem: privateKey })
}

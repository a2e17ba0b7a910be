import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { KubernetesApi } from './client/api.ts'

/** The claims that a token must have: this audience, this very pod. */
export interface ExpectedPod {
  readonly audience: string
  readonly namespace: string
  readonly pod: string
  readonly uid: string
  readonly serviceAccount: string
}

/** Verifies projected service account tokens against the cluster's own keys. Errors are sentences without the token in them. */
export type VerifyToken = (token: string, expected: ExpectedPod) => Promise<Result<void, string>>

const algorithms: Readonly<Record<string, { readonly hash: string; readonly type: string; readonly ieee: boolean }>> = {
  RS256: { hash: 'sha256', type: 'rsa', ieee: false },
  RS384: { hash: 'sha384', type: 'rsa', ieee: false },
  RS512: { hash: 'sha512', type: 'rsa', ieee: false },
  ES256: { hash: 'sha256', type: 'ec', ieee: true },
  ES384: { hash: 'sha384', type: 'ec', ieee: true },
  ES512: { hash: 'sha512', type: 'ec', ieee: true },
}
const leewaySeconds = 60
const keysFreshMs = 600_000
const refetchMs = 5_000

export function createTokenVerifier(api: KubernetesApi, clock: Clock): VerifyToken {
  let keys = new Map<string, KeyObject>()
  let fetchedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<string | undefined> | undefined

  async function fetchKeys(): Promise<string | undefined> {
    const answer = await api.jwks()
    fetchedAt = clock.now()
    if (!answer.ok) return `the cluster's token keys cannot be read: ${answer.error.message}`
    keys = readKeys(answer.value.keys ?? [])
    return undefined
  }
  /** Fetched when old, or for an unknown key (keys are rotated), at a bounded rate, since a token may name any key. */
  async function keyFor(id: string): Promise<Result<KeyObject, string>> {
    const age = clock.now() - fetchedAt
    if (age > keysFreshMs || (!keys.has(id) && age > refetchMs)) {
      fetching ??= fetchKeys().finally(() => (fetching = undefined))
      const problem = await fetching
      if (problem !== undefined && !keys.has(id)) return fail(problem)
    }
    const key = keys.get(id)
    return key === undefined ? fail("the token is not signed by this cluster's key") : ok(key)
  }

  return async (token, expected) => {
    const parts = token.trim().split('.')
    const [head, body, signature] = parts
    if (parts.length !== 3 || !head || !body || !signature || token.length > 16_384) return fail('the token is not a JWT')
    const header = decode(head)
    const claims = decode(body)
    if (header === undefined || claims === undefined) return fail('the token is not a JWT')
    const algorithm = Object.hasOwn(algorithms, String(header['alg'])) ? algorithms[String(header['alg'])] : undefined
    if (algorithm === undefined) return fail('the token is signed with an algorithm that is not accepted')
    const key = await keyFor(text(header['kid']))
    if (!key.ok) return key
    if (key.value.asymmetricKeyType !== algorithm.type) return fail("the token's algorithm is not its key's")
    const genuine = verify(
      algorithm.hash,
      Buffer.from(`${head}.${body}`),
      { key: key.value, ...(algorithm.ieee ? { dsaEncoding: 'ieee-p1363' as const } : {}) },
      Buffer.from(signature, 'base64url'),
    )
    return genuine ? checkClaims(claims, expected, clock.now() / 1000) : fail("the token's signature is wrong")
  }
}

function checkClaims(claims: Claims, expected: ExpectedPod, now: number): Result<void, string> {
  const { exp, nbf, aud } = claims
  if (typeof exp !== 'number' || exp + leewaySeconds < now) return fail('the token has expired')
  if (typeof nbf === 'number' && nbf - leewaySeconds > now) return fail('the token is not valid yet')
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (!audiences.includes(expected.audience)) return fail('the token is for another audience')
  const about = object(claims['kubernetes.io'])
  if (about['namespace'] !== expected.namespace) return fail("the token is of another namespace's pod")
  if (object(about['serviceaccount'])['name'] !== expected.serviceAccount) return fail("the token is of another service account")
  const pod = object(about['pod'])
  if (pod['uid'] !== expected.uid || pod['name'] !== expected.pod) return fail("the token is another pod's")
  return ok(undefined)
}

type Claims = Readonly<Record<string, unknown>>

const object = (value: unknown): Claims => (typeof value === 'object' && value !== null ? (value as Claims) : {})

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}

function readKeys(keys: readonly unknown[]): Map<string, KeyObject> {
  const found = new Map<string, KeyObject>()
  for (const key of keys) {
    try {
      found.set(text(object(key)['kid']), createPublicKey({ key: key as JsonWebKey, format: 'jwk' }))
    } catch {
      // a key of a kind that we do not know: tokens that need it are refused
    }
  }
  return found
}

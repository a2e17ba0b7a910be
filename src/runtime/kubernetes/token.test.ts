import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { fail, ok } from '../../model/result.ts'
import type { KubernetesApi } from './client/api.ts'
import { createTokenVerifier, type ExpectedPod } from './token.ts'

const expected: ExpectedPod = { audience: 'airside:demo', namespace: 'ci', pod: 'p', uid: 'u', serviceAccount: 'airside-step' }
const clock = fakeClock()
const now = clock.now() / 1000
const claims = (changes: object = {}) => ({
  aud: ['airside:demo'],
  exp: now + 600,
  nbf: now,
  'kubernetes.io': { namespace: 'ci', pod: { name: 'p', uid: 'u' }, serviceaccount: { name: 'airside-step' } },
  ...changes,
})
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function jwt(key: KeyObject, header: object, body: object): string {
  const text = `${part(header)}.${part(body)}`
  const elliptic = key.asymmetricKeyType === 'ec'
  const signature = sign('sha256', Buffer.from(text), { key, ...(elliptic ? { dsaEncoding: 'ieee-p1363' as const } : {}) })
  return `${text}.${signature.toString('base64url')}`
}

function verifier(keys: { kid: string; key: KeyObject }[]) {
  let asked = 0
  const api = {
    jwks: () => {
      asked++
      return Promise.resolve(ok({ keys: keys.map(({ kid, key }) => ({ ...key.export({ format: 'jwk' }), kid })) }))
    },
  }
  const verify = createTokenVerifier(api as unknown as KubernetesApi, clock)
  return { verify: (token: string) => verify(token, expected), asked: () => asked, keys }
}
const both = () => verifier([{ kid: 'r', key: rsa.publicKey }, { kid: 'e', key: ec.publicKey }])
const good = (changes?: object) => jwt(rsa.privateKey, { alg: 'RS256', kid: 'r' }, claims(changes))

describe('createTokenVerifier', () => {
  it('takes a token of this very pod, RSA or elliptic', async () => {
    expect(await both().verify(good())).toEqual(ok(undefined))
    expect(await both().verify(`${jwt(ec.privateKey, { alg: 'ES256', kid: 'e' }, claims())}\n`)).toEqual(ok(undefined))
  })

  it.each([
    ['expired', good({ exp: now - 61 }), /expired/],
    ['of the future', good({ nbf: now + 61 }), /not valid yet/],
    ['without an end', good({ exp: undefined }), /expired/],
    ['for the API server', good({ aud: ['https://kubernetes.default.svc'] }), /audience/],
    ['of another namespace', good({ 'kubernetes.io': { namespace: 'other' } }), /namespace/],
    ['of another account', good({ 'kubernetes.io': { namespace: 'ci', pod: { name: 'p', uid: 'u' }, serviceaccount: { name: 'default' } } }), /account/],
    ['of another pod', good({ 'kubernetes.io': { namespace: 'ci', pod: { name: 'p', uid: 'v' }, serviceaccount: { name: 'airside-step' } } }), /another pod/],
    ['bound to no pod', good({ 'kubernetes.io': { namespace: 'ci', serviceaccount: { name: 'airside-step' } } }), /another pod/],
    ['signed by a stranger', jwt(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, { alg: 'RS256', kid: 'r' }, claims()), /signature/],
    ['of an unknown key', jwt(rsa.privateKey, { alg: 'RS256', kid: 'x' }, claims()), /not signed by this cluster/],
    ['unsigned', `${part({ alg: 'none' })}.${part(claims())}.`, /not a JWT/],
    ['of no algorithm', `${part({ alg: 'none', kid: 'r' })}.${part(claims())}.AA`, /algorithm/],
    ['signed with the public key as a secret', `${part({ alg: 'HS256', kid: 'r' })}.${part(claims())}.AA`, /algorithm/],
    ['of another kind than its key', jwt(ec.privateKey, { alg: 'ES256', kid: 'r' }, claims()), /algorithm is not its key's/],
    ['nonsense', 'a.b.c', /not a JWT/],
    ['with an algorithm called constructor', `${part({ alg: 'constructor', kid: 'r' })}.${part(claims())}.AA`, /algorithm/],
  ])('refuses one that is %s', async (_name, token, reason) => {
    const verdict = await both().verify(token)
    expect(verdict.ok).toBe(false)
    expect(!verdict.ok && verdict.error).toMatch(reason)
    expect(!verdict.ok && verdict.error).not.toContain(token.split('.')[2] || '☃')
  })

  it('fetches keys again when they were rotated, and not for everyone who makes one up', async () => {
    const one = verifier([{ kid: 'r', key: rsa.publicKey }])
    const unknown = jwt(ec.privateKey, { alg: 'ES256', kid: 'e' }, claims())
    await one.verify(good())
    for (let n = 0; n < 5; n++) await one.verify(unknown)
    expect(one.asked()).toBe(1)
    one.keys.push({ kid: 'e', key: ec.publicKey })
    await clock.advance(6_000)
    expect(await one.verify(unknown)).toEqual(ok(undefined))
    expect(one.asked()).toBe(2)
  })

  it('says when the keys cannot be read', async () => {
    const api = { jwks: () => Promise.resolve(fail({ kind: 'api-error', status: 403, reason: 'Forbidden', message: 'forbidden' })) }
    const verify = createTokenVerifier(api as unknown as KubernetesApi, clock)
    expect(await verify(good(), expected)).toEqual(fail("the cluster's token keys cannot be read: forbidden"))
  })
})

import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fakeClock, type FakeClock } from '../../lib/clock.ts'
import type { Json } from '../../model/json.ts'
import { fail } from '../../model/result.ts'
import type { VarScope } from '../../model/var.ts'
import { memoryKeys } from '../testing/open.ts'
import { idTokenManager } from './manager.ts'
import { idTokenSettingsOf } from './settings.ts'
import { SigningKeys, type PublicJwk } from './signing-keys.ts'

const hour = 3_600_000
const periods = { rotationMs: 168 * hour, graceMs: 24 * hour }
const scope: VarScope = { team: 'main', pipeline: 'pipe', job: 'unit' }

function world(clock: FakeClock = fakeClock(), store = memoryKeys()) {
  const keys = new SigningKeys(store, periods, clock)
  const token = async (config: Json = { algorithm: 'ES256' }, of: VarScope = scope) => {
    const answer = await idTokenManager(idTokenSettingsOf(config), { url: 'https://ci.example', keys }, clock).get('token', of)
    if (!answer.ok) throw new Error(answer.error.message)
    return String(answer.value?.value)
  }
  return { clock, keys, token, store }
}

/** Header and claims of a token whose signature one of the keys verifies. */
function verified(token: string, keys: readonly PublicJwk[]): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [head = '', body = '', signature = ''] = token.split('.')
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  const jwk = keys.find(({ kid }) => kid === parse(head)['kid'])
  if (jwk === undefined) throw new Error('its key is not published')
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
  if (!verify('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))) throw new Error('its signature is wrong')
  return { header: parse(head), claims: parse(body) }
}

describe('an idtoken', () => {
  test.each(['RS256', 'ES256'])('is signed by %s with a key that is published, and says who asks', async (algorithm) => {
    const { token, keys, clock } = world()
    const now = clock.now() / 1000
    const { header, claims } = verified(await token({ algorithm, audience: ['sts.example'] }), await keys.published())
    expect(header).toMatchObject({ alg: algorithm, typ: 'JWT' })
    expect(claims).toEqual({ iss: 'https://ci.example', sub: 'main/pipe', aud: ['sts.example'], iat: now, exp: now + 3600, team: 'main', pipeline: 'pipe', job: 'unit' })
  })

  test.each<[string, VarScope, string]>([
    ['team', scope, 'main'],
    ['pipeline', scope, 'main/pipe'],
    ['', scope, 'main/pipe'],
    ['instance', { ...scope, instanceVars: { branch: 'a/b', n: 1 } }, 'main/pipe/branch:"a%2Fb",n:1'],
    ['instance', scope, 'main/pipe/'],
    ['job', { ...scope, instanceVars: { branch: 'x' } }, 'main/pipe/branch:x/unit'],
    ['job', { team: 'a/b', pipeline: 'c%2Fd', job: 'e/f' }, 'a%2Fb/c%252Fd//e%2Ff'],
    ['pipeline', { team: 'main' }, 'main/'],
  ])('with the subject scope %j of %j is about %s', async (subject, of, expected) => {
    const { token, keys } = world()
    expect(verified(await token({ algorithm: 'ES256', subject_scope: subject }, of), await keys.published()).claims['sub']).toBe(expected)
  })

  test('has instance vars, and ends when it is set to', async () => {
    const { token, keys } = world()
    const { claims } = verified(await token({ algorithm: 'ES256', expires_in: '90s' }, { ...scope, instanceVars: { a: { b: 1 } } }), await keys.published())
    expect(claims).toMatchObject({ instance_vars: { a: { b: 1 } } })
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(90)
  })

  test('is the only var of its source, and needs the server’s address', async () => {
    const { keys, clock } = world()
    const manager = (url: string) => idTokenManager(idTokenSettingsOf({}), { url, keys }, clock)
    expect(await manager('https://x').get('other', scope)).toEqual(fail({ message: 'an idtoken var source has one var, `token`', retryable: false }))
    expect(await manager('').get('token', scope)).toMatchObject({ ok: false, error: { retryable: false, message: expect.stringContaining('external-url') as string } })
    expect(manager('https://x').caching).toBe('never')
  })
})

describe('signing keys', () => {
  test('are the same for all servers, and after a restart', async () => {
    const first = world()
    const second = world(first.clock, first.store)
    expect(await first.keys.published()).toEqual(await second.keys.published())
    expect(() => verified('a.b.c', [])).toThrow()
    verified(await second.token(), await first.keys.published())
  })

  test('change after their time, are published as long as their tokens are good, and then removed', async () => {
    const { clock, token, keys } = world(fakeClock(0))
    await clock.advance(periods.rotationMs - 1)
    const old = await token()
    const [kid] = (await keys.published()).filter(({ alg }) => alg === 'ES256').map((key) => key['kid'])
    await clock.advance(1)
    expect(verified(await token(), await keys.published()).header['kid']).not.toBe(kid)
    verified(old, await keys.published())
    await clock.advance(24 * hour)
    verified(old, await keys.published())
    await clock.advance(1)
    expect((await keys.published()).map((key) => key['kid'])).not.toContain(kid)
    expect(await keys.published()).toHaveLength(2)
  })

  test('never show their private half', async () => {
    const { keys } = world()
    for (const key of await keys.published()) for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(key).not.toHaveProperty(secret)
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { fakeClock, type FakeClock } from '../lib/clock.ts'
import { CachedTeams, CachedTokens } from './cached-stores.ts'
import type { HeldToken } from './ports.ts'
import { MemoryTeams } from './testing/memory-teams.ts'
import { MemoryTokens } from './testing/memory-tokens.ts'
import { tokenHash } from './tokens.ts'

const hash = tokenHash('a token')
const jo = { connector: 'local', subject: 'jo', name: 'jo', groups: [] }
let clock: FakeClock
beforeEach(() => {
  clock = fakeClock()
})

describe('tokens', () => {
  let store: MemoryTokens
  let tokens: CachedTokens
  let owner: number
  beforeEach(async () => {
    store = new MemoryTokens()
    tokens = new CachedTokens(store, clock)
    owner = (await tokens.login(jo, clock.now())).id
    await tokens.issue(owner, { hash, kind: 'fly', expiresAt: clock.now() + 40_000 }, clock.now())
  })
  const found = async (): Promise<boolean> => (await tokens.find(hash, clock.now())) !== undefined

  test('S4, O8: that another server revoked count for at most 30 seconds more, or until that is announced', async () => {
    expect(await found()).toBe(true)
    await store.revoke(hash)
    await clock.advance(29_999)
    expect(await found()).toBe(true)
    await clock.advance(1)
    expect(await found()).toBe(false)
    await store.issue(owner, { hash, kind: 'fly', expiresAt: clock.now() + 40_000 })
    expect(await found()).toBe(true)
    await store.revoke(hash)
    tokens.drop()
    expect(await found()).toBe(false)
  })

  test('that this server revoked count no longer', async () => {
    expect(await found()).toBe(true)
    await tokens.revoke(hash)
    expect(await found()).toBe(false)
  })

  test('expire at their time', async () => {
    await clock.advance(20_000)
    expect(await found()).toBe(true)
    await clock.advance(20_000)
    expect(await found()).toBe(false)
  })

  test('that were read before they were revoked are not kept', async () => {
    const reading = Promise.withResolvers<void>()
    class Slow extends MemoryTokens {
      override async find(...given: Parameters<MemoryTokens['find']>): Promise<HeldToken | undefined> {
        const held = await store.find(...given)
        await reading.promise
        return held
      }
    }
    const slow = new CachedTokens(new Slow(), clock)
    const first = slow.find(hash, clock.now())
    await store.revoke(hash)
    slow.drop()
    reading.resolve()
    expect(await first).toBeDefined()
    expect(await slow.find(hash, clock.now())).toBeUndefined()
  })

  test('for machines have their last use written every five minutes', async () => {
    const api = tokenHash('another')
    await tokens.createApiToken(owner, { hash: api, name: 'x', prefix: 'as_', ceiling: {}, expiresAt: clock.now() + 3_600_000 }, clock.now())
    const usedAt = async () => (await store.apiTokens(owner, clock.now()))[0]?.lastUsedAt
    const start = clock.now()
    for (const [advance, expected] of [[0, start], [299_999, start], [1, start], [30_000, start + 330_000]] as const) {
      await clock.advance(advance)
      await tokens.find(api, clock.now())
      expect(await usedAt()).toBe(expected)
    }
  })
})

describe('teams', () => {
  test('that another server changed are seen after 30 seconds, or when that is announced', async () => {
    const store = new MemoryTeams()
    const teams = new CachedTeams(store, clock)
    const names = async () => (await teams.list()).map(({ name }) => name)
    expect(await names()).toEqual([])
    await store.put({ name: 'a', auth: {}, admin: false })
    await clock.advance(29_999)
    expect(await names()).toEqual([])
    await clock.advance(1)
    expect(await names()).toEqual(['a'])
    await store.put({ name: 'b', auth: {}, admin: false })
    teams.drop()
    expect(await names()).toEqual(['a', 'b'])
    await teams.rename('b', 'c')
    expect(await names()).toEqual(['a', 'c'])
    await teams.remove('a')
    expect(await names()).toEqual(['c'])
  })

  test('are asked for again after the database was away', async () => {
    const store = new MemoryTeams()
    const { list } = store
    store.list = () => Promise.reject(new Error('away'))
    const teams = new CachedTeams(store, clock)
    await expect(teams.list()).rejects.toThrow('away')
    store.list = list
    expect(await teams.list()).toEqual([])
  })
})

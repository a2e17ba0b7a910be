import { describe, expect, it } from 'vitest'
import { CachedTeams, CachedTokens } from '../../auth/cached-stores.ts'
import { tokenHash } from '../../auth/tokens.ts'
import { fakeClock } from '../../lib/clock.ts'
import type { Db } from '../db.ts'
import { Teams, teamsChannel } from '../teams.ts'
import { Tokens, tokensChannel } from '../tokens.ts'
import type { Target } from './target.ts'

/** What one server changes, another hears of: it would go by what it has read for half a minute. */
export function loginChangesSuite(target: Target): void {
  describe('changes of logins', () => {
    const clock = fakeClock()
    const hash = tokenHash('a token')

    /** Ends when the other server has heard of a change. */
    async function heard(db: Db, channel: string, drop: () => void, change: () => Promise<unknown>): Promise<void> {
      const announced = Promise.withResolvers<void>()
      const end = await db.listen(channel, () => {
        drop()
        announced.resolve()
      })
      try {
        await change()
        await announced.promise
      } finally {
        await end()
      }
    }

    it('reach other servers: a token that is revoked, and a team that is set, renamed or removed', async () => {
      const [db, other] = [await target.fresh(), await target.another()]
      const [teams, tokens] = [new Teams(db), new Tokens(db)]
      const [cachedTeams, cachedTokens] = [new CachedTeams(new Teams(other), clock), new CachedTokens(new Tokens(other), clock)]
      const { id } = await tokens.login({ connector: 'local', subject: 'jo', name: 'jo', groups: [] }, clock.now())
      await tokens.issue(id, { hash, kind: 'fly', expiresAt: clock.now() + 1_000_000 }, clock.now())
      const api = await tokens.createApiToken(id, { hash: tokenHash('for a machine'), name: 'x', prefix: 'as_', ceiling: {}, expiresAt: clock.now() + 1_000_000 }, clock.now())
      const found = async (text: string) => (await cachedTokens.find(tokenHash(text), clock.now())) !== undefined
      expect([await found('a token'), await found('for a machine')]).toEqual([true, true])
      await heard(other, tokensChannel, () => cachedTokens.drop(), () => tokens.revoke(hash))
      expect([await found('a token'), await found('for a machine')]).toEqual([false, true])
      await heard(other, tokensChannel, () => cachedTokens.drop(), () => tokens.revokeApiToken(id, api.ok ? api.value.id : 0))
      expect(await found('for a machine')).toBe(false)

      const names = async () => (await cachedTeams.list()).map(({ name }) => name)
      expect(await names()).toEqual([])
      const drop = (): void => cachedTeams.drop()
      await heard(other, teamsChannel, drop, () => teams.put({ name: 'web', auth: {}, admin: false }, 1))
      expect(await names()).toEqual(['web'])
      await heard(other, teamsChannel, drop, () => teams.rename('web', 'site'))
      expect(await names()).toEqual(['site'])
      await heard(other, teamsChannel, drop, () => teams.remove('site'))
      expect(await names()).toEqual([])
    })
  })
}

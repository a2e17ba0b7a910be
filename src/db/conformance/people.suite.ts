import { beforeEach, describe, expect, it } from 'vitest'
import { BuildEvents } from '../build-events.ts'
import { Builds } from '../builds.ts'
import type { Db } from '../db.ts'
import { Teams } from '../teams.ts'
import { Tokens } from '../tokens.ts'
import { UserList } from '../user-list.ts'
import { WallStore } from '../wall.ts'
import { systemClock } from '../../lib/clock.ts'
import { cipher, startedBuild } from './build-fixtures.ts'
import type { Target } from './target.ts'

export function peopleSuite(target: Target): void {
  describe('people, the wall, and what goes with a team', () => {
    let db: Db
    let teams: Teams
    beforeEach(async () => {
      db = await target.fresh()
      teams = new Teams(db)
      await teams.put({ name: 'admins', auth: {}, admin: true }, 0)
    })

    it('a team goes with its builds and their events', async () => {
      const id = await startedBuild(db)
      await new Builds(db, cipher).claim('me', 0, 1_000)
      await new Builds(db, cipher).commit(id, 'me', 0, { events: [{ type: 'log', version: '1.0', payload: '{}' }] })
      expect(await teams.remove('main')).toBe('removed')
      expect(await new BuildEvents(db, { clock: systemClock }).read(id, -1, 10)).toEqual([])
    })

    it('people are listed from a login on, the latest first', async () => {
      const tokens = new Tokens(db)
      for (const [at, name] of [[1_000, 'a'], [2_000, 'b'], [3_000, 'c']] as const) {
        await tokens.login({ connector: 'local', subject: name, name, groups: [] }, at)
      }
      expect((await new UserList(db).activeSince(2_000)).map(({ name, lastLoginAt }) => [name, lastLoginAt])).toEqual([['c', 3_000], ['b', 2_000]])
    })

    it('the wall has one message, until its time is over', async () => {
      const wall = new WallStore(db)
      expect(await wall.get(0)).toBeUndefined()
      await wall.set({ message: 'one' })
      await wall.set({ message: 'two', expiresAt: 10 })
      expect(await wall.get(9)).toEqual({ message: 'two', expiresAt: 10 })
      expect(await wall.get(10)).toBeUndefined()
      await wall.clear()
      expect(await wall.get(0)).toBeUndefined()
    })
  })
}

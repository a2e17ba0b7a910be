import { beforeEach, describe, expect, it } from 'vitest'
import { Builds } from '../builds.ts'
import type { Db } from '../db.ts'
import { Servers } from '../servers.ts'
import { cipher, startedBuild } from './build-fixtures.ts'
import type { Target } from './target.ts'

export function serversSuite(target: Target): void {
  describe('servers', () => {
    let db: Db
    let builds: Builds
    let servers: Servers
    let buildId: number
    beforeEach(async () => {
      db = await target.fresh()
      builds = new Builds(db, cipher)
      servers = new Servers(db)
      buildId = await startedBuild(db)
    })

    it('names the server that leases a build, as long as it is heard of', async () => {
      await servers.seen('one', 'http://one', 1_000)
      await servers.seen('on', 'http://on', 1_000)
      expect(await servers.holderOf(buildId, 'two', 1_000)).toEqual({ kind: 'nobody' })
      await builds.claim('one-1', 1_000, 60_000)
      expect(await servers.holderOf(buildId, 'one', 1_000)).toEqual({ kind: 'here' })
      expect(await servers.holderOf(buildId, 'two', 1_000)).toEqual({ kind: 'peer', id: 'one', url: 'http://one' })
      expect(await servers.holderOf(buildId, 'two', 21_000)).toEqual({ kind: 'nobody' })
      await servers.seen('one', 'http://moved', 21_000)
      expect(await servers.holderOf(buildId, 'two', 21_000)).toEqual({ kind: 'peer', id: 'one', url: 'http://moved' })
      await servers.left('one')
      expect(await servers.holderOf(buildId, 'two', 21_000)).toEqual({ kind: 'nobody' })
    })

    it('names the server that ran a build to its end, and after it has gone any', async () => {
      await servers.seen('one', 'http://one', 0)
      await builds.claim('one-1', 0, 60_000)
      await builds.commit(buildId, 'one-1', 1, { finish: { status: 'failed' } })
      expect(await servers.holderOf(buildId, 'two', 0)).toMatchObject({ kind: 'peer' })
      await servers.left('one')
      expect(await servers.holderOf(buildId, 'two', 0)).toEqual({ kind: 'here' })
    })

    it('names the others, as long as they are heard of', async () => {
      await servers.seen('one', 'http://one', 0)
      await servers.seen('two', 'http://two', 1_000)
      await servers.seen('three', 'http://three', 2_000)
      expect(await servers.others('two', 2_000)).toEqual(['http://one', 'http://three'])
      expect(await servers.others('two', 20_000)).toEqual(['http://three'])
    })

    it('forgets servers that are long gone', async () => {
      await servers.seen('one', 'http://one', 0)
      await servers.seen('two', 'http://two', 60_001)
      expect(await db.query('select id from servers')).toEqual([{ id: 'two' }])
    })
  })
}

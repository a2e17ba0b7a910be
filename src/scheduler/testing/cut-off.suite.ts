import { beforeAll, describe, expect, it } from 'vitest'
import type { Cipher } from '../../db/cipher.ts'
import type { Target } from '../../db/conformance/target.ts'
import type { Db } from '../../db/db.ts'
import { JobSchedules } from '../../db/scheduling/scheduler-store.ts'
import { withOverrides } from '../../lib/with-overrides.ts'
import { limited } from './build-pipelines.ts'
import { resourcesYaml, Scenario } from './scenario.ts'

const pipeline = `${resourcesYaml('app')}
jobs: [{name: unit, serial: true, plan: [{get: app, trigger: true}]}]`

/** A database as a process uses it that is killed after so many statements of transactions: the open one is rolled back, and it asks nothing more. */
function cutOff(db: Db, after: number): { readonly db: Db; readonly isDead: () => boolean } {
  let statements = 0
  const living = (): void => {
    if (statements > after) throw new Error('killed')
  }
  const query: Db['query'] = (...args) => (living(), db.query(...args))
  const transaction: Db['transaction'] = (work) => {
    living()
    return db.transaction(async (tx) => {
      const ended = await work(withOverrides(tx, { query: (...args) => ((statements += 1), living(), tx.query(...args)) }))
      // Killed before the commit.
      statements += 1
      living()
      return ended
    })
  }
  return { db: withOverrides(db, { query, transaction }), isDead: () => statements > after }
}

/** What one process has begun and others go on with: the rows of a transaction are there all together or not at all, and slots are counted, not kept. */
export function cutOffSuite(target: Target, cipher: Cipher): void {
  describe('what a killed process leaves', () => {
    let db: Db
    beforeAll(async () => {
      db = await target.fresh()
    })

    it('of a pass that it was applying: nothing, and another makes it', async () => {
      let cut = 0
      for (let dead = true; dead; cut += 1) {
        const { db: own, isDead } = cutOff(db, cut)
        const given = new Scenario(db, cipher, `cut-${cut}`, { lazy: true, around: (store, scheduler) => (scheduler === 'a' ? new JobSchedules(own, cipher) : store) })
        await given.set(pipeline)
        await given.check('app', 'v1')
        await given.pass(0).catch(() => undefined)
        dead = isDead()
        if (dead) {
          expect(await given.list('unit'), `killed at statement ${cut}`).toEqual([])
          given.failures.length = 0
          // The lease of the job that it had claimed runs out.
          await given.clock.advance(11_000)
          await given.pass(1)
        }
        expect(await given.list('unit'), `killed at statement ${cut}`).toEqual(['1 started app=v1'])
        await given.pass(1)
        expect(await given.list('unit')).toEqual(['1 started app=v1'])
      }
      expect(cut).toBeGreaterThan(3)
    })

    it('B7: of a build that it ran: a slot that is taken until another has ended the build, and free then', async () => {
      const given = new Scenario(db, cipher, 'slots')
      await given.set(limited('serial: true'))
      await given.check('app', 'v1')
      await given.trigger('a')
      await given.check('app')
      const { id } = await given.build('a', '1')
      expect(await given.builds.claim('killed', given.clock.now(), 30_000, id)).toMatchObject({ id })
      await given.trigger('a')
      await given.clock.advance(31_000)
      await given.check('app')
      expect(await given.list('a')).toEqual(['1 started app=v1', '2 pending (1 of 1 run)'])
      // Another engine claims it, since its lease has run out.
      await given.finish('a', '1')
      expect(await given.list('a')).toEqual(['1 succeeded app=v1', '2 started app=v1'])
    })
  })
}

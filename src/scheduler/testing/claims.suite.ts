import { describe, expect, it } from 'vitest'
import type { Cipher } from '../../db/cipher.ts'
import type { Target } from '../../db/conformance/target.ts'
import { resourcesYaml, Scenario } from './scenario.ts'

const jobs = 40

const many = `${resourcesYaml('app')}\njobs: [${Array.from({ length: jobs }, (_, index) => `{name: j${index}, plan: [{get: app, trigger: true}]}`).join(', ')}]`
const single = `${resourcesYaml('app')}\njobs: [{name: alone, plan: [{get: app, trigger: true}]}]`

/** Which jobs are claimed at once. */
export function schedulerClaimsSuite(target: Target, cipher: Cipher): void {
  describe('jobs that are wanted at once', () => {
    it('are claimed in turn of their pipelines: one with many does not keep the others waiting', async () => {
      const db = await target.fresh()
      const claimed: string[][] = []
      for (const [first, second] of [[many, single], [single, many]] as const) {
        const [before, after] = [new Scenario(db, cipher, `before ${claimed.length}`, { lazy: true }), new Scenario(db, cipher, `after ${claimed.length}`, { lazy: true })]
        for (const [scenario, yaml] of [[before, first], [after, second]] as const) await scenario.set(yaml)
        const ids = (await before.store.claim('one', before.clock.now(), { leaseMs: 60_000, limit: 4 })).map(({ jobId }) => jobId)
        claimed.push((await db.query<{ name: string }>('select name from jobs where id = any($1::bigint[]) order by name', [ids])).map(({ name }) => name))
        // Nothing of this round is left to the next.
        await db.query('update job_schedule set done = wanted')
      }
      expect(claimed).toEqual([['alone', 'j0', 'j1', 'j2'], ['alone', 'j0', 'j1', 'j2']])
    })

    it('are looked at again at once when they were wanted during a pass that asked for a later one', async () => {
      const given = new Scenario(await target.fresh(), cipher, 'during a pass', { lazy: true })
      await given.set(single)
      const claim = () => given.store.claim('one', given.clock.now(), { leaseMs: 60_000, limit: 4 })
      const pass = async (meanwhile: () => Promise<unknown>): Promise<number> => {
        const [claimed] = await claim()
        const [job] = await given.store.read([claimed?.jobId ?? 0])
        if (claimed === undefined || job === undefined) throw new Error('nothing was claimed')
        await meanwhile()
        const now = given.clock.now()
        const changes = { ...claimed, owner: 'one', now, configVersion: job.pipeline.configVersion, create: false, ends: [], waits: [], again: false, againAt: now + 60_000, hasNew: false, notTriggered: undefined }
        expect(await given.store.apply(changes)).toMatchObject({ kind: 'applied' })
        return (await claim()).length
      }
      expect(await pass(() => given.check('app', 'v1'))).toBe(1)
      await given.db.query('update job_schedule set owner = null, lease_until = null')
      expect(await pass(() => Promise.resolve())).toBe(0)
    })
  })
}

import { describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import { resourcesYaml, Scenario } from './scenario.ts'

const pipeline = `${resourcesYaml('app')}
jobs:
- {name: unit, plan: [{get: app, trigger: true}]}`

/** A pipeline whose stored config nobody can read any more, as after a lost encryption key. */
export function poisonedPipelineSuite(target: Target, cipher: Cipher): void {
  describe('a poisoned pipeline', () => {
    it('S15: starts no build, and stops no other pipeline', async () => {
      const db = await target.fresh()
      const [poisoned, healthy] = [new Scenario(db, cipher, 'poisoned', { lazy: true }), new Scenario(db, cipher, 'healthy', { lazy: true })]
      for (const given of [poisoned, healthy]) await given.set(pipeline)
      await db.query(`update pipeline_configs set config = 'poison' where pipeline_id = (select id from pipelines where name = 'poisoned')`)
      for (const given of [poisoned, healthy]) await given.check('app', 'v1')
      // One pass takes the jobs of both.
      await expect(poisoned.pass(0)).rejects.toThrow()
      expect(await healthy.list('unit')).toEqual(['1 started app=v1'])
      expect((await poisoned.list('unit')).filter((build) => !build.includes('pending'))).toEqual([])
    })
  })
}

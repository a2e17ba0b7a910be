import { beforeEach, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import { ownScenarios } from './own-scenarios.ts'
import { resourcesYaml, type Scenario } from './scenario.ts'

const yaml = `${resourcesYaml('app', 'tool')}
jobs:
- {name: unit, plan: [{get: app, trigger: true}]}
- {name: ship, serial: true, plan: [{get: app, passed: [unit]}, {get: tool}, {task: t, file: app/t.yml, params: {WHERE: staging, COUNT: 1}}]}`

/** Builds that a person triggers with versions of inputs, or params of tasks. */
export function requestedBuildsSuite(target: Target, cipher: Cipher): void {
  describe('builds with chosen versions and params', () => {
    const scenario = ownScenarios(target, cipher, 'requested')
    let given: Scenario
    beforeEach(async () => {
      given = await scenario().set(yaml)
      await given.check('tool', 't1', 't2')
      for (const version of ['v1', 'v2']) await given.check('app', version)
      for (const build of ['1', '2']) await given.finish('unit', build)
    })

    it('take what was chosen, and of other inputs what is newest after its check', async () => {
      await given.trigger('ship', { app: 'v1' })
      expect(await given.list('ship')).toEqual(['1 pending (checking tool)'])
      await given.check('tool', 't3')
      expect(await given.list('ship')).toEqual(['1 started app=v1 tool=t3'])
      await given.finish('ship', '1')
      await given.trigger('ship', { tool: 't1' })
      expect(await given.list('ship')).toEqual(['1 succeeded app=v1 tool=t3', '2 started app=v2 tool=t1'])
    })

    it('keep no automatic build from being made: they do not take what is new', async () => {
      await given.set(yaml.replace('{name: unit,', '{name: unit, serial: true,'))
      await given.check('app', 'v3')
      await given.trigger('unit', { app: 'v1' })
      await given.check('app', 'v4')
      expect(await given.list('unit')).toEqual(['1 succeeded app=v1', '2 succeeded app=v2', '3 started app=v3', '4 pending (1 of 1 run)', '5 pending (behind 4)'])
      await given.finish('unit', '3')
      await given.finish('unit', '4')
      expect((await given.list('unit')).slice(-2)).toEqual(['4 succeeded app=v1', '5 started app=v4'])
    })

    it('are refused with what passed forbids, and with what is not there', async () => {
      await given.check('app', 'v3')
      expect(await given.refused('ship', { app: 'v1', tool: 't1' })).toEqual([])
      expect(await given.refused('ship', { app: 'v3' })).toEqual(['no usable version of app has passed unit'])
      expect(await given.refused('ship', { tool: 'v1', app: 'v1' })).toEqual([expect.stringMatching(/^input tool: resource tool has no version with the id \d+$/)])
      expect(await given.refused('ship', { app: 'none' })).toEqual(['input app: resource app has no version with the id 999999'])
      expect(await given.refused('unit', { code: 'v1' })).toEqual(['unit has no input code: its inputs are app'])
    })

    it('are aborted where a version has gone meanwhile, and say so', async () => {
      await given.pause({ job: 'ship' })
      await given.trigger('ship', { app: 'v1', tool: 't1' })
      await given.forget('tool', 't1')
      await given.pause({ job: 'ship' }, false)
      expect(await given.list('ship')).toEqual(['1 aborted'])
      expect(await given.events('ship', '1')).toEqual(['error the version that was chosen for input tool is not there any more', 'status aborted'])
    })

    it('have their params in the place of what the tasks declare, also when they are run again; no other builds have them', async () => {
      await given.trigger('ship', { app: 'v1', tool: 't1' }, { WHERE: 'production', OTHER: 'x' })
      expect(await given.plan('ship', '1')).toContain('"params":{"WHERE":"production","COUNT":1}')
      expect(JSON.stringify(await given.db.query('select * from builds'))).not.toContain('production')
      await given.finish('ship', '1', 'failed')
      await given.rerun('ship', '1')
      expect(await given.plan('ship', '1.1')).toContain('"params":{"WHERE":"production","COUNT":1}')
      await given.finish('ship', '1.1')
      await given.trigger('ship', { tool: 't1' })
      expect(await given.plan('ship', '2')).toContain('"params":{"WHERE":"staging","COUNT":1}')
    })
  })
}

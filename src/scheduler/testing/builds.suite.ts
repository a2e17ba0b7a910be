import { beforeEach, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import { chain } from './build-pipelines.ts'
import { ownScenarios } from './own-scenarios.ts'
import { resourcesYaml, type Scenario } from './scenario.ts'

/** Rows B1 to B6: which builds there are, and in which order they wait. */
export function scheduledBuildsSuite(target: Target, cipher: Cipher): void {
  describe('scheduled builds', () => {
    let given: Scenario
    const next = ownScenarios(target, cipher, 'builds')
    beforeEach(() => {
      given = next()
    })

    it('B1: a first occurrence of a version at a trigger starts a build, and passes on downstream', async () => {
      await given.set(chain)
      expect(await given.list('unit')).toEqual([])
      await given.check('app', 'v1')
      expect([await given.list('unit'), await given.list('ship')]).toEqual([['1 started app=v1'], []])
      await given.finish('unit', '1')
      expect(await given.list('ship')).toEqual(['1 started app=v1'])
      await given.check('app', 'v1')
      expect([await given.list('unit'), await given.list('hand')]).toEqual([['1 succeeded app=v1'], []])
      await given.check('app', 'v2')
      expect(await given.list('unit')).toEqual(['1 succeeded app=v1', '2 started app=v2'])
      await given.finish('unit', '2', 'failed')
      expect(await given.list('ship')).toEqual(['1 started app=v1'])
    })

    it('B1: a version that a failed or aborted build had triggers nothing again, a renamed input does', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      await given.finish('unit', '1', 'errored')
      await given.check('app', 'v1')
      expect(await given.list('unit')).toEqual(['1 errored app=v1'])
      await given.set(chain.replace('{get: app, trigger: true}', '{get: src, resource: app, trigger: true}').replace('passed: [unit], trigger: true', 'passed: [unit]'))
      expect(await given.list('unit')).toEqual(['1 errored app=v1', '2 started src=v1'])
    })

    it('B1: a job or resource with another name and its old_name triggers nothing', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      await given.finish('unit', '1')
      await given.finish('ship', '1')
      await given.set(chain.replaceAll('unit', 'tests').replace('{name: tests', '{name: tests, old_name: unit'))
      expect([await given.list('tests'), await given.list('ship')]).toEqual([['1 succeeded app=v1'], ['1 succeeded app=v1']])
    })

    it('B2: one automatic build is pending, and takes its versions when it starts', async () => {
      await given.set(`${resourcesYaml('app')}\njobs: [{name: unit, serial: true, plan: [{get: app, trigger: true}]}]`)
      await given.check('app', 'v1')
      await given.check('app', 'v2')
      await given.check('app', 'v3')
      expect(await given.list('unit')).toEqual(['1 started app=v1', '2 pending (1 of 1 run)'])
      await given.finish('unit', '1')
      expect(await given.list('unit')).toEqual(['1 succeeded app=v1', '2 started app=v3'])
    })

    it('B2: a rerun that waits suppresses no automatic build', async () => {
      await given.set(`${resourcesYaml('app')}\njobs: [{name: unit, serial: true, plan: [{get: app, trigger: true}]}]`)
      await given.check('app', 'v1')
      await given.rerun('unit', '1')
      await given.check('app', 'v2')
      expect(await given.list('unit')).toEqual(['1 started app=v1', '1.1 pending (1 of 1 run)', '2 pending (behind 1.1)'])
    })

    it('B3: a manual build waits for a check of each input begun after its creation; a failed one counts', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      await given.check('tool', 't1')
      await given.trigger('hand')
      expect(await given.list('hand')).toEqual(['1 pending (checking app, tool)'])
      expect([...given.wanted.keys()]).toEqual(['app', 'tool'])
      await given.check('app', 'v1', 'v2')
      expect(await given.list('hand')).toEqual(['1 pending (checking tool)'])
      await given.checkFails('tool', 'no route to host')
      expect(await given.list('hand')).toEqual(['1 started app=v2 tool=t1'])
    })

    it('B3: neither a pinned input nor one with passed is checked', async () => {
      await given.set(chain)
      await given.check('app', 'v1', 'v2')
      await given.check('tool', 't1')
      await given.pin('app', 'v1')
      given.wanted.clear()
      await given.trigger('hand')
      expect([...given.wanted.keys()]).toEqual(['tool'])
      await given.check('tool', 't1')
      expect(await given.list('hand')).toEqual(['1 started app=v1 tool=t1'])
      await given.trigger('ship')
      expect(await given.list('ship')).toEqual(['1 pending (no usable version of app has passed unit)'])
    })

    it('B4: an automatic build waits for lapsed checks of inputs that do not trigger', async () => {
      await given.set(`${resourcesYaml('app', 'tool').replace('source: {}}]', 'source: {}, check_every: 10m}]')}\njobs: [{name: unit, plan: [{get: app, trigger: true}, {get: tool}]}]`)
      await given.check('tool', 't1')
      await given.check('app', 'v1')
      expect(await given.list('unit')).toEqual(['1 started app=v1 tool=t1'])
      await given.clock.advance(11 * 60_000)
      await given.check('app', 'v2')
      expect(await given.list('unit')).toEqual(['1 started app=v1 tool=t1', '2 pending (checking tool)'])
      await given.check('tool', 't2')
      expect(await given.list('unit')).toEqual(['1 started app=v1 tool=t1', '2 started app=v2 tool=t2'])
    })

    it('B4: an input that is never checked is not waited for', async () => {
      await given.set(`${resourcesYaml('app', 'tool').replace('source: {}}]', 'source: {}, check_every: never}]')}\njobs: [{name: unit, plan: [{get: app, trigger: true}, {get: tool}]}]`)
      await given.check('tool', 't1')
      await given.clock.advance(3_600_000)
      await given.check('app', 'v1')
      expect(await given.list('unit')).toEqual(['1 started app=v1 tool=t1'])
    })

    it('B5: a rerun takes what the original took, disabled or not, and its number counts reruns of the original', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      await given.finish('unit', '1', 'failed')
      await given.check('app', 'v2')
      await given.disable('app', 'v1')
      await given.rerun('unit', '1')
      await given.finish('unit', '1.1', 'failed')
      await given.rerun('unit', '1.1')
      expect(await given.list('unit')).toEqual(['1 failed app=v1', '1.1 failed app=v1', '1.2 started app=v1', '2 started app=v2'])
    })

    it('B5: the success of a rerun stands in the place of the original, and needs no job that can resolve', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      await given.finish('unit', '1', 'failed')
      await given.check('app', 'v2')
      await given.finish('unit', '2')
      expect(await given.list('ship')).toEqual(['1 started app=v2'])
      await given.pin('app', 'v9')
      await given.rerun('unit', '1')
      await given.finish('unit', '1.1')
      await given.pin('app', undefined)
      // The newest success is still build 2.
      expect(await given.list('ship')).toEqual(['1 started app=v2'])
    })

    it('B5: a rerun whose version is gone is aborted, and says so', async () => {
      await given.set(chain)
      await given.check('app', 'v1', 'v2')
      await given.check('app', 'v2')
      const [first] = await given.list('unit')
      expect(first).toBe('1 started app=v2')
      await given.forget('app', 'v2')
      await given.rerun('unit', '1')
      expect(await given.list('unit')).toContain('1.1 aborted')
      expect(await given.error('unit', '1.1')).toBe('the version of input app that the original had is not there any more')
    })

    it('B5: a build that never got inputs cannot be run again', async () => {
      await given.set(chain)
      await given.trigger('hand')
      await expect(given.rerun('hand', '1')).rejects.toThrow('no-inputs')
    })

    it('a build says from which version of the config it was planned, a rerun from which it was planned anew', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      const first = await given.configVersion()
      await given.trigger('hand')
      await given.set(chain.replace('{name: unit', '{name: unit, public: true'))
      const second = await given.configVersion()
      await given.finish('unit', '1')
      await given.rerun('unit', '1')
      await given.check('app', 'v2')
      expect(second).toBeGreaterThan(first ?? 0)
      expect([await given.plannedFrom('unit', '1'), await given.plannedFrom('unit', '1.1'), await given.plannedFrom('unit', '2'), await given.plannedFrom('hand', '1')]).toEqual([first, second, second, undefined])
    })

    it('a server of before that was recorded goes on to start builds while others are of this version', async () => {
      await given.set(chain)
      await given.trigger('hand')
      const { id } = await given.build('hand', '1')
      const begun = await given.db.query('select start_builds($1, $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::boolean[], $9::bigint[], $10::bigint[]) as id', [0, [id], ['{}'], [], [], [], [], [], [], []])
      expect(begun).toEqual([{ id }])
      expect(await given.plannedFrom('hand', '1')).toBeUndefined()
    })

    it('B6: a build that waits blocks the later ones of its job', async () => {
      await given.set(chain)
      await given.trigger('hand')
      await given.trigger('hand')
      expect(await given.list('hand')).toEqual(['1 pending (checking app, tool)', '2 pending (behind 1)'])
      await given.check('app', 'v1')
      await given.check('tool', 't1')
      expect(await given.list('hand')).toEqual(['1 started app=v1 tool=t1', '2 started app=v1 tool=t1'])
    })
  })
}

import { beforeEach, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import { ownScenarios } from './own-scenarios.ts'
import { resourcesYaml, type Scenario } from './scenario.ts'

const jobs = (resources: readonly string[], ...lines: readonly string[]): string => `${resourcesYaml(...resources)}\njobs:\n${lines.map((line) => `- ${line}`).join('\n')}`

/** Rows I and E: versions of inputs. */
export function scheduledInputsSuite(target: Target, cipher: Cipher): void {
  describe('inputs of scheduled builds', () => {
    let given: Scenario
    const next = ownScenarios(target, cipher, 'inputs')
    beforeEach(() => {
      given = next()
    })

    it('I1: the latest is the highest of the order of checks that is not disabled', async () => {
      await given.set(jobs(['app'], '{name: unit, plan: [{get: app, trigger: true}]}'))
      await given.check('app', 'v1', 'v2')
      expect(await given.list('unit')).toEqual(['1 started app=v2'])
      // One is new, so all go on top in this order: v1 is the latest again.
      await given.check('app', 'v3', 'v1')
      expect(await given.list('unit')).toEqual(['1 started app=v2', '2 started app=v1'])
      await given.disable('app', 'v1')
      expect(await given.list('unit')).toEqual(['1 started app=v2', '2 started app=v1', '3 started app=v3'])
    })

    it('I2: the pin of the step goes before that of the resource, and takes the newest version that has it', async () => {
      await given.set(jobs(['app'], '{name: step, plan: [{get: app, version: {ver: v1}}]}', '{name: unit, plan: [{get: app, trigger: true}]}', '{name: every, plan: [{get: app, version: every}]}'))
      await given.pin('app', 'v2')
      await given.check('app', { ver: 'v1', at: '1' }, { ver: 'v1', at: '2' }, 'v2', 'v3')
      expect(await given.list('unit')).toEqual(['1 started app=v2'])
      await given.trigger('step')
      await given.trigger('every')
      expect([await given.list('step'), await given.list('every')]).toEqual([['1 started app=v1'], ['1 started app=v2']])
      expect(await given.inputs('step', '1')).toEqual([{ ver: 'v1', at: '2' }])
    })

    it('I2: a disabled pin is used without passed, and an unknown one fails its group', async () => {
      await given.set(jobs(['app', 'tool'], '{name: unit, plan: [{get: app, trigger: true}, {get: tool}]}'))
      await given.check('tool', 't1')
      await given.pin('app', 'v9')
      await given.check('app', 'v1', 'v2')
      expect(await given.why('unit')).toBe('app is pinned to ver:v9, and no check has found that version')
      await given.disable('app', 'v1')
      await given.pin('app', 'v1')
      expect(await given.list('unit')).toEqual(['1 started app=v1 tool=t1'])
    })

    it('I3: inputs that passed a job together have versions of one of its builds', async () => {
      await given.set(jobs(['app', 'tool'], '{name: unit, plan: [{get: app, trigger: true}, {get: tool, trigger: true}]}', '{name: ship, plan: [{get: app, passed: [unit]}, {get: tool, passed: [unit], trigger: true}]}'))
      await given.check('app', 'v1')
      await given.check('tool', 't1')
      await given.check('app', 'v2')
      await given.check('tool', 't2')
      expect(await given.list('unit')).toEqual(['1 started app=v1 tool=t1', '2 started app=v2 tool=t1', '3 started app=v2 tool=t2'])
      await given.finish('unit', '3', 'failed')
      await given.finish('unit', '1')
      expect(await given.list('ship')).toEqual(['1 started app=v1 tool=t1'])
      await given.finish('unit', '2')
      await given.trigger('ship')
      expect(await given.list('ship')).toEqual(['1 started app=v1 tool=t1', '2 started app=v2 tool=t1'])
    })

    it('I4: the newest success of the first job by name and id decides', async () => {
      await given.set(jobs(['app'], '{name: a, plan: [{get: app}]}', '{name: b, plan: [{get: app}]}', '{name: ship, plan: [{get: app, passed: [a, b], trigger: true}]}'))
      await given.check('app', 'v1', 'v2')
      for (const version of ['v1', 'v2']) {
        await given.pin('app', version)
        for (const job of ['a', 'b']) await given.trigger(job)
      }
      await given.pin('app', undefined)
      for (const [job, build] of [['b', '2'], ['b', '1'], ['a', '1']] as const) await given.finish(job, build)
      expect(await given.list('ship')).toEqual(['1 started app=v1'])
      await given.finish('a', '2')
      expect(await given.list('ship')).toEqual(['1 started app=v1', '2 started app=v2'])
    })

    it('I5: a group fails whole while others have versions, and no build starts until all have', async () => {
      await given.set(jobs(['app', 'tool', 'base'], '{name: unit, plan: [{get: app}, {get: tool}]}', '{name: other, plan: [{get: base}]}',
        '{name: ship, plan: [{get: app, passed: [unit]}, {get: tool, passed: [unit]}, {get: base, passed: [other], trigger: true}]}'))
      for (const [resource, version] of [['app', 'v1'], ['tool', 't1'], ['base', 'b1']] as const) await given.check(resource, version)
      await given.trigger('other')
      await given.check('base', 'b1')
      await given.finish('other', '1')
      await given.trigger('ship')
      expect(await given.list('ship')).toEqual(['1 pending (no usable version of app has passed unit; no usable version of app has passed unit)'])
      await given.trigger('unit')
      await given.check('app', 'v1')
      await given.check('tool', 't1')
      await given.finish('unit', '1')
      expect(await given.list('ship')).toEqual(['1 started app=v1 base=b1 tool=t1'])
    })

    it('I6: a success whose version was disabled vouches for nothing', async () => {
      await given.set(jobs(['app', 'tool'], '{name: unit, plan: [{get: app, trigger: true}, {get: tool}]}', '{name: ship, plan: [{get: app, passed: [unit], trigger: true}, {get: tool, passed: [unit]}]}'))
      await given.check('tool', 't1')
      await given.check('app', 'v1')
      await given.finish('unit', '1')
      await given.check('tool', 't2')
      await given.check('app', 'v2')
      await given.finish('unit', '2')
      await given.disable('tool', 't2')
      await given.trigger('ship')
      expect(await given.list('ship')).toEqual(['1 started app=v1 tool=t1', '2 started app=v2 tool=t2', '3 started app=v1 tool=t1'])
    })

    it('I7: what a build put goes before what it got, the first put of two first', async () => {
      await given.set(jobs(['app'], '{name: unit, plan: [{get: app, trigger: true}]}', '{name: ship, plan: [{get: app, passed: [unit], trigger: true}]}'))
      await given.check('app', 'v1')
      await given.finish('unit', '1', 'succeeded', [['app', 'v2'], ['app', 'v3']])
      expect(await given.list('ship')).toEqual(['1 started app=v2'])
    })

    it('I8: a failed build vouches for nothing, and what it put triggers all the same', async () => {
      await given.set(jobs(['app', 'out'], '{name: unit, plan: [{get: app, trigger: true}, {put: out}]}', '{name: ship, plan: [{get: out, passed: [unit]}]}', '{name: direct, plan: [{get: out, trigger: true}]}'))
      await given.check('app', 'v1')
      await given.finish('unit', '1', 'failed', [['out', 'o1']])
      expect(await given.list('direct')).toEqual(['1 started out=o1'])
      await given.trigger('ship')
      expect(await given.list('ship')).toEqual(['1 pending (no usable version of out has passed unit)'])
    })

    it('I9: a source with another text begins anew, and the same version triggers nothing again', async () => {
      const source = jobs(['app'], '{name: unit, plan: [{get: app, trigger: true}]}')
      await given.set(source)
      await given.check('app', 'v1')
      await given.set(source.replace('source: {}', 'source: {branch: main}'))
      expect(await given.why('unit')).toBe('app has no version that can be used')
      await given.check('app', 'v1')
      expect(await given.list('unit')).toEqual(['1 started app=v1'])
      await given.check('app', 'v1', 'v2')
      expect(await given.list('unit')).toEqual(['1 started app=v1', '2 started app=v2'])
    })

    it('I10: a credential that was rotated keeps the history: nothing runs again, what passed stays passed, a disabled version stays so', async () => {
      await given.set(jobs(['app'], '{name: unit, plan: [{get: app, trigger: true}]}', '{name: ship, plan: [{get: app, passed: [unit], trigger: true}]}'))
      await given.check('app', 'v1')
      await given.finish('unit', '1')
      await given.check('app', 'v2')
      await given.disable('app', 'v2')
      await given.rotate('app')
      await given.check('app', 'v1', 'v2')
      expect([await given.list('unit'), await given.list('ship')]).toEqual([['1 succeeded app=v1', '2 started app=v2'], ['1 started app=v1']])
      await given.trigger('ship')
      await given.trigger('unit')
      await given.check('app', 'v1')
      expect([(await given.list('unit'))[2], (await given.list('ship'))[1]]).toEqual(['3 started app=v1', '2 started app=v1'])
      await given.check('app', 'v1', 'v2', 'v3')
      expect((await given.list('unit')).at(-1)).toBe('4 started app=v3')
    })

    it('I11: a version that is gone before the build starts is chosen again', async () => {
      await given.set(jobs(['app'], '{name: unit, serial: true, plan: [{get: app, trigger: true}]}'))
      await given.check('app', 'v0', 'v1')
      await given.check('app', 'v2')
      await given.check('app', 'v3')
      expect(await given.list('unit')).toEqual(['1 started app=v1', '2 pending (1 of 1 run)'])
      await given.forget('app', 'v3')
      await given.finish('unit', '1')
      expect(await given.list('unit')).toEqual(['1 succeeded app=v1', '2 started app=v2'])
    })

    it('I12: gets in hooks and in try are inputs, and globs in passed name jobs', async () => {
      await given.set(jobs(['app', 'log', 'opt'], '{name: unit-a, plan: [{get: app, trigger: true}]}', '{name: unit-b, plan: [{get: app, trigger: true}]}',
        '{name: ship, plan: [{get: app, passed: ["unit-*"], trigger: true}, {try: {get: opt}}], on_failure: {get: log}}'))
      await given.check('app', 'v1')
      await given.finish('unit-a', '1')
      expect(await given.why('ship')).toContain('no usable version of app has passed unit-b')
      await given.finish('unit-b', '1')
      expect(await given.why('ship')).toBe('log has no version that can be used; opt has no version that can be used')
      await given.check('log', 'l1')
      await given.check('opt', 'o1')
      expect(await given.list('ship')).toEqual(['1 started app=v1 log=l1 opt=o1'])
    })

    it('E1: every takes the newest first, then each one that comes, in order', async () => {
      await given.set(jobs(['app'], '{name: unit, plan: [{get: app, version: every, trigger: true}]}'))
      await given.check('app', 'v1', 'v2')
      expect(await given.list('unit')).toEqual(['1 started app=v2'])
      await given.check('app', 'v3', 'v4', 'v5')
      expect(await given.list('unit')).toEqual(['1 started app=v2', '2 started app=v3', '3 started app=v4', '4 started app=v5'])
    })

    it('E1: an old version that was run pinned moves nothing back', async () => {
      await given.set(jobs(['app'], '{name: unit, plan: [{get: app, version: every, trigger: true}]}'))
      await given.check('app', 'v1', 'v2', 'v3')
      await given.pin('app', 'v1')
      await given.pin('app', undefined)
      expect(await given.list('unit')).toEqual(['1 started app=v3', '2 started app=v1'])
      await given.check('app', 'v4')
      expect(await given.list('unit')).toEqual(['1 started app=v3', '2 started app=v1', '3 started app=v4'])
    })

    it('E1: in a serial job each version waits its turn, and none is left out', async () => {
      await given.set(jobs(['app'], '{name: unit, serial: true, plan: [{get: app, version: every, trigger: true}]}'))
      await given.check('app', 'v1')
      await given.check('app', 'v2')
      await given.check('app', 'v3')
      for (const build of ['1', '2', '3']) await given.finish('unit', build)
      expect(await given.list('unit')).toEqual(['1 succeeded app=v1', '2 succeeded app=v2', '3 succeeded app=v3'])
    })

    it('E2: every with passed goes through the successes after its cursor, oldest first', async () => {
      await given.set(jobs(['app'], '{name: unit, plan: [{get: app, version: every, trigger: true}]}', '{name: ship, serial: true, plan: [{get: app, passed: [unit], version: every, trigger: true}]}'))
      await given.check('app', 'v1')
      await given.finish('unit', '1')
      await given.check('app', 'v2', 'v3', 'v4')
      for (const build of ['2', '3', '4']) await given.finish('unit', build)
      for (const build of ['1', '2', '3', '4']) await given.finish('ship', build)
      expect(await given.list('ship')).toEqual(['1 succeeded app=v1', '2 succeeded app=v2', '3 succeeded app=v3', '4 succeeded app=v4'])
    })

    it('E2: a job that has never run begins with the newest', async () => {
      const source = jobs(['app'], '{name: unit, plan: [{get: app, version: every, trigger: true}]}')
      await given.set(source)
      await given.check('app', 'v1')
      await given.check('app', 'v2', 'v3')
      for (const build of ['1', '2', '3']) await given.finish('unit', build)
      await given.set(`${source}\n- {name: ship, plan: [{get: app, passed: [unit], version: every, trigger: true}]}`)
      expect(await given.list('ship')).toEqual(['1 started app=v3'])
    })

    it('E3: an upstream build that was repeated with the same versions is passed over', async () => {
      await given.set(jobs(['app'], '{name: unit, plan: [{get: app, version: every, trigger: true}]}', '{name: ship, plan: [{get: app, passed: [unit], version: every, trigger: true}]}'))
      await given.check('app', 'v1')
      await given.finish('unit', '1')
      await given.trigger('unit')
      await given.check('app', 'v1')
      await given.finish('unit', '2')
      expect(await given.list('ship')).toEqual(['1 started app=v1'])
      await given.check('app', 'v2')
      await given.finish('unit', '3')
      expect(await given.list('ship')).toEqual(['1 started app=v1', '2 started app=v2'])
    })
  })
}

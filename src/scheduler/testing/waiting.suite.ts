import { beforeEach, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import { chain, limited } from './build-pipelines.ts'
import { ownScenarios } from './own-scenarios.ts'
import { resourcesYaml, type Scenario } from './scenario.ts'

/** Rows B7 to B13, C8: what lets a build start, what ends it, and what is said of it meanwhile. */
export function waitingBuildsSuite(target: Target, cipher: Cipher): void {
  describe('builds that wait, and end', () => {
    let given: Scenario
    const next = ownScenarios(target, cipher, 'waiting')
    beforeEach(() => {
      given = next()
    })

    it('B7: serial is one at a time, max_in_flight so many', async () => {
      await given.set(limited('serial: true', 'max_in_flight: 2'))
      await given.check('app', 'v1')
      for (const job of ['a', 'a', 'b', 'b', 'b']) await given.trigger(job)
      await given.check('app', 'v1')
      expect(await given.list('a')).toEqual(['1 started app=v1', '2 pending (1 of 1 run)'])
      expect(await given.list('b')).toEqual(['1 started app=v1', '2 started app=v1', '3 pending (2 of 2 run)'])
      await given.finish('a', '1', 'failed')
      await given.finish('b', '2')
      expect([await given.list('a'), await given.list('b')]).toEqual([['1 failed app=v1', '2 started app=v1'], ['1 started app=v1', '2 succeeded app=v1', '3 started app=v1']])
    })

    it('B7: jobs of a serial group run one build, the oldest that is ready first', async () => {
      await given.set(limited('serial_groups: [g]', 'serial_groups: [g, h]', 'serial_groups: [h]'))
      await given.check('app', 'v1')
      for (const job of ['a', 'b', 'c', 'a']) {
        await given.trigger(job)
        await given.check('app', 'v1')
      }
      expect(await given.list('a')).toEqual(['1 started app=v1', '2 pending (1 of 1 run)'])
      expect(await given.list('b')).toEqual(['1 pending (1 of 1 run)'])
      // It shares h with b, which came first and lacks only g.
      expect(await given.list('c')).toEqual(['1 pending (behind b 1)'])
      await given.finish('a', '1')
      expect([await given.list('b'), await given.list('c')]).toEqual([['1 started app=v1'], ['1 pending (1 of 1 run)']])
      await given.finish('b', '1')
      expect([(await given.list('a'))[1], await given.list('c')]).toEqual(['2 started app=v1', ['1 started app=v1']])
    })

    it('B7: paused jobs and builds without versions block nobody', async () => {
      await given.set(`${resourcesYaml('app', 'none')}
jobs:
- {name: a, serial_groups: [g], plan: [{get: app}]}
- {name: b, serial_groups: [g], plan: [{get: app}]}
- {name: c, serial_groups: [g], plan: [{get: none}]}`)
      await given.check('app', 'v1')
      await given.trigger('c')
      await given.checkFails('none', 'refused')
      expect(await given.list('c')).toEqual(['1 pending (none has no version that can be used; its last check failed: refused)'])
      await given.trigger('a')
      await given.check('app', 'v1')
      expect(await given.list('a')).toEqual(['1 started app=v1'])
      await given.trigger('b')
      await given.trigger('a')
      await given.check('app', 'v1')
      expect(await given.list('a')).toEqual(['1 started app=v1', '2 pending (1 of 1 run)'])
      await given.pause({ job: 'b' })
      await given.finish('a', '1')
      expect([await given.list('a'), await given.list('b')]).toEqual([['1 succeeded app=v1', '2 started app=v1'], ['1 pending (job-paused)']])
    })

    it('B7: who waits behind a build starts when that build lacks a version, though its slot is not free', async () => {
      await given.set(`${resourcesYaml('app', 'tool')}
jobs:
- {name: a, serial_groups: [g], plan: [{get: app}]}
- {name: b, serial_groups: [g, h], plan: [{get: tool}]}
- {name: c, serial_groups: [h], plan: [{get: app}]}`)
      for (const [job, resource, version] of [['c', 'app', 'v1'], ['b', 'tool', 't1'], ['a', 'app', 'v1']] as const) {
        await given.trigger(job)
        await given.check(resource, version)
      }
      expect([await given.list('a'), await given.list('b'), await given.list('c')]).toEqual([['1 pending (behind b 1)'], ['1 pending (1 of 1 run)'], ['1 started app=v1']])
      await given.disable('tool', 't1')
      expect(await given.list('b')).toEqual(['1 pending (tool has no version that can be used)'])
      expect(await given.list('a')).toEqual(['1 started app=v1'])
    })

    it('B8: while paused pending builds stay and running ones go on; archived, pending ones are aborted', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      await given.pause('pipeline')
      await given.check('app', 'v2')
      await given.trigger('hand')
      await given.finish('unit', '1')
      expect([await given.list('unit'), await given.list('ship'), await given.list('hand')]).toEqual([['1 succeeded app=v1'], [], ['1 pending (pipeline-paused)']])
      expect(await given.why('unit')).toBe('its pipeline is paused')
      await given.pause('pipeline', false)
      expect([await given.list('unit'), await given.list('ship'), await given.list('hand')]).toEqual([['1 succeeded app=v1', '2 started app=v2'], ['1 started app=v1'], ['1 pending (checking app, tool)']])
      await given.archive()
      expect(await given.list('hand')).toEqual(['1 aborted'])
      expect(await given.events('hand', '1')).toEqual(['error the pipeline was archived before the build started', 'status aborted'])
    })

    it('B8: an aborted pending build ends, is never started, and lets the next one go', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      await given.check('tool', 't1')
      await given.trigger('hand')
      await given.trigger('hand')
      await given.abort('hand', '1')
      await given.check('app', 'v1')
      await given.check('tool', 't1')
      expect(await given.list('hand')).toEqual(['1 aborted', '2 started app=v1 tool=t1'])
      expect(await given.events('hand', '1')).toEqual(['status aborted'])
    })

    it('B9: a build that cannot be planned is errored, with an event that says why', async () => {
      await given.set(`${resourcesYaml('app')}\njobs: [{name: unit, plan: [{get: app}]}]`)
      await given.check('app', 'v1')
      await given.trigger('unit')
      await given.check('app', 'v1')
      await given.set(`${resourcesYaml('app', 'tool')}\njobs: [{name: unit, plan: [{get: app}, {get: tool}]}]`)
      await given.rerun('unit', '1')
      expect(await given.list('unit')).toEqual(['1 started app=v1', '1.1 errored'])
      expect(await given.error('unit', '1.1')).toBe('no version was chosen for input tool')
    })

    it('B10: a job that the config has no more ends its pending builds; when it is back its numbers go on', async () => {
      await given.set(chain)
      await given.trigger('hand')
      await given.set(chain.replace('{name: hand,', '{name: other,'))
      expect(await given.list('hand')).toEqual(['1 errored'])
      expect(await given.error('hand', '1')).toBe(`the pipeline's config has no job hand any more`)
      await given.set(chain)
      await given.trigger('hand')
      expect(await given.list('hand')).toEqual(['1 errored', '2 pending (checking app, tool)'])
    })

    it('B12: finished is the newest that ended or its newest rerun, and transition the last change of status', async () => {
      await given.set(chain)
      await given.check('app', 'v1')
      await given.finish('unit', '1', 'failed')
      await given.check('app', 'v2')
      await given.check('app', 'v3')
      expect(await given.shown('unit')).toEqual({ next: '2', finished: '1', transition: '1' })
      await given.finish('unit', '3', 'failed')
      await given.finish('unit', '2')
      expect(await given.shown('unit')).toEqual({ finished: '3', transition: '1' })
      await given.rerun('unit', '1')
      await given.rerun('unit', '3')
      expect(await given.shown('unit')).toEqual({ next: '3.1', finished: '3', transition: '1' })
      await given.finish('unit', '1.1')
      await given.finish('unit', '3.1')
      expect(await given.shown('unit')).toEqual({ finished: '3.1', transition: '3.1' })
    })

    it('B13: a build tells what it waits for: pauses, checks, inputs with what is missing, a slot', async () => {
      await given.set(`${resourcesYaml('app', 'tool')}\njobs: [{name: hand, serial: true, plan: [{get: app}, {get: tool}]}]`)
      const free = { paused_pipeline: 'not_blocking', paused_job: 'not_blocking', max_running_builds: 'not_blocking', inputs: {}, inputs_satisfied: 'not_blocking', missing_input_reasons: {} }
      await given.pause('pipeline')
      await given.trigger('hand')
      expect(await given.preparation('hand', '1')).toMatchObject({ ...free, paused_pipeline: 'blocking' })
      await given.pause({ job: 'hand' })
      await given.pause('pipeline', false)
      expect(await given.preparation('hand', '1')).toMatchObject({ ...free, paused_job: 'blocking' })
      await given.pause({ job: 'hand' }, false)
      const checking = 'checking for latest available versions'
      expect(await given.preparation('hand', '1')).toMatchObject({ ...free, inputs: { app: 'blocking', tool: 'blocking' }, inputs_satisfied: 'blocking', missing_input_reasons: { app: checking, tool: checking } })
      await given.check('app', 'v1')
      expect(await given.preparation('hand', '1')).toMatchObject({ ...free, inputs: { tool: 'blocking' }, inputs_satisfied: 'blocking', missing_input_reasons: { tool: checking } })
      await given.check('tool')
      // Nothing runs: no slot is lacking, though the job is serial.
      expect(await given.preparation('hand', '1')).toMatchObject({
        ...free, inputs: { app: 'not_blocking', tool: 'blocking' }, inputs_satisfied: 'blocking', missing_input_reasons: { tool: 'tool has no version that can be used' },
      })
      await given.check('tool', 't1')
      await given.trigger('hand')
      await given.check('app', 'v1')
      await given.check('tool', 't1')
      expect(await given.list('hand')).toEqual(['1 started app=v1 tool=t1', '2 pending (1 of 1 run)'])
      expect([await given.preparation('hand', '1'), await given.preparation('hand', '2')]).toMatchObject([free, { ...free, max_running_builds: 'blocking' }])
    })

    it('C8: a check that fails blocks nothing that has a version; else what waits for one says how it failed', async () => {
      await given.set(`${resourcesYaml('app', 'tool')}\njobs: [{name: unit, plan: [{get: app, trigger: true}]}, {name: hand, plan: [{get: tool}]}]`)
      await given.check('app', 'v1')
      await given.checkFails('app', 'no route to host')
      await given.trigger('unit')
      await given.checkFails('app', 'no route to host')
      expect(await given.list('unit')).toEqual(['1 started app=v1', '2 started app=v1'])
      await given.trigger('hand')
      await given.checkFails('tool', 'no route to host')
      expect(await given.list('hand')).toEqual(['1 pending (tool has no version that can be used; its last check failed: no route to host)'])
      await given.checkFails('tool', 'x'.repeat(600))
      await given.pin('tool', 't9')
      expect(await given.list('hand')).toEqual([`1 pending (tool is pinned to ver:t9, and no check has found that version; its last check failed: ${'x'.repeat(500)}…)`])
      await given.pin('tool', undefined)
      await given.check('tool')
      await given.trigger('hand')
      expect((await given.list('hand'))[0]).toBe('1 pending (tool has no version that can be used)')
    })

    it('says why a job has not started a build by itself', async () => {
      await given.set(chain)
      expect([await given.why('unit'), await given.why('hand')]).toEqual(['app has no version that can be used', 'none of its get steps has trigger: true'])
      expect(await given.why('ship')).toBe('no usable version of app has passed unit')
      await given.check('app', 'v1')
      expect(await given.why('unit')).toBe('each version that would trigger it (of app) was in a build before')
      await given.pause({ job: 'unit' })
      expect(await given.why('unit')).toBe('it is paused')
    })
  })
}

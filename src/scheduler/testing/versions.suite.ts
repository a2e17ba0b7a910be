import { beforeEach, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import { ownScenarios } from './own-scenarios.ts'
import { resourcesYaml, type Scenario } from './scenario.ts'

/** Rows C4, C11 and C12: what versions do that are put, and when versions are fixed. */
export function scheduledVersionsSuite(target: Target, cipher: Cipher): void {
  describe('versions of scheduled builds', () => {
    let given: Scenario
    const next = ownScenarios(target, cipher, 'versions')
    beforeEach(() => {
      given = next()
    })

    it('C4: a version that is put goes on top where it is new, and stays where it is known', async () => {
      await given.set(`${resourcesYaml('app', 'out')}\njobs: [{name: unit, plan: [{get: app, trigger: true}, {put: out}]}, {name: use, plan: [{get: out, trigger: true}]}]`)
      await given.check('out', 'o1', 'o2')
      await given.check('app', 'v1')
      await given.put('unit', '1', 'out', 'o1')
      expect(await given.list('use')).toEqual(['1 started out=o2'])
      await given.put('unit', '1', 'out', 'o3')
      expect(await given.list('use')).toEqual(['1 started out=o2', '2 started out=o3'])
    })

    it('C11: a put triggers direct jobs while its build runs and though it fails, jobs with passed at its success', async () => {
      await given.set(`${resourcesYaml('app', 'out')}
jobs:
- {name: unit, plan: [{get: app, trigger: true}, {put: out}]}
- {name: direct, plan: [{get: out, trigger: true}]}
- {name: ship, plan: [{get: out, passed: [unit], trigger: true}]}`)
      await given.check('app', 'v1')
      await given.put('unit', '1', 'out', 'o1')
      expect([await given.list('unit'), await given.list('direct'), await given.list('ship')]).toEqual([['1 started app=v1'], ['1 started out=o1'], []])
      await given.finish('unit', '1', 'failed')
      expect(await given.list('ship')).toEqual([])
      await given.check('app', 'v2')
      await given.put('unit', '2', 'out', 'o2')
      expect(await given.list('ship')).toEqual([])
      await given.finish('unit', '2')
      expect([await given.list('direct'), await given.list('ship')]).toEqual([['1 started out=o1', '2 started out=o2'], ['1 started out=o2']])
    })

    it('C12: a get inside across has one version for all combinations, chosen before load_var and var_sources have values', async () => {
      await given.set(`var_sources: [{name: vs, type: vault, config: {url: "https://vault.invalid", client_token: t}}]
resources: [{name: app, type: mock, source: {uri: ((vs:uri))}}]
jobs:
- name: unit
  plan:
  - {load_var: x, file: app/x}
  - across: [{var: v, values: [a, b]}]
    do: [{get: app, trigger: true, params: {v: ((.:v)), x: ((.:x))}}]`)
      await given.check('app', 'v1')
      expect(await given.list('unit')).toEqual(['1 started app=v1'])
      await given.check('app', 'v2')
      // The build that runs keeps what it was started with.
      const plan = await given.plan('unit', '1')
      expect(plan.match(/"ver":"v\d"/g)).toEqual(['"ver":"v1"'])
      expect(plan).toContain('((vs:uri))')
      expect(await given.list('unit')).toEqual(['1 started app=v1', '2 started app=v2'])
    })
  })
}

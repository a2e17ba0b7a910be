import { describe, expect, test } from 'vitest'
import { Scenario } from './testing/scenario.ts'

const noSet = 'no satisfiable builds from passed jobs found for set of inputs'
const scenario = (): Scenario => new Scenario()

describe('inputs of a job', () => {
  test('I1: an input without passed takes the highest check order that is usable', () => {
    const app = scenario().check('app', 'v1', 'v2', 'v3').get('app')
    expect(app.chosen()).toEqual({ app: 'v3' })
    expect(app.change('app', 'v3', 'disabled').chosen()).toEqual({ app: 'v2' })
  })

  test('I1: a resource without versions, or without scope, gives none', () => {
    expect(scenario().get('app').get('lib', { every: true }).chosen()).toEqual({
      app: 'latest version of resource not found',
      lib: 'version of resource not found',
    })
  })

  test('I2: a pin goes before every and latest, matches by containment, and takes the newest match', () => {
    const app = scenario().check('app', 'v1', 'v2', 'v3').get('app', { every: true, pin: { ver: 'v2' } }).own(1, { app: 'v1' })
    expect(app.chosen()).toEqual({ app: 'v2' })
    expect(scenario().check('app', 'v1', 'v2').get('app', { pin: { kind: 'app' } }).chosen()).toEqual({ app: 'v2' })
  })

  test('I2: a disabled pin is used without passed, not with it', () => {
    const app = scenario().check('app', 'v1', 'v2').change('app', 'v1', 'disabled').success('unit', 1, { app: 'v1' })
    expect(app.get('app', { pin: { ver: 'v1' } }).chosen()).toEqual({ app: 'v1' })
    expect(app.get('tested', { resource: 'app', passed: ['unit'], pin: { ver: 'v1' } }).chosen()).toEqual({ app: 'v1', tested: noSet })
  })

  test('I2: an unknown pin fails its group, and no other', () => {
    const all = scenario().check('app', 'v1').check('lib', 'l1').success('unit', 1, { app: 'v1', lib: 'l1' })
    all.get('app', { passed: ['unit'] }).get('lib', { passed: ['unit'], pin: { ver: 'l9' } }).get('alone', { resource: 'app' })
    expect(all.chosen()).toEqual({ app: 'pinned version ver:l9 not found', lib: 'pinned version ver:l9 not found', alone: 'v1' })
  })

  test('I3: versions that passed a job in different builds do not go together', () => {
    const both = scenario().check('app', 'a1', 'a2').check('lib', 'l1', 'l2')
    both.success('unit', 1, { app: 'a1', lib: 'l1' }).success('unit', 2, { app: 'a2', lib: 'l1' }).success('e2e', 3, { app: 'a1' })
    both.get('app', { passed: ['unit', 'e2e'] }).get('lib', { passed: ['unit'] })
    expect(both.chosen()).toEqual({ app: 'a1', lib: 'l1' })
  })

  test('I3: several successes of a job share the work where each lacks a resource', () => {
    const both = scenario().check('app', 'a1').check('lib', 'l1')
    both.success('unit', 1, { app: 'a1' }).success('unit', 2, { lib: 'l1' })
    expect(both.get('app', { passed: ['unit'] }).get('lib', { passed: ['unit'] }).chosen()).toEqual({ app: 'a1', lib: 'l1' })
  })

  test('I4: the first input by name has its newest version, and the rest follow, whatever the order of the steps', () => {
    const both = scenario().check('app', 'a1', 'a2').check('lib', 'l1', 'l2')
    both.success('unit', 9, { app: 'a2', lib: 'l1' }).success('unit', 10, { app: 'a1', lib: 'l2' })
    both.success('zip', 11, { lib: 'l2' }).success('zip', 12, { lib: 'l1' })
    expect(both.get('lib', { passed: ['unit', 'zip'] }).get('app', { passed: ['unit'] }).chosen()).toEqual({ app: 'a1', lib: 'l2' })
  })

  test('I4: a rerun stands at the place of its original', () => {
    const app = scenario().check('app', 'v1', 'v2').success('unit', 1, { app: 'v1' }).success('unit', 2, { app: 'v2' }).success('unit', 3, { app: 'v1' }, 1)
    expect(app.get('app', { passed: ['unit'] }).chosen()).toEqual({ app: 'v2' })
  })

  test('I5: a link that comes last joins two groups, and the group fails whole while others resolve', () => {
    const all = scenario().check('app', 'v1', 'v2').check('lib', 'l1')
    all.success('unit', 1, { app: 'v1' }).success('e2e', 2, { lib: 'l1' })
    all.get('a', { resource: 'app', passed: ['unit'] }).get('b', { resource: 'lib', passed: ['e2e'] })
    all.get('c', { resource: 'app', passed: ['unit', 'e2e'] }).get('d', { resource: 'app' })
    expect(all.chosen()).toEqual({ a: noSet, b: noSet, c: noSet, d: 'v2' })
    expect(all.resolve().resolved).toBe(false)
  })

  test('I6: a build with a version that is disabled now is not used, even where only another input needs it', () => {
    const both = scenario().check('app', 'a1', 'a2').check('lib', 'l1', 'l2')
    both.success('unit', 1, { app: 'a1', lib: 'l1' }).success('unit', 2, { app: 'a2', lib: 'l2' }).change('lib', 'l2', 'disabled')
    expect(both.get('app', { passed: ['unit'] }).get('lib', { passed: ['unit'] }).chosen()).toEqual({ app: 'a1', lib: 'l1' })
  })

  test('I6: a build against the pin of another input is not used', () => {
    const both = scenario().check('app', 'a1', 'a2').check('lib', 'l1', 'l2')
    both.success('unit', 1, { app: 'a1', lib: 'l1' }).success('unit', 2, { app: 'a2', lib: 'l2' })
    expect(both.get('app', { passed: ['unit'] }).get('lib', { passed: ['unit'], pin: { ver: 'l1' } }).chosen()).toEqual({ app: 'a1', lib: 'l1' })
  })

  test('I7: of what a job put and got of a resource, the first put is passed on, and the next where that is disabled', () => {
    const app = scenario().check('app', 'v1', 'v2', 'v3').success('bump', 1, { app: ['v2', 'v3', 'v1'] }).get('app', { passed: ['bump'] })
    expect(app.chosen()).toEqual({ app: 'v2' })
    expect(app.change('app', 'v2', 'disabled').chosen()).toEqual({ app: 'v3' })
  })

  test('I8: a job without success vouches for nothing; versions that it put are there all the same', () => {
    const app = scenario().check('app', 'put-by-a-failed-build').get('app').get('tested', { resource: 'app', passed: ['unit'] })
    expect(app.chosen()).toEqual({ app: 'put-by-a-failed-build', tested: noSet })
  })

  test('I9, I11: a version that left the scope is not used, and chosen anew when it is back', () => {
    const app = scenario().check('app', 'v1', 'v2').success('unit', 1, { app: 'v1' }).success('unit', 2, { app: 'v2' }).get('app', { passed: ['unit'] })
    app.change('app', 'v2', 'gone')
    expect(app.chosen()).toEqual({ app: 'v1' })
    expect(app.check('app', 'v2').chosen()).toEqual({ app: 'v2' })
  })

  test('I10: what passed stays passed when the same content is found in a new scope', () => {
    const app = scenario().check('app', 'v1').success('unit', 1, { app: 'v1' }).get('app', { passed: ['unit'] }).change('app', 'v1', 'gone')
    expect(app.check('app', 'v1').chosen()).toEqual({ app: 'v1' })
  })

  test('I12: two inputs of one resource, as across and hooks have them, are chosen each by its own constraint', () => {
    const app = scenario().check('app', 'v1', 'v2').success('unit', 1, { app: 'v1' })
    expect(app.get('app').get('hook', { resource: 'app', passed: ['unit'] }).chosen()).toEqual({ app: 'v2', hook: 'v1' })
  })
})

describe('version: every', () => {
  test('E1: begins with the newest, then takes the lowest above the highest that was used, then stays below', () => {
    const app = scenario().check('app', 'v1', 'v2', 'v3').get('app', { every: true })
    expect(app.chosen()).toEqual({ app: 'v3' })
    expect([app.own(1, { app: 'v1' }).chosen(), app.resolve().more]).toEqual([{ app: 'v2' }, true])
    // An old pinned run moves nothing back.
    expect([app.own(2, { app: 'v2' }).own(3, { app: 'v1' }).chosen(), app.resolve().more]).toEqual([{ app: 'v3' }, false])
    expect(app.own(4, { app: 'v3' }).change('app', 'v3', 'disabled').chosen()).toEqual({ app: 'v2' })
  })

  test('E2: goes through the successes after the one that was passed on last, oldest first, and says that there are more', () => {
    const app = scenario().check('app', 'v1', 'v2', 'v3').get('app', { every: true, passed: ['unit'] })
    app.success('unit', 9, { app: 'v1' }).success('unit', 10, { app: 'v2' }).success('unit', 11, { app: 'v3' })
    expect([app.chosen(), app.resolve().more]).toEqual([{ app: 'v3' }, false])
    expect([app.own(20, { app: 'v1' }, 9).chosen(), app.resolve().more]).toEqual([{ app: 'v2' }, true])
    expect([app.own(21, { app: 'v2' }, 10).chosen(), app.resolve().more]).toEqual([{ app: 'v3' }, false])
  })

  test('E2: a job that has passed nothing on only confirms what another chooses', () => {
    const app = scenario()
    app.id('a-late')
    app.check('app', 'v1', 'v2', 'v3').get('app', { every: true, passed: ['a-late', 'unit'] }).own(20, { app: 'v1' }, 1)
    for (const [at, version] of ['v1', 'v2', 'v3'].entries()) app.success('unit', at + 1, { app: version }).success('a-late', at + 11, { app: version })
    expect(app.chosen()).toEqual({ app: 'v2' })
  })

  test('E2: with passed added to an input that ran without, begins with the newest', () => {
    const app = scenario().check('app', 'v1', 'v2').success('unit', 1, { app: 'v1' }).success('unit', 2, { app: 'v2' }).own(20, { app: 'v1' })
    expect(app.get('app', { every: true, passed: ['unit'] }).chosen()).toEqual({ app: 'v2' })
  })

  test('E3: an upstream build that was repeated with the same version is skipped', () => {
    const app = scenario().check('app', 'v1', 'v2').get('app', { every: true, passed: ['unit'] }).own(20, { app: 'v1' }, 1)
    app.success('unit', 1, { app: 'v1' }).success('unit', 2, { app: 'v1' }).success('unit', 3, { app: 'v2' })
    expect([app.chosen(), app.resolve().more]).toEqual([{ app: 'v2' }, false])
  })
})

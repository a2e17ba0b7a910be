import { expect, test } from 'vitest'
import { defaultLimits } from './limits.ts'
import { Scenario } from './testing/scenario.ts'

test('a reason names the version, the build and the job that lacks it', () => {
  const app = new Scenario().check('app', '1.2', '1.4').get('app', { passed: ['unit', 'e2e'] }).get('pinned', { resource: 'app', pin: { ver: '9' } })
  app.success('unit', 30, { app: '1.3' }).success('unit', 31, { app: '1.4' })
  expect(app.why('app')).toBe('no usable version of app has passed e2e')
  app.success('e2e', 17, { app: '1.2' })
  expect(app.why('app')).toBe('app 1.4 passed unit (#31), not e2e, whose newest is 1.2 (#17)')
  expect(app.why('pinned')).toBe('pinned is pinned to ver:9, and no check has found that version')
})

test('a reason names the inputs that no builds of the jobs had together', () => {
  const split = new Scenario().check('app', 'a1', 'a2').check('lib', 'l1', 'l2').get('app', { passed: ['unit', 'e2e'] }).get('lib', { passed: ['unit', 'e2e'] })
  split.success('unit', 1, { app: 'a1', lib: 'l1' }).success('unit', 2, { app: 'a2', lib: 'l2' })
  split.success('e2e', 3, { app: 'a1', lib: 'l2' }).success('e2e', 4, { app: 'a2', lib: 'l1' })
  expect(split.why('lib')).toBe('e2e (#4), the newest to pass app, had lib l1, where the other constraints need l2')
})

test('a group without solution is not searched again where only successes were added', () => {
  const app = new Scenario().check('app', 'no', 'unit-only', 'e2e-only', 'both').get('app', { passed: ['unit', 'e2e'] })
  for (let build = 1; build <= 500; build++) app.success('unit', build, { app: 'unit-only' }).success('e2e', 1000 + build, { app: 'e2e-only' })
  const limits = { ...defaultLimits, domainAfter: 1e9, columnsAfter: 1e9 }
  let { unsatisfied } = app.resolve([], limits)
  const first = app.world.asked.length
  app.success('unit', 501, { app: 'both' })
  unsatisfied = app.resolve(unsatisfied, limits).unsatisfied
  // Of the 1 000 successes it looks at some pages for the reason.
  expect(app.world.asked.length - first).toBeLessThan(10)
  const second = app.world.asked.length
  app.resolve(unsatisfied, limits)
  expect(app.world.asked.slice(second)).toEqual(['added', 'mark'])
  app.success('e2e', 1501, { app: 'both' })
  expect(app.resolve(unsatisfied, limits).resolved).toBe(true)
})

test('a group without solution is searched again when a version is enabled', () => {
  const app = new Scenario().check('app', 'v1').change('app', 'v1', 'disabled').success('unit', 1, { app: 'v1' }).get('app', { passed: ['unit'] })
  const { unsatisfied } = app.resolve()
  expect(app.resolve(unsatisfied).resolved).toBe(false)
  expect(app.change('app', 'v1', 'enabled').resolve(unsatisfied).resolved).toBe(true)
})

test('a group in which each success that is ruled out rules out one other is not reduced success by success', () => {
  const both = new Scenario().get('app', { passed: ['unit', 'e2e'] }).get('lib', { passed: ['unit', 'e2e'] })
  const versions = Array.from({ length: 501 }, (_, at) => String(at))
  both.check('app', ...versions).check('lib', ...versions)
  for (let at = 0; at < 500; at++) both.success('unit', at + 1, { app: `${at}`, lib: `${at}` }).success('e2e', at + 1001, { app: `${at}`, lib: `${at + 1}` })
  expect(both.resolve([], { ...defaultLimits, domainAfter: 0, columnsAfter: 0 }).resolved).toBe(false)
  expect(both.world.asked.filter((kind) => kind === 'pause').length).toBeLessThan(10)
})

import { expect, test } from 'vitest'
import { defaultLimits } from './limits.ts'
import { Values } from './rows.ts'
import { Scenario } from './testing/scenario.ts'

const atOnce = { ...defaultLimits, domainAfter: 0, columnsAfter: 0 }

/** Two jobs that both gave app and lib; what `unit` had together `e2e` had one version apart. */
function apart(builds: number): Scenario {
  const both = new Scenario().get('app', { passed: ['unit', 'e2e'] }).get('lib', { passed: ['unit', 'e2e'] })
  const versions = Array.from({ length: builds + 1 }, (_, at) => String(at))
  both.check('app', ...versions).check('lib', ...versions)
  for (let at = 0; at < builds; at++) both.success('unit', at + 1, { app: `${at}`, lib: `${at}` }).success('e2e', at + 100_001, { app: `${at}`, lib: `${at + 1}` })
  return both
}

const asksOf = (scenario: Scenario, kind: string): number => scenario.world.asked.filter((one) => one === kind).length

test('a search that finds none asks once for what passed an input, however much did, and once for each page of successes', () => {
  const both = apart(3_000)
  expect(both.resolve().resolved).toBe(false)
  expect({ domain: asksOf(both, 'domain'), columns: asksOf(both, 'columns'), usable: asksOf(both, 'usable') }).toEqual({ domain: 2, columns: 6, usable: 0 })
  expect(both.world.asked.length).toBeLessThan(250)
})

test('successes that none of another job goes with are ruled out before any is tried', () => {
  const both = apart(3_000)
  expect(both.resolve([], { ...atOnce, pauseEvery: 16 }).resolved).toBe(false)
  expect(asksOf(both, 'pause')).toBeLessThan(10)
})

test('a job that lists one of two inputs only goes with each success that gives the other', () => {
  const both = apart(50).success('e2e', 200_000, { app: '7' }).success('e2e', 200_001, { lib: '7' })
  expect(both.chosen(atOnce)).toEqual({ app: '7', lib: '7' })
})

test('where no input can be restricted to a few versions, all successes are read without more tries', () => {
  const both = apart(3_000)
  expect(both.resolve().resolved).toBe(false)
  expect(asksOf(both, 'giving')).toBeLessThan(2 * defaultLimits.domainAfter)
})

test('versions have one number each, however many there are', () => {
  const values = new Values()
  // As ids of versions are where forty resources have new ones in turn.
  const versions = Array.from({ length: 10_000 }, (_, at) => 1 + at * 40)
  expect(versions.map((version) => values.add(version))).toEqual(versions.map((_, at) => at + 1))
  expect(versions.map((version) => values.add(version))).toEqual(versions.map((_, at) => at + 1))
  expect([values.length, values.version(10_000), values.numberOf(1 + 9_999 * 40), values.numberOf(2), values.add(0), values.numberOf(0)]).toEqual([10_001, 1 + 9_999 * 40, 10_000, undefined, 0, 0])
})

test('a choice from all successes has only versions that can be used, and asks for them once all others were ruled out', () => {
  const both = apart(50)
  for (const [build, version] of [[60, '10'], [61, '11'], [62, '12']] as const) {
    both.success('unit', build, { app: version, lib: version }).success('e2e', build + 100_001, { app: version, lib: version })
  }
  expect(both.chosen(atOnce)).toEqual({ app: '12', lib: '12' })
  expect(asksOf(both, 'usable')).toBe(1)
  both.change('app', '12', 'disabled').change('lib', '11', 'gone')
  expect(both.chosen(atOnce)).toEqual({ app: '10', lib: '10' })
  // Once for the choice that was rejected, then for all versions of each input.
  expect(asksOf(both, 'usable')).toBe(1 + 1 + 2)
})

test('a success that lists a resource twice gives the first version that can be used, also among all successes', () => {
  const twice = new Scenario().check('app', 'put', 'got').get('app', { passed: ['unit', 'e2e'] }).success('unit', 1, { app: ['put', 'got'] }).success('e2e', 2, { app: 'got' })
  expect(twice.resolve([], atOnce).resolved).toBe(false)
  expect(twice.change('app', 'put', 'disabled').chosen(atOnce)).toEqual({ app: 'got' })
})

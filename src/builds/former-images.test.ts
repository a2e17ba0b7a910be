import { expect, test } from 'vitest'
import { childrenRecord } from '../engine/step-record.ts'
import type { FormerBuild } from '../model/former-build.ts'
import type { JsonObject } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import { encodePlan } from '../planner/plan-json.ts'
import { formerImages, keyedBuilds } from './former-images.ts'
import { madeChildren } from './step-reports.ts'

const task = (id: string, name: string): Plan => ({ id, kind: 'task', task: { name, privileged: false } })
const tasks = (...all: readonly Plan[]): Plan => ({ id: '0', kind: 'do', do: all })
const former = (name: string, plan: Plan, digests: Readonly<Record<string, string>>, made: readonly (readonly [string, JsonObject])[] = []): FormerBuild => ({ name, context: { plan: encodePlan(plan) }, digests: new Map(Object.entries(digests)), made: new Map(made) })
const found = (plan: Plan, wanted: readonly string[], builds: Iterable<FormerBuild>, made: readonly (readonly [string, JsonObject])[] = []) =>
  Object.fromEntries(formerImages({ plan, made: madeChildren(plan, new Map(made)) ?? (() => []), wanted: new Set(wanted) }, keyedBuilds(builds)))

const unit = tasks(task('1', 'lint'), task('2', 'unit'))

test('a step has the digest of the last build in which it had one, which may be another build for each step', () => {
  const builds = [former('7', tasks(task('1', 'unit')), { 1: 'sha256:b' }), former('6', unit, { 1: 'sha256:l', 2: 'sha256:a' })]
  expect(found(unit, ['1', '2'], builds)).toEqual({ 1: { build: '6', digest: 'sha256:l' }, 2: { build: '7', digest: 'sha256:b' } })
  expect(found(unit, [], builds)).toEqual({})
  expect(found(unit, ['2'], [])).toEqual({})
})

test('no earlier build is read once all steps are found', () => {
  function* builds(): Iterable<FormerBuild> {
    yield former('7', unit, { 1: 'sha256:l', 2: 'sha256:a' })
    throw new Error('the second build is read')
  }
  expect(Object.keys(found(unit, ['1', '2'], builds()))).toEqual(['1', '2'])
})

test('a build whose plan cannot be read is passed over', () => {
  const broken: FormerBuild = { ...former('7', unit, { 2: 'sha256:b' }), context: { plan: 'none' } }
  expect(found(unit, ['2'], [broken, former('6', unit, { 2: 'sha256:a' })])).toEqual({ 2: { build: '6', digest: 'sha256:a' } })
})

test('a step of an across is found by its values, wherever they stand among the others', () => {
  const across: Plan = { id: '9', kind: 'across', across: { vars: [{ name: 'os' }], substep_template: task('1', 'try') } }
  const builds = [former('7', across, { '9/0/0': 'sha256:linux', '9/1/0': 'sha256:mac' }, [['9', childrenRecord([['linux', 'mac']], [])]])]
  expect(found(across, ['9/0/0', '9/1/0'], builds, [['9', childrenRecord([['mac', 'linux']], [])]])).toEqual({ '9/0/0': { build: '7', digest: 'sha256:mac' }, '9/1/0': { build: '7', digest: 'sha256:linux' } })
})

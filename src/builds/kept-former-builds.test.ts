import { expect, test } from 'vitest'
import type { FormerBuild } from '../model/former-build.ts'
import { encodePlan } from '../planner/plan-json.ts'
import { formerImages } from './former-images.ts'
import { KeptFormerBuilds } from './kept-former-builds.ts'
import { madeChildren } from './step-reports.ts'

const plan = { id: '0', kind: 'do', do: ['1', '2'].map((id) => ({ id, kind: 'task' as const, task: { name: `t${id}`, privileged: false } })) } as const
const of = (...wanted: string[]) => ({ plan, made: madeChildren(plan, new Map()) ?? (() => []), wanted: new Set(wanted) })

function source({ settled = true, bytes = 10 } = {}) {
  const opened: string[] = []
  let reads = 0
  function* builds(): Iterable<FormerBuild> {
    for (const [name, digests] of [['2', { 1: 'sha256:b' }], ['1', { 1: 'sha256:a', 2: 'sha256:c' }]] as const) {
      opened.push(name)
      yield { name, context: { plan: encodePlan(plan) }, digests: new Map(Object.entries(digests)), made: new Map() }
    }
  }
  const read = () => {
    reads++
    return Promise.resolve({ builds: builds(), settled, bytes })
  }
  return { read, opened, reads: () => reads }
}

test('builds that have ended are read once for a build, and each is opened once, when a step is not found before', async () => {
  const from = source()
  const kept = new KeptFormerBuilds(from.read)
  for (const _ of [1, 2]) expect(Object.fromEntries(formerImages(of('1'), await kept.before(7)))).toEqual({ 1: { build: '2', digest: 'sha256:b' } })
  expect([from.reads(), from.opened]).toEqual([1, ['2']])
  for (const _ of [1, 2]) expect(Object.fromEntries(formerImages(of('1', '2'), await kept.before(7)))).toEqual({ 1: { build: '2', digest: 'sha256:b' }, 2: { build: '1', digest: 'sha256:c' } })
  expect([from.reads(), from.opened]).toEqual([1, ['2', '1']])
  await kept.before(8)
  expect(from.reads()).toBe(2)
})

test('builds of which one runs are read again, and so are those that are too large to keep', async () => {
  const runs = source({ settled: false })
  const large = source({ bytes: 6 })
  const [ofRunning, ofLarge] = [new KeptFormerBuilds(runs.read), new KeptFormerBuilds(large.read, 10)]
  for (const _ of [1, 2]) await ofRunning.before(7)
  expect(runs.reads()).toBe(2)
  for (const id of [7, 7, 8, 8, 7]) await ofLarge.before(id)
  expect(large.reads()).toBe(3)
})

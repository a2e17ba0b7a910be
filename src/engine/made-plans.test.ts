import { expect, test } from 'vitest'
import { silentLog } from '../lib/log.ts'
import { Redactor } from '../lib/redactor.ts'
import type { Plan } from '../model/plan.ts'
import { fail, ok } from '../model/result.ts'
import { followers } from '../planner/followers.ts'
import { madeSteps } from '../steps/combinators/made-steps.ts'
import { doStep } from '../steps/combinators/do.ts'
import { inParallel } from '../steps/combinators/in-parallel.ts'
import { createRunState } from '../steps/run-state.ts'
import { runSummary } from '../cli/run/summary.ts'
import { BuildWriter } from './build-writer.ts'
import type { BuildContext } from './build-context.ts'
import { Cleanup } from './cleanup.ts'
import { ExpectedDurations } from './expected-durations.ts'
import { LeafPorts } from './leaf/leaf-ports.ts'
import { MadePlans, mostMade, readMadePlans } from './made-plans.ts'
import { PrepareAhead } from './prepare-ahead.ts'
import { Capacity } from './capacity.ts'
import { contextOf, fakeServices } from './testing/kit.ts'
import { MemoryStore, memoryScope } from './testing/memory-store.ts'
import { Life, mortalRuntime, mortalStore } from './testing/mortal.ts'

const maker: Plan = { id: '1', kind: 'across', across: {} }
const task = (id: string, name = id, version = ''): Plan => ({
  id, kind: 'task', task: { name, privileged: false, params: { VERSION: version }, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'busybox' } }, run: { path: 'x' } } },
})
const children: readonly Plan[] = [
  task('1/0', 'first'),
  { id: '1/1', kind: 'on_success', on_success: { step: task('1/1/0', 'second'), on_success: task('1/1/1', 'third') } },
]

/** One build whose plan is the maker; each life runs it on, as a server would, until it ends or is killed. */
class MadeBuild {
  readonly store = new MemoryStore()
  readonly services = fakeServices({ prepareAhead: 0 })
  readonly id = this.store.insertStarted({ kind: 'job', scope: memoryScope }, contextOf({ plan: maker }))
  plannings = 0
  private lives = 0

  async run(life: Life, make: () => Promise<ReturnType<typeof ok<readonly Plan[]>> | ReturnType<typeof fail<string>>> = () => Promise.resolve(ok(children)), arrange = doStep) {
    await this.store.releaseAll()
    this.lives += 1
    const owner = `server ${this.lives}`
    const row = await this.store.claim(owner, 0, 1_000, this.id)
    if (row === undefined) throw new Error('nothing to claim')
    const services = { ...this.services, runtime: mortalRuntime(this.services.runtime, life) }
    const store = mortalStore(this.store, life)
    const steps = await store.steps(this.id)
    const made = readMadePlans(steps)
    if (!made.ok) throw new Error(made.error)
    const redactor = new Redactor()
    const context: BuildContext = {
      services, redactor, steps, made: made.value, plan: maker,
      build: { id: this.id, name: '1', scope: memoryScope, team: 'main', externalUrl: '' },
      times: { createdAt: 0, startedAt: 0 },
      vars: { get: () => Promise.resolve({ kind: 'missing' }) } as unknown as BuildContext['vars'],
      writer: new BuildWriter({ store, buildId: this.id, owner, now: () => 0, redactor }),
      cleanup: new Cleanup(silentLog, services.clock),
      capacity: new Capacity(() => Promise.resolve(undefined)),
      left: () => false,
      leaving: new AbortController().signal,
      containers: new Map((await store.containers(this.id)).map((container) => [container.planId, container])),
    }
    const durations = new ExpectedDurations(context)
    const factory = new LeafPorts(context, new PrepareAhead(context, () => Promise.resolve(undefined), durations), durations)
    const step = madeSteps(maker, {
      factory, arrange,
      make: () => {
        this.plannings += 1
        return make()
      },
    })
    return { step, ended: step.run(createRunState(), new AbortController().signal) }
  }

  started(): string[] {
    return this.services.runtime.started.map(({ spec }) => spec.metadata.stepName)
  }
}

test('children that a step made at its turn are recorded with the commit that begins them, and run', async () => {
  const build = new MadeBuild()
  const commits: string[][] = []
  build.store.beforeCommit = (_id, writes) => void commits.push((writes.steps ?? []).map(({ planId }) => planId))
  const { step, ended } = await build.run(new Life())
  expect(step.begun).toBe(false)
  expect(await ended).toEqual({ kind: 'succeeded' })
  expect(build.started()).toEqual(['first', 'second', 'third'])
  const records = await build.store.steps(build.id)
  expect(records.get('1')).toMatchObject({ phase: 'children', plans: [{ id: '1/0' }, { id: '1/1' }] })
  // With events of the first child, before anything of it is recorded.
  const first = commits.findIndex((ids) => ids.length > 0)
  expect(commits[first]?.[0]).toBe('1')
  expect(runSummary(maker, records).map((line) => line.split('  ')[0])).toEqual(['step', 'task first', 'task second', 'task third'])
})

test('kill -9 at every point: the children are planned once at most, and each runs once', async () => {
  const whole = new MadeBuild()
  const life = new Life()
  await (await whole.run(life)).ended
  expect(life.points.length).toBeGreaterThan(10)
  for (let at = 1; at <= life.points.length; at += 1) {
    const build = new MadeBuild()
    let version = 0
    // Another time it would plan others.
    const make = () => {
      version += 1
      return Promise.resolve(ok([task('1/0', 'first', `${version}`), task('1/1', 'second', `${version}`)]))
    }
    const killed = new Life((_point, count) => count === at)
    const first = build.run(killed, make).then(({ ended }) => ended)
    await Promise.race([killed.ended, first])
    const recorded = (await build.store.steps(build.id)).has('1')
    const again = await build.run(new Life(), make)
    expect(again.step.begun, life.points[at - 1]).toBe(recorded)
    expect(await again.ended).toEqual({ kind: 'succeeded' })
    expect(build.plannings).toBe(recorded ? 1 : 2)
    const ran = build.services.runtime.started.map(({ spec, assignment }) => `${spec.metadata.stepName} ${assignment.process.env.find((pair) => pair.startsWith('VERSION='))}`)
    expect(ran, `killed at ${life.points[at - 1]}`).toEqual([`first VERSION=${build.plannings}`, `second VERSION=${build.plannings}`])
  }
})

test('children may run side by side', async () => {
  const build = new MadeBuild()
  const { ended } = await build.run(new Life(), undefined, (steps) => inParallel(steps))
  expect(await ended).toEqual({ kind: 'succeeded' })
  expect(build.started().toSorted()).toEqual(['first', 'second', 'third'])
})

test.each<[string, readonly Plan[], string]>([
  ['too many', Array.from({ length: mostMade + 1 }, (_, index) => task(`1/${index}`)), `it would make ${mostMade + 1} steps; ${mostMade} are possible`],
  ['an id beside its maker', [task('2')], 'the id "2" does not stand under "1"'],
  ['an id of another child', [task('1/0'), task('1/0')], 'the id "1/0" does not stand under "1", or stands there twice'],
])('%s: the step errors and says why, and nothing of it runs', async (_case, plans, words) => {
  const build = new MadeBuild()
  const { ended } = await build.run(new Life(), () => Promise.resolve(ok(plans)))
  expect(await ended).toEqual({ kind: 'errored', message: expect.stringContaining(words) as string })
  expect(build.started()).toEqual([])
  expect((await build.store.steps(build.id)).size).toBe(0)
})

test('as many children as are possible are recorded and read', () => {
  const made = new MadePlans()
  const added = made.add('1', Array.from({ length: mostMade }, (_, index) => task(`1/${index}`)))
  expect(added).toMatchObject({ ok: true })
  const read = readMadePlans(new Map(added.ok ? [['1', added.value.record]] : []))
  expect(read.ok && read.value.of('1')).toHaveLength(mostMade)
})

test('why children cannot be planned is the step’s error, in its log', async () => {
  const build = new MadeBuild()
  const { ended } = await build.run(new Life(), () => Promise.resolve(fail('var x has no values')))
  expect(await ended).toEqual({ kind: 'errored', message: 'var x has no values' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(build.store.row(build.id).events).toMatchObject([{ type: 'error', payload: expect.stringContaining('var x has no values') as string }])
})

test('what follows the maker follows each of its children', () => {
  const plan: Plan = { id: '0', kind: 'do', do: [maker, task('9', 'after')] }
  const next = followers(plan, (id) => (id === '1' ? children : []))
  expect(next.get('1/0')).toMatchObject([{ id: '9' }])
  expect(next.get('1/1/1')).toMatchObject([{ id: '9' }])
})

test('a recorded child that cannot be read is said by the build', () => {
  expect(readMadePlans(new Map([['1', { phase: 'children', plans: [{ id: '1/0' }] }]]))).toMatchObject({ ok: false, error: expect.stringContaining('the recorded children of step 1 are broken') as string })
})

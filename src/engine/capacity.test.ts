import { describe, expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { fail } from '../model/result.ts'
import type { ContainerSpec, PrepareOptions } from '../runtime/contract.ts'
import { FakeRuntime } from '../runtime/fake/runtime.ts'
import { Capacity } from './capacity.ts'
import { memoryScope } from './testing/memory-store.ts'
import { contextOf, planOf, taskYaml } from './testing/kit.ts'
import { until, World } from './testing/world.ts'

const job = (...steps: string[]) => `jobs: [{name: j, plan: [${steps.join(', ')}]}]`

/** Has capacity for two containers. */
class SmallRuntime extends FakeRuntime {
  override async prepare(spec: ContainerSpec, options: PrepareOptions) {
    while (this.containers.size >= 2 && !this.containers.has(spec.handle)) {
      if (spec.guess) return fail({ kind: 'no-room' as const, message: 'exceeded quota' })
      options.onReason({ kind: 'quota', message: 'exceeded quota' })
      await new Promise((resolve) => setImmediate(resolve))
    }
    return super.prepare(spec, options)
  }
}

test('a prepared container is released for another build’s step, and made anew for its own', async () => {
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), taskYaml('second')), {}, { runtime: new SmallRuntime() })
  const engine = world.engine()
  const run = (await engine.claim(world.buildId))?.end
  await until(() => world.left().includes('second') && world.started().length > 0)

  const other = world.store.insertStarted({ kind: 'job', scope: memoryScope }, contextOf(planOf(job(taskYaml('other')))))
  expect((await (await engine.claim(other))?.end)?.status).toBe('succeeded')
  expect(world.started()).toEqual(['first', 'other'])

  world.services.runtime.let('go')
  expect((await run)?.status).toBe('succeeded')
  await engine.stop()
  expect(world.started()).toEqual(['first', 'other', 'second'])
  expect(world.left()).toEqual([])
})

test('without prepared containers the oldest kept one is removed, and the log says so', async () => {
  const runtime = new SmallRuntime()
  const kept = ['kept-1', 'kept-2']
  const world = new World(job(taskYaml('step')), {}, {
    runtime,
    removeOldestKept: () => {
      const handle = kept.shift()
      if (handle !== undefined) runtime.containers.delete(handle)
      return Promise.resolve(handle)
    },
  })
  for (const handle of kept) {
    const spec = { handle, guess: false, image: { kind: 'registry', reference: 'busybox' }, metadata: { stepName: handle } } as unknown as ContainerSpec
    await runtime.prepare(spec, { signal: new AbortController().signal, onReason: () => undefined })
  }
  expect(await world.run()).toBe('succeeded')
  expect(kept).toEqual(['kept-2'])
  expect(world.lines().join('\n')).toContain('removed container kept-1, which was kept for intercept, to make room')
})

describe('a pod that no node takes', () => {
  const label = { kind: 'unschedulable', message: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector." } as const
  const full = { kind: 'unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' } as const

  test('has guesses removed, and no kept container where it lacks something else than capacity', async () => {
    const capacity = new Capacity(() => Promise.reject(new Error('asked for')))
    let guesses = 1
    capacity.offer(() => guesses-- > 0)
    expect(await capacity.release(label)).toEqual({ kind: 'released' })
    expect(await capacity.release(label)).toEqual({ kind: 'nothing' })
  })

  test('has kept containers removed where nodes are full: one after the other, until it is taken', async () => {
    const kept = ['kept-1', 'kept-2', 'kept-3']
    const runtime = new FullNode(kept, 1)
    const clock = fakeClock()
    const world = new World(job(taskYaml('step')), {}, { runtime, clock, removeOldestKept: () => Promise.resolve(kept.shift()) })
    const run = world.run()
    while (kept.length > 1) {
      await new Promise((resolve) => setImmediate(resolve))
      await clock.advance(1_000)
    }
    expect(await run).toBe('succeeded')
    await clock.advance(60_000)
    expect(kept).toEqual(['kept-3'])
  })

  class FullNode extends FakeRuntime {
    readonly #kept: readonly string[]
    readonly #room: number

    constructor(kept: readonly string[], room: number) {
      super()
      this.#kept = kept
      this.#room = room
    }

    /** Tells the reason once, as Kubernetes does whose words stay the same. */
    override async prepare(spec: ContainerSpec, options: PrepareOptions) {
      if (this.#kept.length > this.#room) options.onReason(full)
      while (this.#kept.length > this.#room) await new Promise((resolve) => setImmediate(resolve))
      return super.prepare(spec, options)
    }
  }
})

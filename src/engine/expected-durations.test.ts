import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { memoryScope } from './testing/memory-store.ts'
import { taskYaml } from './testing/kit.ts'
import { until, World } from './testing/world.ts'

const minute = 60_000
const held = taskYaml('long', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' })

/** A job whose steps took so long the last time, and what is made of it. */
function worldOf(known: Readonly<Record<string, number>>, steps: readonly string[], prepareAhead = 1) {
  const saved = new Map(Object.entries(known))
  const clock = fakeClock()
  const stepDurations = {
    ofJob: (jobId: number) => Promise.resolve(jobId === memoryScope.jobId ? new Map(saved) : new Map<string, number>()),
    put: (_job: number, step: string, ms: number) => Promise.resolve(void saved.set(step, ms)),
    delete: (_job: number, step: string) => Promise.resolve(void saved.delete(step)),
  }
  const world = new World(`jobs: [{name: j, plan: [${steps.join(', ')}]}]`, { prepareAhead }, { clock, stepDurations })
  const made: string[] = []
  world.services.runtime.beforeCreate = ({ metadata, guess }) => {
    made.push(`${metadata.stepName}${guess ? ' (guess)' : ''}`)
    return Promise.resolve(undefined)
  }
  return { world, made, clock, saved }
}

test('behind a step that took three hours the last time, the next one’s container is prepared two minutes before that', async () => {
  const { world, made, clock } = worldOf({ long: 180 * minute }, [held, taskYaml('next')])
  const run = world.run()
  await until(() => world.started().length === 1)
  await clock.advance(178 * minute - 1)
  expect(made).toEqual(['long'])
  await clock.advance(2)
  await until(() => world.left().includes('next'))
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(made).toEqual(['long', 'next (guess)'])
  expect(clock.sleeping).toBe(0)
})

test('it ends sooner than thought: what was planned for later is not made', async () => {
  const { world, made, clock, saved } = worldOf({ long: 180 * minute }, [held, taskYaml('next')])
  const run = world.run()
  await until(() => world.started().length === 1)
  await clock.advance(minute)
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(made).toEqual(['long', 'next'])
  expect(clock.sleeping).toBe(0)
  expect([...saved]).toEqual([])
})

test('a container that has waited for ten minutes goes, and the step makes its own', async () => {
  const { world, made, clock, saved } = worldOf({}, [held, taskYaml('next')])
  const run = world.run()
  await until(() => world.left().includes('next'))
  await clock.advance(10 * minute - 1)
  expect(world.left()).toEqual(['long', 'next'])
  await clock.advance(1)
  expect(world.left()).toEqual(['long'])
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(made).toEqual(['long', 'next (guess)', 'next'])
  expect(world.left()).toEqual([])
  expect([...saved]).toEqual([['long', 10 * minute]])
})

test('two steps ahead: what follows a long step that follows is planned from when that one will begin', async () => {
  const { world, made, clock } = worldOf({ second: 60 * minute }, [taskYaml('first', { FAKE_HOLD: 'first', FAKE_STDOUT: 'x' }), taskYaml('second', { FAKE_HOLD: 'second', FAKE_STDOUT: 'x' }), taskYaml('third')], 2)
  const run = world.run()
  await until(() => world.left().includes('second'))
  await clock.advance(minute)
  expect(made).toEqual(['first', 'second (guess)'])
  world.services.runtime.let('first')
  await until(() => world.started().length === 2)
  await clock.advance(57 * minute)
  expect(made).toEqual(['first', 'second (guess)', 'third (guess)'])
  world.services.runtime.let('second')
  expect(await run).toBe('succeeded')
  expect(made).toHaveLength(3)
})

test('a step that failed says nothing about how long it takes', async () => {
  const { world, clock, saved } = worldOf({ long: 60 * minute }, [taskYaml('long', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x', FAKE_EXIT: '1' }), taskYaml('next')])
  const run = world.run()
  await until(() => world.started().length === 1)
  await clock.advance(20 * minute)
  world.services.runtime.let('go')
  expect(await run).toBe('failed')
  expect([...saved]).toEqual([['long', 60 * minute]])
})

import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { defaultGraceMs } from '../model/container.ts'
import { removalPatienceMs } from './remove-overdue.ts'
import { resultPatienceMs } from './result-deadline.ts'
import { taskYaml } from './testing/kit.ts'
import { until, World } from './testing/world.ts'

const deaf = { FAKE_DEAF: '1', FAKE_STDOUT: 'begun' }
const afterAbort = defaultGraceMs + resultPatienceMs
const limited = (name: string, limit: string) => `${taskYaml(name, deaf).slice(0, -1)}, timeout: ${limit}}`
const job = (...steps: string[]) => `
jobs: [{name: j, plan: [${steps.join(', ')}]}]`
const lines = (world: World, start: string) => world.joinedLines().filter((line) => line.startsWith(start))
/** All sleeps but the lease's have begun. */
const armed = (clock: { readonly sleeping: number }) => until(() => clock.sleeping > 1)

test('an aborted step whose supervisor is silent ends after grace and patience, without its container', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a', deaf), taskYaml('b')), {}, { clock })
  const claimed = await world.engine().claim()
  await world.seen('log a')
  void world.store.requestAbort(world.buildId, 0)
  await armed(clock)
  await clock.advance(afterAbort - 1)
  expect(world.row.status).toBe('started')
  await clock.advance(1)
  expect(await claimed?.end).toMatchObject({ status: 'aborted' })
  expect(world.left()).toEqual([])
  expect(lines(world, 'log a stderr')).toEqual(['log a stderr "no result came within 30 s after the abort and its grace of 10 s: the container was removed\\n"'])
  expect(lines(world, 'error')).toEqual(['error a {"message":"interrupted"}'])
})

test('a step whose time limit has passed without a result has failed as one that timed out', async () => {
  const clock = fakeClock()
  const world = new World(job(`${limited('a', '1m').slice(0, -1)}, on_failure: ${taskYaml('tell')}}`), {}, { clock })
  const claimed = await world.engine().claim()
  await world.seen('log a')
  await armed(clock)
  await clock.advance(60_000 + afterAbort - 1)
  expect(world.row.status).toBe('started')
  await clock.advance(1)
  expect(await claimed?.end).toMatchObject({ status: 'failed' })
  expect(world.started()).toEqual(['a', 'tell'])
  expect(lines(world, 'log a stderr')).toEqual(['log a stderr "no result came within 30 s after the time limit of 60 s and its grace of 10 s: the container was removed\\n"'])
  expect(lines(world, 'error')).toEqual(['error a {"message":"timeout exceeded"}'])
})

test('a resumed step counts its time limit from the start of its process, on whatever server', async () => {
  const clock = fakeClock()
  const world = new World(job(limited('a', '1h')), {}, { clock })
  const one = world.engine('one')
  await one.claim()
  await world.seen('log a')
  await one.stop()
  await clock.advance(50 * 60_000)
  const two = await world.engine('two').claim()
  await armed(clock)
  await clock.advance(10 * 60_000 + afterAbort - 1)
  expect(world.row.status).toBe('started')
  await clock.advance(1)
  expect(await two?.end).toMatchObject({ status: 'failed' })
  expect(world.left()).toEqual([])
})

test('a resumed step whose time limit passed long ago leaves its supervisor some time for the result', async () => {
  const clock = fakeClock()
  const world = new World(job(limited('a', '1m')), {}, { clock })
  const one = world.engine('one')
  await one.claim()
  await world.seen('log a')
  await one.stop()
  await clock.advance(3_600_000)
  const two = await world.engine('two').claim()
  await armed(clock)
  await clock.advance(resultPatienceMs - 1)
  expect(world.row.status).toBe('started')
  await clock.advance(1)
  expect(await two?.end).toMatchObject({ status: 'failed' })
})

test('a build that was aborted while no server lived ends though nobody can adopt its container', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a', deaf)), {}, { clock })
  const one = world.engine('one')
  await one.claim()
  await world.seen('log a')
  await one.stop()
  void world.store.requestAbort(world.buildId, 0)
  const two = await world.engine('two').claim()
  await armed(clock)
  await clock.advance(afterAbort)
  expect(await two?.end).toMatchObject({ status: 'aborted' })
  expect(world.left()).toEqual([])
})

test('a step ends though its container cannot be removed, and says that its process may still run', async () => {
  for (const [remove, words] of [
    [() => Promise.reject(new Error('the engine does not answer')), 'the engine does not answer'],
    [() => new Promise<void>(() => undefined), 'it is not gone after 30 s'],
  ] as const) {
    const clock = fakeClock()
    const world = new World(job(taskYaml('a', deaf)), {}, { clock })
    world.services.runtime.remove = remove
    const claimed = await world.engine().claim()
    await world.seen('log a')
    void world.store.requestAbort(world.buildId, 0)
    await armed(clock)
    await clock.advance(afterAbort)
    await clock.advance(removalPatienceMs)
    expect(await claimed?.end).toMatchObject({ status: 'aborted' })
    expect(lines(world, 'log a stderr')[0]).toContain(`and the container could not be removed (${words}): its process may still run`)
  }
})

test('a server that has left a build removes no container of it', async () => {
  const clock = fakeClock()
  const world = new World(job(limited('a', '1m')), {}, { clock })
  const one = world.engine('one')
  await one.claim()
  await world.seen('log a')
  await armed(clock)
  await one.stop()
  expect(clock.sleeping, 'timers that hold the process').toBe(0)
  await clock.advance(3_600_000)
  expect(world.left()).toEqual(['a'])
})

test('a server whose lease was taken removes no container of the build', async () => {
  const clock = fakeClock()
  const world = new World(job(limited('a', '1m')), {}, { clock })
  const claimed = await world.engine('one').claim()
  await world.seen('log a')
  await armed(clock)
  // It cannot renew it, and another server has the build.
  world.store.renew = () => Promise.reject(new Error('connection refused'))
  world.row.owner = 'two'
  await clock.advance(3_600_000)
  expect(await claimed?.end).toMatchObject({ status: 'left' })
  expect(world.left()).toEqual(['a'])
})

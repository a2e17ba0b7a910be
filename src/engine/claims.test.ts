import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { defaultLimits, Engine } from './engine.ts'
import type { Happening } from '../model/happening.ts'
import { memoryScope } from './testing/memory-store.ts'
import { taskYaml } from './testing/kit.ts'
import { until, World } from './testing/world.ts'

const job = (...steps: string[]) => `
jobs: [{name: j, plan: [${steps.join(', ')}]}]`
const held = { FAKE_HOLD: 'go', FAKE_STDOUT: 'first\nsecond', FAKE_SPLIT: '6' }

test('stop leaves builds started, and another engine ends them with no step run twice', async () => {
  const world = new World(job(taskYaml('a', held), taskYaml('b')))
  const one = world.engine('one')
  const first = await one.claim()
  await world.seen('log a')
  await one.stop()
  expect(await first?.end).toEqual({ buildId: world.buildId, status: 'left' })
  expect(await one.claim()).toBeUndefined()
  expect([world.row.status, world.row.owner]).toEqual(['started', undefined])
  const before = world.lines().length
  world.services.runtime.let('go')
  await until(() => true)
  expect(world.lines().length, 'written after it was left').toBe(before)
  expect(await world.run(world.engine('two'))).toBe('succeeded')
  expect(world.started()).toEqual(['a', 'b'])
  expect(world.joinedLines()).toContain('log a stdout "first\\nsecond\\n"')
})

test('an engine that drains claims nothing more, and what it runs goes on', async () => {
  const world = new World(job(taskYaml('a', held), taskYaml('b')))
  const one = world.engine('one')
  const first = await one.claim()
  await world.seen('log a')
  one.drain()
  expect(await one.claim()).toBeUndefined()
  world.services.runtime.let('go')
  expect(await first?.end).toEqual({ buildId: world.buildId, status: 'succeeded' })
})

test('a server that is not heard of in time loses the build, writes nothing more, and nothing runs twice', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a', held), taskYaml('b')), {}, { clock })
  const first = await world.engine('one').claim()
  await world.seen('log a')
  // It is stopped for longer than its lease: its clock, and so its renewals, do not move.
  const later = fakeClock(clock.now() + defaultLimits.leaseMs + 1)
  const two = world.engine('two', { ...world.services, clock: later })
  const second = await two.claim()
  if (second === undefined) throw new Error('the lease had run out')
  const owners = new Set<string>()
  const commit = world.store.commit.bind(world.store)
  world.store.commit = async (...args) => {
    const result = await commit(...args)
    if (result === 'committed') owners.add(args[1])
    return result
  }
  world.services.runtime.let('go')
  expect(await second.end).toMatchObject({ status: 'succeeded' })
  await two.stop()
  await clock.advance(defaultLimits.leaseMs)
  expect(await first?.end).toMatchObject({ status: 'left' })
  expect([...owners]).toEqual(['two-1'])
  expect(world.started()).toEqual(['a', 'b'])
  expect(world.joinedLines().filter((line) => line.startsWith('log'))).toEqual(['log a stdout "first\\nsecond\\n"'])
  expect(world.left()).toEqual([])
})

test('of two engines one gets the build', async () => {
  const world = new World(job(taskYaml('a')))
  const claims = await Promise.all([world.engine('one').claim(), world.engine('two').claim(), world.engine('three').claim(world.buildId)])
  expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
  await Promise.all(claims.flatMap((claim) => (claim === undefined ? [] : [claim.end])))
  expect(world.started()).toEqual(['a'])
})

test('leases are kept for as long as a build runs', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a', held)), {}, { clock })
  const claimed = await world.engine('one').claim()
  await world.seen('log a')
  for (let renewals = 0; renewals < 20; renewals += 1) {
    await clock.advance(defaultLimits.leaseMs / 3)
    expect(world.row.leaseUntil).toBeGreaterThan(clock.now() + defaultLimits.leaseMs / 2)
    expect(await world.engine('two').claim()).toBeUndefined()
  }
  world.services.runtime.let('go')
  expect(await claimed?.end).toMatchObject({ status: 'succeeded' })
})

test('a build that ends just as its lease is renewed has ended, and was not lost', async () => {
  const world = new World(job(taskYaml('a')))
  const renewal = Promise.withResolvers<void>()
  const renew = world.store.renew.bind(world.store)
  // The first renewal is answered after the commit that ends the build, and before anyone has heard of that commit.
  world.store.renew = async (...args) => {
    await renewal.promise
    return renew(...args)
  }
  const commit = world.store.commit.bind(world.store)
  world.store.commit = async (...args) => {
    const result = await commit(...args)
    if (args[3].finish !== undefined) {
      renewal.resolve()
      for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    }
    return result
  }
  const claimed = await world.engine().claim()
  expect(await claimed?.end).toMatchObject({ status: 'succeeded' })
})

test('serving goes on when the store is away for a while, and claims whatever comes', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a')), {}, { clock })
  const claim = world.store.claim.bind(world.store)
  let away = 3
  world.store.claim = (...args) => ((away -= 1) >= 0 ? Promise.reject(new Error('connection refused')) : claim(...args))
  const engine = world.engine()
  const serving = engine.serve()
  for (let polls = 0; polls < 3; polls += 1) await clock.advance(defaultLimits.pollMs)
  await world.seen('status  {"status":"succeeded"}')
  await engine.stop()
  await serving
})

test('a build whose start nobody was told of is claimed by the next poll', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a')), {}, { clock })
  world.store.onStarted = () => Promise.resolve(() => Promise.resolve())
  const engine = world.engine()
  const serving = engine.serve()
  await world.seen('status  {"status":"succeeded"}')
  const later = world.store.insertStarted({ kind: 'job', scope: memoryScope }, {})
  await clock.advance(defaultLimits.pollMs)
  // What is stored of it cannot be run, so that it ends at once.
  await until(() => world.store.row(later).status === 'errored')
  await engine.stop()
  await serving
})

test('a wake-up that comes while a claim is under way is not lost', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a')), {}, { clock })
  const claim = world.store.claim.bind(world.store)
  const engine = world.engine()
  let first = true
  world.store.claim = async (...args) => {
    if (!first) return claim(...args)
    first = false
    // Announced after this claim has looked.
    world.store.insertStarted({ kind: 'job', scope: memoryScope }, {})
    return undefined
  }
  const serving = engine.serve()
  await world.seen('status  {"status":"succeeded"}')
  await engine.stop()
  await serving
})

test('a server runs no more builds at once than its limit, and the next one when one has ended', async () => {
  const clock = fakeClock()
  const held = taskYaml('a', { FAKE_HOLD: 'go' })
  const world = new World(job(held), {}, { clock })
  const second = world.store.insertStarted({ kind: 'job', scope: memoryScope }, world.row.context ?? {})
  const engine = new Engine(world.services, world.store, 'server', { ...defaultLimits, maxBuilds: 1 })
  const serving = engine.serve()
  await until(() => world.started().length === 1)
  await clock.advance(defaultLimits.pollMs * 3)
  expect(world.store.row(second).claims).toBe(0)
  world.services.runtime.let('go')
  await until(() => world.store.row(second).status === 'succeeded')
  await engine.stop()
  await serving
})

test('no build is claimed while the tracker is paused; one that runs goes on', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a', { FAKE_HOLD: 'go' })), {}, { clock })
  const engine = world.engine()
  let open = true
  const serving = engine.serve({ get open() { return open }, passed: () => undefined })
  await until(() => world.started().length === 1)
  open = false
  const second = world.store.insertStarted({ kind: 'job', scope: memoryScope }, world.row.context ?? {})
  await clock.advance(defaultLimits.pollMs * 3)
  expect(world.store.row(second).claims).toBe(0)
  world.services.runtime.let('go')
  await world.seen('status  {"status":"succeeded"}')
  await clock.advance(defaultLimits.pollMs * 3)
  expect(world.store.row(second).claims).toBe(0)
  open = true
  await clock.advance(defaultLimits.pollMs)
  await until(() => world.store.row(second).status === 'succeeded')
  await engine.stop()
  await serving
})

test('stopping while a claim is under way gives the build back', async () => {
  const world = new World(job(taskYaml('a')))
  const claim = world.store.claim.bind(world.store)
  const engine = world.engine()
  let stopped: Promise<void> | undefined
  world.store.claim = async (...args) => {
    const row = await claim(...args)
    stopped = engine.stop()
    return row
  }
  expect(await engine.claim()).toBeUndefined()
  await stopped
  expect(world.row.owner).toBeUndefined()
  world.store.claim = claim
  expect(await world.run(world.engine('two'))).toBe('succeeded')
})

test('builds are counted as started, left and ended', async () => {
  const counted: Happening[] = []
  const world = new World(job(taskYaml('a', held)), {}, { observe: (happening) => counted.push(happening) })
  const one = world.engine('one')
  await one.claim()
  await world.seen('log a')
  await one.stop()
  world.services.runtime.let('go')
  await world.run(world.engine('two'))
  expect(counted).toEqual([
    { kind: 'build-started', check: false, resumed: false },
    { kind: 'build-left', check: false },
    { kind: 'build-started', check: false, resumed: true },
    { kind: 'build-ended', check: false, status: 'succeeded', team: 'main', pipeline: 'p', job: 'j', ms: expect.any(Number) as number },
  ])
})

import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { defaultLimits, Engine } from './engine.ts'
import { memoryScope } from './testing/memory-store.ts'
import { taskYaml } from './testing/kit.ts'
import { until, World } from './testing/world.ts'

const job = (...steps: string[]) => `
jobs: [{name: j, plan: [${steps.join(', ')}]}]`
const held = { FAKE_HOLD: 'go', FAKE_STDOUT: 'first\nsecond', FAKE_SPLIT: '6' }
const hooks = (name: string) => `on_abort: ${taskYaml(`${name}-abort`)}, ensure: ${taskYaml(`${name}-ensure`)}`
const hooked = (name: string, params: Readonly<Record<string, string>>) => `${taskYaml(name, params).slice(0, -1)}, ${hooks(name)}}`
const errors = (world: World) => world.lines().filter((line) => line.startsWith('error'))

test('an abort before anyone claimed the build begins no step', async () => {
  const world = new World(job(taskYaml('a')))
  void world.store.requestAbort(world.buildId, 0)
  expect(await world.run()).toBe('aborted')
  expect(world.lines()).toEqual(['status  {"status":"started"}', 'status  {"status":"aborted"}'])
  expect(world.services.runtime.creations).toEqual([])
})

test('an abort while a container is prepared', async () => {
  const world = new World(job(hooked('a', {})))
  const preparing = Promise.withResolvers<void>()
  world.services.runtime.beforeCreate = async (spec, signal) => {
    if (spec.metadata.stepName !== 'a') return undefined
    preparing.resolve()
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    return { kind: 'aborted' }
  }
  const run = world.run()
  await preparing.promise
  void world.store.requestAbort(world.buildId, 0)
  expect(await run).toBe('aborted')
  expect(world.started()).toEqual(['a-abort', 'a-ensure'])
  expect(errors(world)).toEqual(['error a {"message":"interrupted"}'])
  expect(world.left()).toEqual([])
})

test('an abort while a step runs: its output is shown, its hooks run, no finish-task tells an exit status', async () => {
  const world = new World(job(hooked('a', held), taskYaml('b')))
  const run = world.run()
  await world.seen('log a')
  void world.store.requestAbort(world.buildId, 0)
  expect(await run).toBe('aborted')
  expect(world.started()).toEqual(['a', 'a-abort', 'a-ensure'])
  const lines = world.joinedLines()
  expect(lines).toEqual(expect.arrayContaining(['log a stdout "first\\nsecond"', 'error a {"message":"interrupted"}']))
  expect(lines.filter((line) => line.startsWith('finish-task'))).toEqual(['finish-task a-abort {"exit_status":0}', 'finish-task a-ensure {"exit_status":0}'])
})

test('an abort while a hook of a failed step runs interrupts the hook', async () => {
  const world = new World(job(`${taskYaml('a', { FAKE_EXIT: '1' }).slice(0, -1)}, on_failure: ${taskYaml('tell', { FAKE_HANG: '1' })}, ensure: ${taskYaml('clean')}}`))
  const run = world.run()
  await world.seen('start-task tell')
  void world.store.requestAbort(world.buildId, 0)
  expect(await run).toBe('aborted')
  expect(world.started()).toEqual(['a', 'tell', 'clean'])
})

test('an abort that was asked for while no server lived: what ran is stopped, its hooks run, results of before are known', async () => {
  const world = new World(`
resources: [{name: repo, type: git, source: {}}]
jobs: [{name: j, plan: [{get: repo}, {do: [${taskYaml('a', held)}], ensure: {task: clean, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, inputs: [{name: repo}], run: {path: x}}}}]}]`)
  const one = world.engine('one')
  const first = await one.claim()
  await world.seen('log a')
  await one.stop()
  expect(await first?.end).toMatchObject({ status: 'left' })
  expect(world.row.status).toBe('started')
  void world.store.requestAbort(world.buildId, 0)
  expect(await world.run(world.engine('two'))).toBe('aborted')
  expect(world.started()).toEqual(['repo', 'a', 'clean'])
  expect(errors(world)).toEqual(['error a {"message":"interrupted"}'])
  expect(world.left()).toEqual([])
})

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

test('a container lost before it started work is made again for free, three times at most', async () => {
  for (const [losses, status] of [[2, 'succeeded'], [3, 'errored']] as const) {
    const world = new World(job(taskYaml('a')))
    let lost = 0
    world.services.runtime.beforeCreate = () =>
      Promise.resolve((lost += 1) <= losses ? { kind: 'lost' as const, message: `node n${lost} went away`, mayStillRun: false } : undefined)
    expect(await world.run()).toBe(status)
    expect(lost).toBe(3)
    expect(world.lines().filter((line) => line.startsWith('log a'))[0]).toBe('log a stderr {"payload":"node n1 went away; it had not started work: starting it again\\n"}')
    if (status === 'errored') expect(errors(world)).toEqual(['error a {"message":"node n3 went away"}'])
  }
})

test('a container that may still run is not made again, nor is one that was lost at work', async () => {
  const world = new World(job(taskYaml('a')))
  world.services.runtime.beforeCreate = () => Promise.resolve({ kind: 'lost', message: 'node n1 is silent', mayStillRun: true })
  expect(await world.run()).toBe('errored')
  expect(errors(world)).toEqual(['error a {"message":"node n1 is silent (its process may still run)"}'])
  const atWork = new World(job(`${taskYaml('b', { FAKE_LOSE: 'pod was evicted', FAKE_STDOUT: 'half a li' }).slice(0, -1)}, attempts: 2}`))
  expect(await atWork.run()).toBe('errored')
  expect(atWork.started()).toEqual(['b', 'b'])
  expect(errors(atWork)).toEqual(['error b#1 {"message":"pod was evicted"}', 'error b#2 {"message":"pod was evicted"}'])
  expect(atWork.joinedLines()).toContain('log b#1 stdout "half a li\\n"')
})

test('an adopted container that is gone is an error: its process may have run', async () => {
  const world = new World(job(taskYaml('a', held)))
  const one = world.engine('one')
  await one.claim()
  await world.seen('log a')
  await one.stop()
  world.services.runtime.containers.clear()
  expect(await world.run(world.engine('two'))).toBe('errored')
  expect(world.started()).toEqual(['a'])
  expect(errors(world)).toEqual([expect.stringMatching(/^error a \{"message":"container p-j-b1-task-[0-9a-f]{8} is gone"\}$/)])
})

test('a time limit around steps counts on while no server lives', async () => {
  const clock = fakeClock()
  const world = new World(job(`{do: [${taskYaml('a', held)}, ${taskYaml('b')}], timeout: 1h}`, taskYaml('c')), {}, { clock })
  const one = world.engine('one')
  await one.claim()
  await world.seen('log a')
  await one.stop()
  await clock.advance(50 * 60_000)
  const two = await world.engine('two').claim()
  await until(() => clock.sleeping > 1)
  await clock.advance(9 * 60_000)
  expect(world.row.status).toBe('started')
  await clock.advance(60_000)
  expect(await two?.end).toMatchObject({ status: 'failed' })
  expect(errors(world)).toEqual(['error a {"message":"timeout exceeded"}'])
  expect(world.started()).toEqual(['a'])
})

test('a step that ended in time has ended in time, though its time is over by now', async () => {
  const clock = fakeClock()
  const world = new World(job(`{do: [${taskYaml('a')}], timeout: 1h}`, taskYaml('b', held)), {}, { clock })
  const one = world.engine('one')
  await one.claim()
  await world.seen('log b')
  await one.stop()
  await clock.advance(10 * 3_600_000)
  world.services.runtime.let('go')
  expect(await world.run(world.engine('two'))).toBe('succeeded')
})

test('an error of our own ends its build in words, and no other', async () => {
  const world = new World(job(taskYaml('a'), taskYaml('b')))
  world.services.images.check = () => Promise.reject(new TypeError('hunter2-hunter2 is not a function'))
  expect(await world.run()).toBe('errored')
  expect(errors(world)[0]).toContain('internal error')
  expect(world.lines().at(-1)).toBe('status  {"status":"errored"}')
})

test('a broken plan is an errored build', async () => {
  const world = new World(job(taskYaml('a')))
  const row = world.row as { context: object }
  row.context = { plan: { id: 'x' } }
  expect(await world.run()).toBe('errored')
  expect(world.lines()).toEqual(['status  {"status":"started"}', 'error  {"message":"what is stored of the build cannot be read: plan: expected exactly one step, found none; create the build again"}', 'status  {"status":"errored"}'])
})

test('containers of steps that did not succeed are kept when asked for, also those prepared ahead, unless the build succeeds', async () => {
  const steps = [`{try: ${taskYaml('tried', { FAKE_EXIT: '1' })}}`, taskYaml('fine'), taskYaml('fails', { FAKE_EXIT: '2' })]
  const keep = { seconds: 60, advice: ({ stepName }: { stepName: string }) => `${stepName} is kept` }
  const failing = new World(job(...steps), { keep })
  expect(await failing.run()).toBe('failed')
  expect(failing.left()).toEqual(['tried', 'fails'])
  expect([...failing.row.containers.values()].map(({ state }) => state)).toEqual(['kept', 'finished', 'kept'])
  expect(failing.lines().filter((line) => line.includes('is kept'))).toEqual(['log tried stderr {"payload":"tried is kept\\n"}', 'log fails stderr {"payload":"fails is kept\\n"}'])
  const passing = new World(job(...steps.slice(0, 2)), { keep })
  expect(await passing.run()).toBe('succeeded')
  expect(passing.left()).toEqual([])
})

test('secrets stay hidden after a restart, though the steps that used them are not run again', async () => {
  const world = new World(`
resources: [{name: repo, type: git, source: {token: ((secret))}}]
jobs: [{name: j, plan: [{get: repo}, ${taskYaml('tells', { FAKE_STDOUT: 'start\nit is hunter2-hunter2', FAKE_HOLD: 'go', FAKE_SPLIT: '6' })}]}]`)
  const one = world.engine('one')
  await one.claim()
  await world.seen('log tells')
  await one.stop()
  world.services.runtime.let('go')
  expect(await world.run(world.engine('two'))).toBe('succeeded')
  expect(world.joinedLines()).toContain('log tells stdout "start\\nit is ((redacted))\\n"')
  expect(JSON.stringify([...world.row.steps])).not.toContain('hunter2')
})

test('an unfinished line is shown after a second', async () => {
  const clock = fakeClock()
  const world = new World(job(taskYaml('a', { FAKE_STDOUT: 'Password: ', FAKE_SPLIT: '5', FAKE_HOLD: 'go' })), {}, { clock })
  const claimed = await world.engine().claim()
  await world.seen('start-task a')
  await until(() => clock.sleeping >= 2)
  await clock.advance(999)
  expect(world.lines().filter((line) => line.startsWith('log'))).toEqual([])
  await clock.advance(1)
  await world.seen('log a')
  world.services.runtime.let('go')
  await claimed?.end
  expect(world.joinedLines()).toContain('log a stdout "Password: \\n"')
})

test('no secret is in what a build throws that could not be written, nor in the server’s log of it', async () => {
  const said: string[] = []
  const say = (fields: object, message: string) => void said.push(JSON.stringify(fields), message)
  const world = new World(`jobs: [{name: j, plan: [${taskYaml('t', { FAKE_STDOUT: 'x', TOKEN: '((secret))' })}]}]`, {}, { log: { debug: say, info: say, warn: say, error: say } })
  world.store.beforeCommit = (_build, writes) => {
    if (writes.steps?.length) throw new Error('the database refuses "hunter2-hunter2"')
  }
  const claimed = await world.engine().claim(world.buildId)
  const error = await claimed?.end.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ message: 'the database refuses "((redacted))"' })
  expect(said.join('\n')).not.toContain('hunter2')
})

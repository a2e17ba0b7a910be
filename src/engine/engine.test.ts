import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { taskYaml } from './testing/kit.ts'
import { until, World } from './testing/world.ts'

const job = (...steps: string[]) => `
jobs: [{name: j, plan: [${steps.join(', ')}]}]`
const held = { FAKE_HOLD: 'go', FAKE_STDOUT: 'first\nsecond', FAKE_SPLIT: '6' }
const errors = (world: World) => world.lines().filter((line) => line.startsWith('error'))

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
  const keep = { seconds: 60, oneOffSeconds: 60, advice: ({ stepName }: { stepName: string }) => `${stepName} is kept` }
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

import { expect, test } from 'vitest'
import { taskYaml } from './testing/kit.ts'
import { World } from './testing/world.ts'

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

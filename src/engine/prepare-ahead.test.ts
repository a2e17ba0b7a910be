import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import type { ContainerSpec } from '../runtime/contract.ts'
import { FakeImages, repositoryOf } from './testing/fakes.ts'
import { taskYaml } from './testing/kit.ts'
import { Life, mortalRuntime } from './testing/mortal.ts'
import { until, World } from './testing/world.ts'

const job = (...steps: string[]) => `
jobs: [{name: j, plan: [${steps.join(', ')}]}]`
const types = `
resource_types: [{name: custom, type: registry-image, source: {repository: acme/custom}}]
resources: [{name: image, type: custom, source: {hold: go, stderr: x}}]`

/** Images whose checks are told apart: those that decide save their version. */
class CountedImages extends FakeImages {
  readonly log: string[] = []
  override check(source: Parameters<FakeImages['check']>[0]) {
    this.log.push(`check ${repositoryOf(source)}`)
    return super.check(source)
  }
}

/** The containers of a runtime as they are made: `step` or `step (guess)`. */
function creations(world: World): string[] {
  const made: string[] = []
  world.services.runtime.beforeCreate = (spec) => {
    made.push(`${spec.metadata.stepName}${spec.guess ? ' (guess)' : ''}`)
    return Promise.resolve(undefined)
  }
  return made
}

test('the next step’s container is made while a step runs, and is the one that the step takes', async () => {
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), taskYaml('second')))
  const made = creations(world)
  const run = world.run()
  await until(() => world.left().includes('second') && world.started().length > 0)
  expect(made).toEqual(['first', 'second (guess)'])
  expect(world.started()).toEqual(['first'])
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(made).toEqual(['first', 'second (guess)'])
  expect(world.started()).toEqual(['first', 'second'])
  expect(world.left()).toEqual([])
})

test.each([[0, ['a', 'b', 'c', 'd']], [2, ['a', 'b (guess)', 'c (guess)', 'd (guess)']]])('%d steps ahead', async (prepareAhead, expected) => {
  const world = new World(job(taskYaml('a', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), taskYaml('b'), taskYaml('c'), taskYaml('d')), { prepareAhead })
  const made = creations(world)
  const run = world.run()
  await until(() => made.length >= (prepareAhead === 0 ? 1 : 3) && world.started().length === 1)
  if (prepareAhead === 2) expect(made).toEqual(['a', 'b (guess)', 'c (guess)'])
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(made).toEqual(expected)
})

test('a task on the very tag that a put of its build has moved runs the new image, and the guess is dropped', async () => {
  const world = new World(`${types}${job('{put: image, no_get: true}', taskYaml('uses', {}, 'acme/app'))}`)
  const { images, runtime } = world.services
  const old = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'
  const pushed = 'sha256:1111111111111111111111111111111111111111111111111111111111111111'
  images.digests.set('acme/app', old)
  const specs: ContainerSpec[] = []
  runtime.beforeCreate = (spec) => {
    specs.push(spec)
    return Promise.resolve(undefined)
  }
  const run = world.run()
  await until(() => world.left().includes('uses'))
  // The put's script moves the tag before it exits.
  images.digests.set('acme/app', pushed)
  runtime.let('go')
  expect(await run).toBe('succeeded')
  const used = runtime.started.find(({ spec }) => spec.metadata.stepName === 'uses')?.spec.image
  expect(used).toMatchObject({ kind: 'registry', reference: expect.stringContaining(pushed) })
  const guess = specs.find((spec) => spec.guess && spec.metadata.stepName === 'uses')
  expect(guess?.image).toMatchObject({ reference: expect.stringContaining(old) })
  expect(world.left()).toEqual([])
})

test('a tag that moved while the step before ran: the guess is made of the old image, dropped, and made anew', async () => {
  const world = new World(job(taskYaml('build', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), taskYaml('uses', {}, 'acme/app')))
  const made = creations(world)
  const run = world.run()
  await until(() => world.left().includes('uses'))
  world.services.images.digests.set('acme/app', `sha256:${'1'.repeat(64)}`)
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(made).toEqual(['build', 'uses (guess)', 'uses'])
  expect(world.services.runtime.started.at(-1)?.spec.image).toMatchObject({ reference: expect.stringContaining('1'.repeat(64)) })
  expect(world.left()).toEqual([])
})

test('the deciding resolve comes when every step before has ended; a guess leaves no event and saves no version', async () => {
  const images = new CountedImages()
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }, 'one'), taskYaml('second', {}, 'two')), {}, { images })
  const run = world.run()
  await until(() => world.left().includes('second'))
  expect(images.log).toEqual(['check one', 'check two'])
  expect(world.services.versions.scopes.size).toBe(1)
  expect(world.lines().filter((line) => line.includes('second'))).toEqual([])
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(images.log).toEqual(['check one', 'check two', 'check two'])
  expect(world.services.versions.scopes.size).toBe(2)
})

test('a failing step leaves no prepared container, and hooks that may not run are not prepared', async () => {
  const world = new World(job(`{task: fails, params: {FAKE_EXIT: "1", FAKE_HOLD: go, FAKE_STDOUT: x}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, run: {path: x}}, on_failure: ${taskYaml('tell')}, on_abort: ${taskYaml('stop')}}`, taskYaml('next')))
  const made = creations(world)
  const run = world.run()
  await until(() => world.left().includes('next'))
  expect(made).toEqual(['fails', 'next (guess)'])
  world.services.runtime.let('go')
  expect(await run).toBe('failed')
  expect(made).toEqual(['fails', 'next (guess)', 'tell'])
  expect(world.left()).toEqual([])
})

test.each(['no-room', 'unavailable', 'rejected'] as const)('a guess that ends with %s costs nothing: the step makes its own', async (kind) => {
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), taskYaml('second')))
  const made: string[] = []
  world.services.runtime.beforeCreate = (spec) => {
    made.push(`${spec.metadata.stepName}${spec.guess ? ' (guess)' : ''}`)
    return Promise.resolve(spec.guess ? { kind, message: 'no node is free' } : undefined)
  }
  const run = world.run()
  await until(() => made.length === 2)
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(made).toEqual(['first', 'second (guess)', 'second'])
  expect(world.lines().join('\n')).not.toContain('no node is free')
})

test('a guess whose registry hangs holds up neither the step nor an abort nor the end', async () => {
  const images = new FakeImages()
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }, 'quick'), taskYaml('second', {}, 'slow')), {}, { images })
  const check = images.check.bind(images)
  let asked = 0
  images.check = (source) => {
    if (source['repository'] === 'slow' && (asked += 1) === 1) return new Promise(() => undefined)
    return check(source)
  }
  const engine = world.engine()
  const claimed = await engine.claim()
  await until(() => asked === 1)
  world.services.runtime.let('go')
  expect(await claimed?.end).toMatchObject({ status: 'succeeded' })
  expect(world.started()).toEqual(['first', 'second'])
})

test('an abort while the step’s container is the one being prepared ahead', async () => {
  const world = new World(job(taskYaml('first'), taskYaml('second')))
  const guessed = Promise.withResolvers<void>()
  const aborted = Promise.withResolvers<void>()
  world.services.runtime.beforeCreate = async (spec, signal) => {
    if (!spec.guess) return undefined
    guessed.resolve()
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    aborted.resolve()
    return { kind: 'aborted' }
  }
  const run = world.run()
  await guessed.promise
  await world.seen('finish-get second/image-get')
  void world.store.requestAbort(world.buildId, 0)
  expect(await run).toBe('aborted')
  await aborted.promise
  expect(world.left()).toEqual([])
  expect(world.lines()).toContain('error second {"message":"interrupted"}')
})

test('what a cached get would have used is dropped at once', async () => {
  const yaml = `${types}${job('{get: image}', taskYaml('long', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }))}`
  const world = new World(yaml, { prepareAhead: 2 })
  const warm = new World(yaml, {}, { resourceCaches: world.services.resourceCaches })
  warm.services.runtime.let('go')
  expect(await warm.run()).toBe('succeeded')
  world.services.runtime.let('go')
  expect(await world.run()).toBe('succeeded')
  expect(world.services.runtime.creations.map(({ stepName }) => stepName)).toEqual(['long'])
  expect(world.joinedLines()).toContain(`log get:image stderr ${JSON.stringify('\u001b[1;36mINFO: found existing resource cache\u001b[0m\n')}`)
})

test('a server killed with a container prepared leaves none: the next one uses it', async () => {
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), taskYaml('second')), {}, { clock: fakeClock() })
  const life = new Life((point) => point === 'after a guess reported in')
  void world.engine('one', { ...world.services, runtime: mortalRuntime(world.services.runtime, life) }).claim()
  await life.ended
  expect(world.left()).toEqual(['first', 'second'])
  world.row.leaseUntil = 0
  world.services.runtime.let('go')
  expect(await world.run()).toBe('succeeded')
  expect(world.services.runtime.creations).toHaveLength(2)
  expect(world.left()).toEqual([])
})

test('a server that lost its build removes nothing that it had prepared: the other one may be using it', async () => {
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), taskYaml('second', { FAKE_HOLD: 'end', FAKE_STDOUT: 'y' })))
  const one = world.engine('one')
  const first = await one.claim()
  await until(() => world.left().includes('second'))
  world.row.leaseUntil = 0
  const two = world.engine('two')
  const second = await two.claim()
  world.services.runtime.let('go')
  await until(() => world.started().includes('second'))
  await one.stop()
  expect(await first?.end).toMatchObject({ status: 'left' })
  expect(world.left()).toContain('second')
  world.services.runtime.let('end')
  expect(await second?.end).toMatchObject({ status: 'succeeded' })
  await two.stop()
  expect(world.started()).toEqual(['first', 'second'])
  expect(world.left()).toEqual([])
})

test('steps of base types and of custom types are prepared ahead too', async () => {
  const world = new World(`${types}
- {name: repo, type: git, source: {}}${job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), '{put: repo, no_get: true}', '{put: image, no_get: true}')}`.replace('resources: [{name: image, type: custom, source: {hold: go, stderr: x}}]', 'resources:\n- {name: image, type: custom, source: {}}'), { prepareAhead: 2 })
  const made = creations(world)
  const run = world.run()
  await until(() => made.length === 3)
  world.services.runtime.let('go')
  expect(await run).toBe('succeeded')
  expect(made.toSorted()).toEqual(['first', 'image (guess)', 'repo (guess)'])
})

test('why a container prepared ahead waits is told once its step’s turn has come, and never before', async () => {
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' }), taskYaml('second')))
  const { runtime } = world.services
  const pulled = Promise.withResolvers<void>()
  let waits = false
  const prepare = runtime.prepare.bind(runtime)
  runtime.prepare = async (spec, options) => {
    if (spec.guess) {
      options.onReason({ kind: 'pulling', message: 'pulling b' })
      waits = true
      await pulled.promise
    }
    return prepare(spec, options)
  }
  const run = world.run()
  await until(() => waits)
  expect(world.lines().join('\n')).not.toContain('pulling')
  runtime.let('go')
  await world.seen('log second')
  pulled.resolve()
  expect(await run).toBe('succeeded')
  expect(world.lines().filter((line) => line.includes('pulling'))).toEqual(['log second stderr {"payload":"pulling b\\n"}'])
})

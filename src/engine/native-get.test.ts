import { describe, expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { until, World } from './testing/world.ts'

const job = (...steps: string[]) => `resources: [{name: app, type: registry-image, source: {repository: example/((name))}}]\njobs: [{name: j, plan: [${steps.join(', ')}]}]`
const fromApp = (name: string, inputs = '') => `{task: ${name}, image: app, config: {platform: linux, inputs: [${inputs}], run: {path: x}}}`

describe('get of a registry-image', () => {
  test('starts no container when the image is only run from, and the task runs the version that was gotten', async () => {
    const world = new World(job('{get: app}', fromApp('one')))
    world.services.images.digests.set('example/world', 'sha256:1')
    expect(await world.run()).toBe('succeeded')
    expect(world.started()).toEqual(['one'])
    expect(world.services.runtime.creations.map(({ image }) => image)).toEqual(['example.test/example/world:latest@sha256:1'])
    expect(world.lines()).toEqual(expect.arrayContaining(['initialize-get get:app', 'start-get get:app']))
  })

  test('is downloaded once when steps read it as files, however many do so at once', async () => {
    const world = new World(job('{get: app}', `{in_parallel: [${fromApp('one', '{name: app}')}, ${fromApp('two', '{name: app}')}]}`, fromApp('three', '{name: app}')))
    expect(await world.run()).toBe('succeeded')
    expect(world.started().toSorted()).toEqual(['app', 'one', 'three', 'two'])
    const types = world.services.runtime.creations.map(({ type }) => type).toSorted()
    expect(types).toEqual(['get', 'task', 'task', 'task'])
  })

  test('goes by container where images are not fetched natively', async () => {
    const world = new World(job('{get: app}', fromApp('one')), { nativeImageFetch: false })
    expect(await world.run()).toBe('succeeded')
    expect(world.started()).toEqual(['app', 'one'])
  })

  test('goes by container where the pipeline has a type of that name', async () => {
    const own = 'resource_types: [{name: registry-image, type: registry-image, source: {repository: own}}]'
    const world = new World(`${own}\n${job('{get: app}', fromApp('one'))}`)
    expect(await world.run()).toBe('succeeded')
    expect(world.started()).toEqual(['app', 'one'])
  })

  test('tells vars that are not there', async () => {
    const world = new World(job('{get: app}').replace('((name))', '((nothing))'))
    expect(await world.run()).toBe('errored')
    expect(world.lines().join('\n')).toContain('undefined vars: nothing')
    expect(world.started()).toEqual([])
  })

  test('a task’s container is prepared ahead from an image that was gotten', async () => {
    const one = fromApp('one').replace('{task: one,', '{task: one, params: {FAKE_HOLD: go, FAKE_STDOUT: x},')
    const world = new World(job('{get: app}', one, fromApp('two')))
    const run = world.run()
    await until(() => world.left().includes('two') && world.started().length > 0)
    expect(world.started()).toEqual(['one'])
    world.services.runtime.let('go')
    expect(await run).toBe('succeeded')
    expect(world.services.runtime.creations.map(({ stepName }) => stepName)).toEqual(['one', 'two'])
  })

  test('a server that dies between the get and its use leaves the same build', async () => {
    const world = new World(job('{get: app}', fromApp('one'), fromApp('two', '{name: app}')), {}, { clock: fakeClock() })
    const first = world.engine('first')
    const claimed = await first.claim(world.buildId)
    await world.seen('finish-task one')
    await first.stop()
    await claimed?.end.catch(() => undefined)
    expect(await world.run(world.engine('second'))).toBe('succeeded')
    expect(world.started()).toEqual(['one', 'app', 'two'])
  })
})

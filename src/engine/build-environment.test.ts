import { expect, test } from 'vitest'
import { taskYaml } from './testing/kit.ts'
import { World } from './testing/world.ts'

const resources = 'resources: [{name: r, type: mock, source: {metadata: [{name: commit, value: abc}, {name: num, value: "3"}]}}, {name: bad, type: mock, source: {exit: "1"}}, {name: broken, type: mock, source: {error: start-failed}}]'
const job = (...steps: string[]) => `${resources}\njobs: [{name: j, plan: [${steps.join(', ')}]}, {name: all, plan: [{get: r}, {get: bad}, {get: broken}]}]`
const putStatuses = (world: World) =>
  world.services.runtime.started
    .filter(({ assignment }) => assignment.process.path.endsWith('/out'))
    .map(({ assignment }) => assignment.process.env.find((pair) => pair.startsWith('BUILD_STATUS=')))

const put = (resource: string, hooks = '') => `{put: ${resource}, no_get: true${hooks}}`

test.each([
  ['r', 'on_success', [undefined, 'BUILD_STATUS=succeeded']],
  ['bad', 'on_failure', [undefined, 'BUILD_STATUS=failed']],
  ['broken', 'on_error', [undefined, 'BUILD_STATUS=errored']],
  ['r', 'ensure', [undefined, undefined]],
])('the put of %s has its %s told how the step ended', async (resource, hook, expected) => {
  const world = new World(job(put(resource, `, ${hook}: ${put('r')}`)))
  await world.run()
  expect(putStatuses(world)).toEqual(expected)
})

test('what stands in a hook is told the end that it runs after, and a hook in it its own', async () => {
  const world = new World(job(put('bad', `, on_failure: {do: [${put('r', `, attempts: 2, on_success: ${put('r')}`)}], ensure: ${put('r')}}`)))
  expect(await world.run()).toBe('failed')
  expect(putStatuses(world)).toEqual([undefined, 'BUILD_STATUS=failed', 'BUILD_STATUS=succeeded', 'BUILD_STATUS=failed'])
})

const use = taskYaml('use', { FAKE_STDOUT: '((.:r.commit)) x((.:r.num))' })

test('the metadata of a get is a local var of its name', async () => {
  const world = new World(job('{get: r}', use))
  expect(await world.run()).toBe('succeeded')
  expect(world.lines().filter((line) => line.startsWith('log use'))).toEqual(['log use stdout {"payload":"abc x3\\n"}'])
})

test('the metadata of a get that ended before the server did is a local var', async () => {
  const world = new World(job('{get: r}', taskYaml('wait', { FAKE_HOLD: 'go' }), use))
  const engine = world.engine('one')
  await engine.claim()
  await world.seen('start-task wait')
  await engine.stop()
  world.services.runtime.let('go')
  expect(await world.run(world.engine('two'))).toBe('succeeded')
  expect(world.lines().filter((line) => line.startsWith('log use'))).toEqual(['log use stdout {"payload":"abc x3\\n"}'])
})

test('the get behind a put gives its metadata, and a cached get too', async () => {
  const world = new World(job('{put: r, params: {make: "2"}}', '{get: s, resource: r}', '{get: t, resource: r}', taskYaml('use', { FAKE_STDOUT: '((.:r.commit)) ((.:t.commit))' })))
  expect(await world.run()).toBe('succeeded')
  expect(world.lines().filter((line) => line.startsWith('log use'))).toEqual(['log use stdout {"payload":"abc abc\\n"}'])
})

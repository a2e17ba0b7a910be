import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { World, until } from './testing/world.ts'
import { taskYaml } from './testing/kit.ts'

const checked = (source: string): string => `
resource_types:
- {name: inner, type: registry-image, source: {repository: inner-image}}
- {name: a, type: inner, source: {${source}}}
resources: [{name: one, type: a, source: {}}]
jobs: [{name: j, plan: [{get: one}]}]`

test('a check that fails ends its turn with a message that says why', async () => {
  const world = new World(checked('exit: 3'))
  expect(await world.run()).toBe('errored')
  expect(world.services.versions.ends.at(-1)).toEqual({ kind: 'failed', message: '/opt/resource/check exited with status 3' })
})

test('a check that prints garbage ends its turn with what it printed', async () => {
  const world = new World(checked('response: nonsense'))
  expect(await world.run()).toBe('errored')
  expect(world.services.versions.ends.at(-1)).toEqual({ kind: 'failed', message: expect.stringContaining('something on stdout that is not JSON: "nonsense"') })
})

test('the message of a failed check shows no secret that the script printed', async () => {
  const world = new World(checked('response: ((secret))'))
  expect(await world.run()).toBe('errored')
  expect(world.services.versions.ends.at(-1)).toEqual({ kind: 'failed', message: expect.stringContaining('((redacted))') })
  expect(JSON.stringify(world.services.versions.ends)).not.toContain('hunter2')
})

test('a check that is aborted ends its turn without a result', async () => {
  const world = new World(checked('hold: go'), {}, { clock: fakeClock() })
  const running = world.run()
  await until(() => world.services.runtime.started.some(({ spec }) => spec.type === 'check'))
  await world.store.requestAbort(world.buildId, 0)
  expect(await running).toBe('aborted')
  expect(world.services.versions.ends.at(-1)).toEqual({ kind: 'stopped' })
})

test('a check that another has answered runs no container and gives its version', async () => {
  const world = new World(checked('versions: [{digest: d}]'))
  world.services.versions.begin = () => Promise.resolve({ kind: 'answered', version: { digest: 'known' } })
  expect(await world.run()).toBe('succeeded')
  expect(world.services.runtime.started.map(({ spec }) => spec.type)).not.toContain('check')
})

test('C11: a put enters the scope of its resource, and a get tells the metadata of its version', async () => {
  const world = new World(`
resources: [{name: release, type: mock, source: {password: ((name))}}]
jobs: [{name: j, plan: [${taskYaml('a')}, {put: release, params: {make: "9"}}]}]`)
  expect(await world.run()).toBe('succeeded')
  const [entered] = world.services.versions.entered
  expect(entered).toEqual({ scope: expect.stringMatching(/^\S+$/), resource: { pipelineId: 1, name: 'release' } })
  expect(world.services.versions.metadata).toEqual([{ ...entered, version: expect.anything(), metadata: expect.anything() }])
})

import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { taskYaml } from './testing/kit.ts'
import { World } from './testing/world.ts'

const pipeline = (source: string) => `
resources: [{name: now, type: time, source: ${source}}]
jobs: [{name: j, plan: [{put: now}, {task: a, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, inputs: [{name: now}], run: {path: x}}}]}]`

test('put and get of a time need no container; what reads the time gets its files', async () => {
  const world = new World(pipeline('{location: Europe/Berlin}'), {}, { clock: fakeClock(Date.UTC(2026, 6, 1, 12)) })
  expect(await world.run()).toBe('succeeded')
  const version = '{"exit_status":0,"version":{"time":"2026-07-01T14:00:00+02:00"},"metadata":[]}'
  expect(world.lines().filter((line) => /now/.test(line))).toEqual([
    'initialize-put put:now', 'start-put put:now', `finish-put put:now ${version}`,
    'initialize-get get:now', 'start-get get:now', `finish-get get:now ${version}`,
    expect.stringMatching(/^initialize-task a /), expect.stringMatching(/^start-task a /),
  ])
  const { started } = world.services.runtime
  expect(started.map(({ assignment }) => assignment.inputs.map(({ name }) => name))).toEqual([['now']])
  expect(world.left()).toEqual([])
})

test('where the operator has named an image for time, its scripts run in a container', async () => {
  const world = new World(pipeline('{}'), { timeInProcess: false, baseTypes: new Map([['time', 'example/time-resource']]) })
  await world.run()
  expect(world.services.runtime.started[0]?.assignment.process.path).toBe('/opt/resource/out')
})

test('a put of a time whose source means nothing fails as its script would, and a hook sees that', async () => {
  const world = new World(`
resources: [{name: now, type: time, source: {interval: often}}]
jobs: [{name: j, plan: [{put: now, on_failure: ${taskYaml('told')}}]}]`)
  expect(await world.run()).toBe('failed')
  expect(world.lines()).toContain('log put:now stderr {"payload":"source of a time resource: interval \\"often\\" is no duration; write a number with a unit, as 90s, 10m or 1h30m\\n"}')
  expect(world.lines()).toContain('finish-put put:now {"exit_status":1,"version":null,"metadata":null}')
  expect(world.lines()).toContain('finish-task told {"exit_status":0}')
})

test('a time that cannot be stored ends its get with the cause', async () => {
  const full = { readFile: () => Promise.reject(new Error('not read')), writeFiles: () => Promise.resolve({ ok: false as const, error: 'the disk is full' }) }
  const world = new World(pipeline('{}'), {}, { artifacts: full })
  expect(await world.run()).toBe('errored')
  expect(world.lines().find((line) => line.startsWith('error get:now'))).toContain('what the get fetched could not be stored: the disk is full')
})

import { expect, test } from 'vitest'
import { joinedEventLines } from './testing/event-lines.ts'
import { taskYaml } from './testing/kit.ts'
import { Life } from './testing/mortal.ts'
import { freeLease, live, outcome, removeAfterEnd, resources, types, type World, worldOf } from './testing/lives.ts'

const abortable = `
${types}
${resources}
jobs:
- name: stopped
  plan:
  - get: repo
  - {put: release, no_get: true}
  - in_parallel:
    - ${taskYaml('hangs', { FAKE_HANG: '1', FAKE_STDOUT: 'hanging' }).slice(0, -1)}, on_abort: ${taskYaml('stop-1', { FAKE_STDOUT: 'hunter2-hunter2' })}}
    - ${taskYaml('hangs-too', { FAKE_HANG: '1', FAKE_STDOUT: 'too' }).slice(0, -1)}, attempts: 2, ensure: ${taskYaml('clean-1')}}
  - ${taskYaml('never')}
  on_abort: {task: stop-2, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, inputs: [{name: repo}], run: {path: x}}}
  ensure: ${taskYaml('clean-2', { FAKE_STDOUT: 'clean' })}
`

/** Asks for the abort when both steps hang; that request is durable and outlives servers. */
function abortWhenHanging({ store, buildId, names }: World): void {
  const commit = store.commit.bind(store)
  store.commit = async (...args) => {
    const result = await commit(...args)
    const lines = joinedEventLines(store.row(buildId).events, names)
    if (['log hangs ', 'log hangs-too#1 '].every((start) => lines.some((line) => line.startsWith(start)))) void store.requestAbort(buildId, 0)
    return result
  }
}

test('kill -9 at every point of a build that is aborted: what ran is stopped, every hook runs once', async () => {
  const fresh = () => {
    const world = worldOf(abortable)
    abortWhenHanging(world)
    return world
  }
  const undisturbedWorld = fresh()
  const whole = new Life()
  await live(undisturbedWorld, whole)
  const expected = outcome(undisturbedWorld, true)
  expect(expected.status).toBe('aborted')
  expect(undisturbedWorld.services.runtime.started.map(({ spec }) => spec.metadata.stepName).toSorted()).toEqual([
    'clean-1', 'clean-2', 'hangs', 'hangs-too', 'release', 'repo', 'stop-1', 'stop-2',
  ])
  for (let kill = 1; kill <= whole.points.length; kill += 1) {
    const world = fresh()
    const first = new Life((_point, count) => count === kill)
    await live(world, first)
    if (world.store.row(world.buildId).status === 'started') {
      freeLease(world)
      await live(world, new Life())
    } else await removeAfterEnd(world)
    expect(outcome(world, true), `killed at point ${kill}: ${first.points.at(-1)}`).toEqual(expected)
  }
})

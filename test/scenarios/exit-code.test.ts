import { expect, test } from 'vitest'
import { ExitCode } from '../../src/cli/run/exit-code.ts'
import { taskYaml } from '../../src/engine/testing/kit.ts'
import { World } from '../../src/engine/testing/world.ts'
import type { BuildEvent } from '../../src/model/event.ts'

const job = (...steps: string[]) => `
jobs: [{name: j, plan: [${steps.join(', ')}]}]`

/** What fly, and so `airside run`, exits with for a build's events. */
function exitOf(world: World): number {
  const exit = new ExitCode()
  for (const { type, payload } of world.row.events) exit.take({ type, data: JSON.parse(payload) as unknown } as BuildEvent)
  return exit.value
}

test.each<[string, string[], string, number]>([
  ['a success', [taskYaml('a')], 'succeeded', 0],
  ['a task that exits with 7', [taskYaml('a', { FAKE_EXIT: '7' })], 'failed', 7],
  ['a task killed by a signal', [taskYaml('a', { FAKE_EXIT: 'SEGV' })], 'failed', 139],
  ['a failure that is tried only: fly tells it all the same', [`{try: ${taskYaml('a', { FAKE_EXIT: '7' })}}`], 'succeeded', 7],
  ['the last task counts', [`{try: ${taskYaml('a', { FAKE_EXIT: '7' })}}`, taskYaml('b')], 'succeeded', 0],
  ['a failed task with a hook that succeeds', [`${taskYaml('a', { FAKE_EXIT: '7' }).slice(0, -1)}, on_failure: ${taskYaml('tell')}}`], 'failed', 1],
  ['a timeout', [taskYaml('a', { FAKE_TIMEOUT: '1' })], 'failed', 1],
  ['an error', [taskYaml('a', { FAKE_ERROR: 'executable-not-found' })], 'errored', 2],
  ['an image that is not there', [taskYaml('a', {}, 'missing')], 'errored', 2],
])('%s', async (_what, steps, status, code) => {
  const world = new World(job(...steps))
  expect(await world.run()).toBe(status)
  expect(exitOf(world)).toBe(code)
})

test('an abort', async () => {
  const world = new World(job(taskYaml('a', { FAKE_HANG: '1', FAKE_STDOUT: 'x' })))
  const run = world.run()
  await world.seen('log a')
  void world.store.requestAbort(world.buildId, 0)
  expect(await run).toBe('aborted')
  expect(exitOf(world)).toBe(3)
})

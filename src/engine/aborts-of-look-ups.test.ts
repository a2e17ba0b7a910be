import { expect, test } from 'vitest'
import { taskYaml } from './testing/kit.ts'
import { World } from './testing/world.ts'

/** The build's var `((stuck))` is asked of a credential manager that never answers. */
function stuckWorld(steps: string) {
  const world = new World(`resources: [${steps.includes(': r}') ? '{name: r, type: git, source: {uri: ((stuck))}}' : ''}]\njobs: [{name: j, plan: [${steps}]}]`)
  const asked = Promise.withResolvers<void>()
  const services = {
    ...world.services,
    credentials: {
      varsOf: () => ({
        get: () => {
          asked.resolve()
          return new Promise<never>(() => undefined)
        },
      }),
    },
  }
  return { world, asked: asked.promise, engine: world.engine('server', services) }
}

const steps = {
  get: '{get: r}',
  put: '{put: r}',
  task: taskYaml('t', { TOKEN: '((stuck))' }),
  'image of a task': '{task: t, config: {platform: linux, image_resource: {type: registry-image, source: {repository: ((stuck))}}, run: {path: x}}}',
  load_var: '{load_var: v, file: ((stuck))}',
  set_pipeline: '{set_pipeline: p, file: ((stuck))}',
  across: `{across: [{var: v, values: ((stuck))}], ${taskYaml('t').slice(1)}`,
}

test.each(Object.entries(steps))('an abort while a var of %s is looked up ends the build, and its hooks run', async (_kind, step) => {
  const { world, asked, engine } = stuckWorld(`{do: [${step}], on_abort: ${taskYaml('hook')}}`)
  const run = world.run(engine)
  await asked
  void world.store.requestAbort(world.buildId, 0)
  expect(await run).toBe('aborted')
  expect(world.started()).toEqual(['hook'])
})

test('an abort after a restart does not wait for the vars of steps that have ended', async () => {
  const world = new World(`resources: [{name: r, type: git, source: {token: ((token))}}]\njobs: [{name: j, plan: [{get: r}, ${taskYaml('t', { FAKE_HOLD: 'go' })}]}]`)
  const vars = { get: () => Promise.resolve({ kind: 'found' as const, value: 'k7-token', secret: true }) }
  const one = world.engine('one', { ...world.services, credentials: { varsOf: () => vars } })
  await one.claim()
  await world.seen('start-task t')
  await one.stop()
  const asked = Promise.withResolvers<void>()
  const stuck = { varsOf: () => ({ get: () => (asked.resolve(), new Promise<never>(() => undefined)) }) }
  const run = world.run(world.engine('two', { ...world.services, credentials: stuck }))
  await asked.promise
  void world.store.requestAbort(world.buildId, 0)
  expect(await run).toBe('aborted')
})

import { expect, test } from 'vitest'
import { fakeTracing } from '../lib/testing/fake-tracing.ts'
import { taskYaml } from './testing/kit.ts'
import { World } from './testing/world.ts'

const job = (...steps: string[]) => `
jobs: [{name: j, plan: [${steps.join(', ')}]}]`
const envOf = (world: World) => world.services.runtime.started.map(({ assignment }) => assignment.process.env.filter((pair) => pair.startsWith('TRACEPARENT=')))

test('a build is a span, its steps are below it, and each step sees its own as TRACEPARENT', async () => {
  const tracing = fakeTracing()
  const world = new World(job(`{in_parallel: [${taskYaml('a')}, ${taskYaml('b')}]}`), {}, { tracing })
  expect(await world.run()).toBe('succeeded')
  const of = { team_name: 'main', pipeline: 'p', job: 'j', build_id: String(world.buildId) }
  const [build, ...below] = tracing.spans
  const steps = below.filter(({ name }) => name === 'task')
  expect(build).toMatchObject({ name: 'build', parent: undefined, ended: 1, attributes: { ...of, build: '1', resumed: false, status: 'succeeded' } })
  expect(steps.map(({ attributes: { name } }) => name)).toEqual(['a', 'b'])
  for (const step of steps) expect(step).toMatchObject({ name: 'task', parent: build?.traceparent, attributes: { ...of, status: 'succeeded' } })
  const images = below.filter(({ name }) => name === 'check')
  expect(images.map(({ parent }) => parent).toSorted()).toEqual(steps.map(({ traceparent }) => traceparent).toSorted())
  expect(envOf(world).toSorted()).toEqual(steps.map(({ traceparent }) => [`TRACEPARENT=${traceparent}`]).toSorted())
})

test('a step that errors says why, without secrets', async () => {
  const tracing = fakeTracing()
  const world = new World(job(taskYaml('a', { TOKEN: '((secret))' })), {}, { tracing })
  world.services.runtime.beforeCreate = () => Promise.resolve({ kind: 'lost', message: 'node hunter2-hunter2 is silent', mayStillRun: true })
  expect(await world.run()).toBe('errored')
  expect(tracing.spans.filter(({ name }) => name !== 'check').map(({ name, error }) => [name, error])).toEqual([['build', undefined], ['task', 'node ((redacted)) is silent (its process may still run)']])
})

test("a task's own TRACEPARENT gives way to the build's, and stays where nothing is traced", async () => {
  const own = { TRACEPARENT: '00-1-2-01' }
  const tracing = fakeTracing()
  const traced = new World(job(taskYaml('a', own)), {}, { tracing })
  await traced.run()
  expect(envOf(traced)).toEqual([[`TRACEPARENT=${tracing.spans[1]?.traceparent ?? ''}`]])
  const plain = new World(job(taskYaml('a', own)))
  await plain.run()
  expect(envOf(plain)).toEqual([['TRACEPARENT=00-1-2-01']])
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { Engine } from './engine.ts'
import type { PipelineFromStep } from '../model/set-pipeline.ts'
import type { EventWrite } from '../model/build.ts'
import { joinedEventLines, stepNames } from './testing/event-lines.ts'
import { contextOf, fakeServices, filesOf, planOf, taskYaml, type FakeServices } from './testing/kit.ts'
import { MemoryStore, memoryScope } from './testing/memory-store.ts'
import { Life, mortalRuntime, mortalStore } from './testing/mortal.ts'

const types = 'resource_types: [{name: custom, type: registry-image, source: {repository: acme/custom}}]'
const resources = `resources:
- {name: repo, type: custom, source: {stderr: "cloning\\nwith ((secret))", split: 3}}
- {name: release, type: custom, source: {stderr: pushing}}`

const sequential = `
${types}
${resources}
jobs:
- name: long
  plan:
  - get: repo
  - ${taskYaml('first', { FAKE_STDOUT: 'one\ntwo — drei\nhunter2-hunter2\nlast', FAKE_SPLIT: '5' })}
  - try: {task: shaky, attempts: 2, params: {FAKE_EXIT: "3", FAKE_STDERR: broken}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: alpine}}, run: {path: make}}}
  - {put: release, params: {token: ((secret)), from: repo/x}}
  - do:
    - ${taskYaml('inner', { FAKE_STDOUT: 'inner says' })}
    - ${taskYaml('fails', { FAKE_EXIT: '7', FAKE_STDOUT: 'no', FAKE_STDERR: 'really no' })}
    timeout: 1h
    on_failure: ${taskYaml('tell', { FAKE_STDOUT: 'it failed: hunter2-hunter2' })}
    ensure: ${taskYaml('clean', { FAKE_STDOUT: 'cleaned' })}
  - ${taskYaml('never')}
`

const parallel = `
${types}
${resources}
jobs:
- name: wide
  plan:
  - in_parallel:
      limit: 2
      steps:
      - {get: repo, on_success: ${taskYaml('after-get', { FAKE_STDOUT: 'got' })}}
      - ${taskYaml('left', { FAKE_STDOUT: 'l1\nl2', FAKE_SPLIT: '2' })}
      - {do: [${taskYaml('right', { FAKE_STDOUT: 'r' })}, ${taskYaml('right-2', { FAKE_STDERR: 'r2' })}]}
  - {put: release, no_get: true}
  - ${taskYaml('end', { FAKE_STDOUT: 'end' })}
`

const imageTask = (name: string, inputs: string) => `{task: ${name}, image: app, config: {platform: linux, inputs: [${inputs}], run: {path: x}}}`
const images = `
resources: [{name: app, type: registry-image, source: {repository: example/app, stderr: "unpacking ((secret))", split: 3}}]
jobs:
- name: images
  plan:
  - get: app
  - ${imageTask('run-from', '')}
  - in_parallel: [${imageTask('read', '{name: app}')}, ${imageTask('read-too', '{name: app}')}]
`

const loading = `
${resources.replaceAll('custom', 'mock')}
- {name: app, type: registry-image, source: {repository: example/app}}
jobs:
- name: loads
  plan:
  - {get: repo}
  - {get: app, params: {format: oci}}
  - {load_var: dir, file: repo/dir, reveal: true}
  - {load_var: token, file: "((.:dir))/token.json"}
  - {load_var: tag, file: app/tag, reveal: true}
  - ${taskYaml('tells', { FAKE_STDOUT: 'in ((.:dir)) at ((.:tag)): ((.:token.secret))', FAKE_SPLIT: '4' })}
  - ${taskYaml('repeats', { FAKE_STDOUT: 'k9-loaded-token' })}
  - {put: release, params: {tag: ((.:tag))}, no_get: true}
  - {load_var: broken, file: repo/broken.json}
`

const crossing = `
resources: [{name: repo, type: mock, source: {}}]
jobs:
- name: crosses
  plan:
  - {get: repo}
  - {load_var: list, file: repo/list.yml}
  - do:
    - {load_var: own, file: "repo/((.:dir))", reveal: true}
    - ${taskYaml('t-((.:name))-((.:exit))', { FAKE_STDOUT: '((.:name)) ((.:exit)) ((.:own))', FAKE_SPLIT: '3', FAKE_EXIT: '((.:exit))' })}
    across:
    - {var: name, values: ((.:list)), max_in_flight: 2}
    - {var: exit, values: [0, 1]}
    - {var: dir, values: [dir]}
    on_failure: ${taskYaml('told', { FAKE_STDOUT: 'k8-listed-one' })}
  - ${taskYaml('never')}
`

const setting = `
resources: [{name: repo, type: mock, source: {}}]
jobs:
- name: sets
  plan:
  - {get: repo}
  - {set_pipeline: child, file: repo/child.yml, vars: {path: "((secret))"}}
  - {try: {set_pipeline: child, file: repo/dir}}
  - {set_pipeline: child, file: repo/child.yml, vars: {path: again}, attempts: 2}
  - {set_pipeline: child, file: repo/child.yml, vars: {path: again}}
  - ${taskYaml('after', {})}
  ensure: {set_pipeline: self, file: repo/child.yml, vars: {path: self}}
`

const childYaml = '{jobs: [{name: c, plan: [{task: t, config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: ((path))}}}]}]}'

const files = filesOf((path) => {
  const text = { dir: 'repo\n', 'token.json': '{"secret": "k9-loaded-token"}', tag: 'v7', 'list.yml': '[k8-listed-one, k8-listed-two]', 'broken.json': '{', 'child.yml': childYaml }[path]
  return Promise.resolve(text === undefined ? undefined : Buffer.from(text))
})

const vars = ['secret=hunter2-hunter2']

interface World {
  readonly store: MemoryStore
  readonly services: FakeServices
  readonly buildId: number
  readonly names: ReadonlyMap<string, string>
}

function worldOf(text: string, prepareAhead = 1): World {
  const planned = planOf(text)
  const store = new MemoryStore()
  return { store, services: fakeServices({ prepareAhead }, { clock: fakeClock(), artifacts: files }), buildId: store.insertStarted({ kind: 'job', scope: memoryScope }, contextOf(planned, vars)), names: stepNames(planned.plan) }
}

/** One server's life; it ends with the build or with its death. */
async function live({ store, services, buildId }: World, life: Life): Promise<void> {
  const pipelines = { set: (pipeline: PipelineFromStep) => life.during('before a pipeline is set', () => services.pipelines.set(pipeline), 'after a pipeline is set') }
  const engine = new Engine({ ...services, pipelines, runtime: mortalRuntime(services.runtime, life) }, mortalStore(store, life), 'server')
  const claimed = await engine.claim(buildId)
  if (claimed === undefined) throw new Error('nothing to claim')
  await Promise.race([claimed.end.then(() => engine.stop()), life.ended])
}

function freeLease({ store, buildId }: World): void {
  store.row(buildId).leaseUntil = 0
}

/** What must be the same however often the server died. */
function outcome({ store, services, buildId, names }: World, perStep: boolean) {
  const row = store.row(buildId)
  return {
    status: row.status,
    events: perStep ? byStep(row.events).flatMap((events) => joinedEventLines(events, names)) : joinedEventLines(row.events, names),
    started: services.runtime.started.map(({ spec }) => `${spec.type} ${spec.metadata.planId}`).toSorted(),
    left: [...services.runtime.containers.keys()],
  }
}

/** Branches run side by side: each step's own events have an order, theirs among each other none. */
function byStep(events: readonly EventWrite[]): EventWrite[][] {
  const steps = new Map<string, EventWrite[]>()
  for (const event of events) {
    const id = (JSON.parse(event.payload) as { origin?: { id: string } }).origin?.id ?? ''
    steps.set(id, [...(steps.get(id) ?? []), event])
  }
  return [...steps].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own)
}

async function undisturbed(text: string, perStep: boolean) {
  const world = worldOf(text)
  const life = new Life()
  await live(world, life)
  return { expected: outcome(world, perStep), points: life.points }
}

test('an undisturbed build that loads vars shows what it reveals, and nothing else', async () => {
  const { expected } = await undisturbed(loading, false)
  expect(expected.status).toBe('errored')
  expect(expected.events).toContain('log tells stdout "in repo at v7: ((redacted))\\n"')
  expect(expected.events.join('\n')).not.toContain('k9-loaded')
})

test('an undisturbed across runs every combination, each in its own scope', async () => {
  const { expected } = await undisturbed(crossing, true)
  expect(expected.status).toBe('failed')
  expect(expected.started.filter((line) => line.startsWith('task'))).toHaveLength(5)
  expect(expected.events.filter((line) => line.startsWith('across-substeps'))).toHaveLength(1)
  expect(expected.events.join('\n')).not.toContain('k8-listed')
})

test('an undisturbed build that sets pipelines says what changes, without secrets', async () => {
  const { expected, points } = await undisturbed(setting, false)
  expect(expected.status).toBe('succeeded')
  expect(expected.events.filter((line) => line.startsWith('set-pipeline-changed'))).toEqual([
    'set-pipeline-changed set_pipeline:child {"changed":true}',
    'set-pipeline-changed set_pipeline:child#1 {"changed":true}',
    'set-pipeline-changed set_pipeline:child {"changed":false}',
    'set-pipeline-changed set_pipeline:self {"changed":true}',
  ])
  expect(expected.events.join('\n')).not.toContain('hunter2')
  expect(points).toContain('after a pipeline is set')
})

test('an undisturbed long build', async () => {
  const { expected, points } = await undisturbed(sequential, false)
  expect(expected).toMatchObject({ status: 'failed', left: [] })
  expect(new Set(expected.started).size).toBe(expected.started.length)
  expect(expected.events.join('\n')).not.toContain('hunter2')
  expect(points).toEqual(
    expect.arrayContaining([
      'before a commit', 'after a commit', 'before task is created', 'after task reported in', 'before a guess is created', 'after a guess reported in',
      'before assign is sent', 'before records', 'before records are acknowledged', 'after exit', 'before release', 'before list',
    ]),
  )
})

for (const [name, text, perStep] of [['a long build', sequential, false], ['parallel branches', parallel, true], ['an image that is found, run from and downloaded', images, true], ['vars that are loaded', loading, false], ['an across', crossing, true], ['pipelines that are set', setting, false]] as const) {
  test(`${name}: kill -9 at every point leaves the same build`, async () => {
    const { expected, points } = await undisturbed(text, perStep)
    for (let kill = 1; kill <= points.length; kill += 1) {
      const world = worldOf(text)
      const first = new Life((_point, count) => count === kill)
      await live(world, first)
      if (world.store.row(world.buildId).status === 'started') {
        freeLease(world)
        await live(world, new Life())
      } else await removeAfterEnd(world)
      expect(outcome(world, perStep), `killed at point ${kill}: ${first.points.at(-1)}`).toEqual(expected)
    }
  })

  test(`${name}: a server that dies at every tenth of its points, again and again`, async () => {
    const { expected } = await undisturbed(text, perStep)
    for (const stride of [7, 11, 17, 23]) {
      const world = worldOf(text)
      for (let lives = 0; lives < 200 && world.store.row(world.buildId).status === 'started'; lives += 1) {
        freeLease(world)
        await live(world, new Life((_point, count) => count === stride + lives))
      }
      await removeAfterEnd(world)
      expect(outcome(world, perStep), `stride ${stride}`).toEqual(expected)
    }
  })

  test(`${name}: a refused commit ends the run, and the next one goes on`, async () => {
    const { expected } = await undisturbed(text, perStep)
    for (let refuse = 1; ; refuse += 1) {
      const world = worldOf(text)
      let commits = 0
      world.store.beforeCommit = () => {
        commits += 1
        if (commits === refuse) throw new Error('the database is away')
      }
      const engine = new Engine(world.services, world.store, 'server')
      const claimed = await engine.claim(world.buildId)
      const end = await claimed?.end.then(() => 'ended', (error: Error) => error.message)
      if (end === 'ended') break
      expect(end).toBe('the database is away')
      freeLease(world)
      const again = await engine.claim(world.buildId)
      await again?.end
      await engine.stop()
      expect(outcome(world, perStep), `commit ${refuse} refused`).toEqual(expected)
    }
  })
}

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

interface Shape {
  readonly kind: string
  readonly inner: readonly Shape[]
  readonly exit: string
}

const shapes = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ kind: fc.constant('task'), inner: fc.constant([]), exit: fc.constantFrom('0', '0', '0', '5', 'error') }),
    fc.record({
      kind: fc.constantFrom('do', 'in_parallel', 'one at a time', 'try', 'retry', 'timeout', 'on_success', 'on_failure', 'on_error', 'on_abort', 'ensure'),
      inner: fc.array(tie('shape'), { minLength: 2, maxLength: 3 }),
      exit: fc.constant('0'),
    }),
  ),
})).shape

/** A step as JSON, which is YAML; every task has a name of its own. */
function stepOf(shape: Shape, path: string): object {
  const [first, second] = shape.inner.map((inner, index) => stepOf(inner, `${path}-${index}`))
  switch (shape.kind) {
    case 'task':
      return {
        task: path, params: { FAKE_STDOUT: `${path} says`, ...(shape.exit === 'error' ? { FAKE_ERROR: 'start-failed' } : { FAKE_EXIT: shape.exit }) },
        config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'b' } }, run: { path: 'x' } },
      }
    case 'do':
      return { do: [first, second] }
    case 'in_parallel':
      return { in_parallel: { steps: [first, second] } }
    case 'one at a time':
      return { in_parallel: { limit: 1, fail_fast: true, steps: [first, second] } }
    case 'try':
      return { try: first }
    case 'retry':
      return { do: [first], attempts: 2 }
    case 'timeout':
      return { do: [first, second], timeout: '1h' }
    default:
      return { do: [first], [shape.kind]: second }
  }
}

test('any plan, whatever the deaths of its servers, is the same build', async () => {
  const strides = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(2), strides, async (shape, prepareAhead, lives) => {
      const text = `jobs: [{name: j, plan: ${JSON.stringify([stepOf(shape, 't')])}}]`
      const expected = worldOf(text)
      await live(expected, new Life())
      const world = worldOf(text, prepareAhead)
      for (const stride of [...lives, Infinity]) {
        if (world.store.row(world.buildId).status !== 'pending' && world.store.row(world.buildId).status !== 'started') break
        freeLease(world)
        await live(world, new Life((_point, count) => count === stride))
      }
      await removeAfterEnd(world)
      expect(outcome(world, true)).toEqual(outcome(expected, true))
    }),
    { numRuns: 300 },
  )
}, 60_000)

/** A server that died after its build's end leaves containers to the sweep, which is not part of the engine. */
async function removeAfterEnd({ services }: World): Promise<void> {
  for (const { handle } of await services.runtime.list()) await services.runtime.remove(handle)
}

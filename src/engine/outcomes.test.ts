import { expect, test } from 'vitest'
import { fail, ok } from '../model/result.ts'
import { fakeArtifact } from '../runtime/fake/script.ts'
import { artifactsOf, filesOf, taskYaml } from './testing/kit.ts'
import { memoryScope } from './testing/memory-store.ts'
import { World } from './testing/world.ts'

const job = (...steps: string[]) => `
jobs: [{name: j, plan: [${steps.join(', ')}]}]`
const config = (name: string, more: string) => `{task: ${name}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, run: {path: x}, ${more}}}`
const errors = (world: World) => world.lines().filter((line) => line.startsWith('error'))
const messages = (world: World) => errors(world).map((line) => (JSON.parse(line.slice(line.indexOf('{'))) as { message: string }).message)

test.each<[string, string[], string, string[]]>([
  ['a missing input', [config('a', 'inputs: [{name: repo}, {name: other}]')], 'errored', ['missing inputs: repo, other']],
  ['undefined vars, all at once', [config('a', 'params: {A: ((nope)), B: "x ((neither)) y"}')], 'errored', ['undefined vars: neither, nope']],
  ['a timeout of the task', [taskYaml('a', { FAKE_TIMEOUT: '1' })], 'failed', ['timeout exceeded']],
  ['an executable that is not there', [taskYaml('a', { FAKE_ERROR: 'executable-not-found' })], 'errored', ['executable-not-found (fake)']],
  ['an image that cannot be pulled', [taskYaml('a', {}, 'unpullable')], 'errored', [expect.stringContaining('pull refused')]],
  ['an output that is not there', [`${config('a', 'outputs: [{name: out}], params: {FAKE_NO_OUTPUT: out}')}`], 'errored', ['output out: it does not exist (fake)']],
  ['fail_fast', [`{in_parallel: {fail_fast: true, steps: [${taskYaml('slow', { FAKE_HANG: '1' })}, ${taskYaml('bad', { FAKE_EXIT: '1' })}]}}`], 'failed', ['interrupted']],
  ['a step and its ensure hook, both errored', [`${config('a', 'inputs: [{name: x}]').slice(0, -1)}, ensure: ${config('h', 'inputs: [{name: z}]')}}`], 'errored', ['missing inputs: x', 'missing inputs: z']],
])('%s', async (_what, steps, status, expected) => {
  const world = new World(job(...steps))
  expect(await world.run()).toBe(status)
  expect(messages(world)).toEqual(expected)
  expect(world.left()).toEqual([])
})

test('an error is shown once per step, however often the build is run on', async () => {
  const world = new World(job(`{in_parallel: {steps: [${config('a', 'inputs: [{name: x}]')}, ${taskYaml('b', { FAKE_HOLD: 'go', FAKE_STDOUT: 'x' })}]}}`))
  for (const owner of ['one', 'two', 'three']) {
    const engine = world.engine(owner)
    await engine.claim()
    await world.seen('start-task b')
    await engine.stop()
  }
  world.services.runtime.let('go')
  expect(await world.run(world.engine('four'))).toBe('errored')
  expect(messages(world)).toEqual(['missing inputs: x'])
  expect(world.lines().filter((line) => line.startsWith('finish-task'))).toEqual(['finish-task b {"exit_status":0}'])
})

test('outputs of a failed task are there for its hooks, and under their mapped names', async () => {
  const world = new World(job(`{task: a, output_mapping: {out: report}, params: {FAKE_EXIT: "1"}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, run: {path: x}, outputs: [{name: out}]}, on_failure: ${config('h', 'inputs: [{name: report}]')}}`))
  expect(await world.run()).toBe('failed')
  const [first, hook] = world.services.runtime.started
  expect(hook?.assignment.inputs).toEqual([{ name: 'report', path: expect.stringMatching(/\/report$/), artifact: fakeArtifact(`${first?.assignment.id}/out`) }])
})

test('a put sees what steps before it made; what it made is fetched by the get behind it', async () => {
  const world = new World(`
resources: [{name: release, type: mock, source: {}}]
jobs: [{name: j, plan: [${config('a', 'outputs: [{name: out}, {name: other}]')}, {put: release, params: {file: out/x.tgz, make: "9"}}, ${config('c', 'inputs: [{name: release}]')}]}]`)
  expect(await world.run()).toBe('succeeded')
  const [, put, get, task] = world.services.runtime.started
  expect(put?.assignment.inputs.map(({ name, path }) => [name, path])).toEqual([['out', '/tmp/build/put/out']])
  expect(JSON.parse(put?.assignment.stdin ?? '')).toEqual({ source: {}, params: { file: 'out/x.tgz', make: '9' } })
  expect(JSON.parse(get?.assignment.stdin ?? '')).toEqual({ source: {}, version: { made: '9' } })
  expect(task?.assignment.inputs.map(({ name }) => name)).toEqual(['release'])
})

test('task caches belong to a job: a one-off build has none', async () => {
  const yaml = job(config('a', 'caches: [{path: .m2}]'))
  const world = new World(yaml)
  const again = new World(yaml, {}, { taskCaches: world.services.taskCaches })
  const oneOff = new World(yaml, {}, { taskCaches: world.services.taskCaches })
  Object.assign(oneOff.row, { kind: 'one-off', scope: { teamId: memoryScope.teamId } })
  for (const each of [world, again, oneOff]) expect(await each.run()).toBe('succeeded')
  const cacheOf = ({ services }: World) => services.runtime.started[0]?.assignment.caches[0]?.artifact
  expect(cacheOf(world)).toBeUndefined()
  expect(cacheOf(again)).toEqual(fakeArtifact(`${world.services.runtime.started[0]?.assignment.id}/cache:.m2`))
  expect(cacheOf(oneOff)).toBeUndefined()
})

test('a resource cache hit starts no container; other params, version or source miss it', async () => {
  const yaml = (source: string, params: string) => `
resources: [{name: repo, type: git, source: ${source}}]
jobs: [{name: j, plan: [{get: repo, params: ${params}}]}]`
  const first = new World(yaml('{a: "1", b: "2"}', '{p: 1}'))
  expect(await first.run()).toBe('succeeded')
  const caches = { resourceCaches: first.services.resourceCaches }
  for (const [source, params, containers] of [['{b: "2", a: "1"}', '{p: 1}', 0], ['{a: "1", b: "2"}', '{p: 2}', 1], ['{a: "1"}', '{p: 1}', 1]] as const) {
    const world = new World(yaml(source, params), {}, caches)
    expect(await world.run()).toBe('succeeded')
    expect(world.services.runtime.creations, `${source} ${params}`).toHaveLength(containers)
    expect(world.lines()).toContain('finish-get get:repo {"exit_status":0,"version":{"ref":"v1"},"metadata":[]}')
  }
})

test('a get that was aborted leaves no cache and no artifact', async () => {
  const world = new World(`
resources: [{name: repo, type: git, source: {hang: x, stderr: cloning}}]
jobs: [{name: j, plan: [{get: repo, on_abort: ${config('h', 'inputs: [{name: repo, optional: true}]')}}]}]`)
  const run = world.run()
  await world.seen('log get:repo')
  void world.store.requestAbort(world.buildId, 0)
  expect(await run).toBe('aborted')
  expect(errors(world)).toEqual(['error get:repo {"message":"interrupted"}'])
  expect(world.services.runtime.started[1]?.assignment.inputs).toEqual([])
  const again = new World(`
resources: [{name: repo, type: git, source: {stderr: cloning}}]
jobs: [{name: j, plan: [{get: repo}]}]`, {}, { resourceCaches: world.services.resourceCaches })
  expect(await again.run()).toBe('succeeded')
  expect(again.started()).toEqual(['repo'])
})

test('base types come from the map and never reach fetchImage', async () => {
  const world = new World(`
resources: [{name: repo, type: git, source: {}}]
jobs: [{name: j, plan: [{get: repo}]}]`)
  expect(await world.run()).toBe('succeeded')
  expect(world.services.images.checks).toEqual([])
  expect(world.services.runtime.creations[0]?.image).toContain('concourse/git-resource')
})

test('a task file is read from an artifact, with the step’s vars; errors of it name file and place', async () => {
  const files = new Map([['ci/t.yml', 'platform: linux\nimage_resource: {type: registry-image, source: {repository: ((image))}}\nrun: {path: make, args: [((name))]}'], ['ci/bad.yml', 'platform: linux\nrun: {path: [}']])
  const artifacts = filesOf((path) => Promise.resolve(files.has(path) ? new TextEncoder().encode(files.get(path)) : undefined))
  const run = async (step: string) => {
    const world = new World(`
resources: [{name: repo, type: git, source: {}}]
jobs: [{name: j, plan: [{get: repo}, ${step}]}]`, {}, { artifacts })
    await world.run()
    return world
  }
  const good = await run('{task: t, file: repo/ci/t.yml, vars: {image: golang}}')
  expect(good.row.status).toBe('succeeded')
  expect(good.services.runtime.started[1]?.assignment.process).toMatchObject({ path: 'make', args: ['world'] })
  expect(messages(await run('{task: t, file: repo/ci/t.yml}'))).toEqual([expect.stringContaining('undefined vars: image')])
  for (const file of ['repo//ci/t.yml', 'repo/./ci/t.yml', 'repo/x/..//ci/t.yml']) {
    expect(messages(await run(`{task: t, file: ${file}, vars: {image: golang}}`))).toEqual([])
  }
  for (const file of ['repo//', 'repo/.', 'repo/', '/ci/t.yml']) {
    expect(messages(await run(`{task: t, file: ${file}}`))).toEqual([`task file "${file}" does not specify where the file lives: write an artifact and a path in it, as in "repo/ci/task.yml"`])
  }
  expect(messages(await run('{task: t, file: repo/nope.yml}'))).toEqual([`task file "repo/nope.yml": file 'nope.yml' not found within artifact 'repo'`])
  expect(messages(await run('{task: t, file: repo/ci/bad.yml}'))[0]).toMatch(/^repo\/ci\/bad\.yml:2:\d+: /)
})

test('whole numbers above 2^53 in the params of a task file keep their digits', async () => {
  const text = 'platform: linux\nimage_resource: {type: registry-image, source: {repository: b}}\nrun: {path: make}\nparams: {CHANNEL: 1098765432109876543, LIST: [18446744073709551615, 1]}\n'
  const world = new World(`
resources: [{name: repo, type: git, source: {}}]
jobs: [{name: j, plan: [{get: repo}, {task: t, file: repo/t.yml}]}]`, {}, { artifacts: filesOf(() => Promise.resolve(new TextEncoder().encode(text))) })
  expect(await world.run()).toBe('succeeded')
  expect(world.services.runtime.started[1]?.assignment.process.env).toEqual(['CHANNEL=1098765432109876543', 'LIST=[18446744073709551615,1]'])
})

test('a variable that Linux would refuse is named with its size and the limit, and no process is started', async () => {
  const world = new World(job(`{task: t, params: {KEYSTORE: ${'k'.repeat(131_072)}}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, run: {path: x}}}`))
  expect(await world.run()).toBe('errored')
  expect(messages(world)).toEqual([expect.stringMatching(/^the variable KEYSTORE has 131081 bytes, its name included, and Linux starts no process with one of more than 131071: /)])
  expect(world.started()).toEqual([])
})

test('a store of artifacts that cannot read tells why', async () => {
  const world = new World(`
resources: [{name: repo, type: git, source: {}}]
jobs: [{name: j, plan: [{get: repo}, {task: t, file: repo/t.yml}]}]`, {}, { artifacts: artifactsOf(() => Promise.resolve(fail({ kind: 'too-large', message: 'it is larger than 1 MiB' }))) })
  expect(await world.run()).toBe('errored')
  expect(messages(world)).toEqual(['task file "repo/t.yml": it is larger than 1 MiB'])
})

test('an image that an artifact holds is run, and one that is not there is told', async () => {
  const world = new World(job(config('make', 'outputs: [{name: img}]'), '{task: t, image: img, config: {platform: linux, run: {path: x}}}', '{task: u, image: other, config: {platform: linux, run: {path: x}}}'))
  expect(await world.run()).toBe('errored')
  expect(world.services.runtime.started[1]?.spec.image).toMatchObject({ kind: 'artifact', name: 'img' })
  expect(messages(world)).toEqual(['missing image artifact source: other; a get or a task before it must make it'])
})

test('a task without run.path runs the image’s entrypoint', async () => {
  const world = new World(job('{task: t, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, run: {args: [x]}}}'))
  const { images } = world.services
  const image = images.image.bind(images)
  images.image = async (request) => {
    const found = await image(request)
    if (!found.ok) return found
    return ok({ ...found.value, config: { ...found.value.config, cmd: ['serve'], user: 'app', env: ['A=1'] } })
  }
  await world.run()
  expect(messages(world)).toEqual([])
  expect(world.services.runtime.started[0]?.assignment.process).toMatchObject({ path: '/entrypoint', args: ['serve', 'x'], user: 'app', env: ['A=1'] })
})

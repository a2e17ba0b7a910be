import { describe, expect, test } from 'vitest'
import { ok } from '../model/result.ts'
import { FakeRuntime } from '../runtime/fake/runtime.ts'
import { refusedPlan } from './artifact-image-uses.ts'
import { fakeServices, planOf } from './testing/kit.ts'
import { World } from './testing/world.ts'

const why = 'nodes pull from registries only; --image-registry names one'
const refusing = () => new FakeRuntime({ nativeImageFetch: true, noArtifactImages: why })
const lines = (text: string, native = true) => {
  const services = fakeServices({ nativeImageFetch: native }, { runtime: refusing() })
  return refusedPlan(services, planOf(text).plan)?.split('\n  - ')
}
const types = 'resource_types: [{name: own, type: registry-image, source: {repository: own}}, {name: deep, type: own, source: {}}]'
const resources = { r: 'type: own, source: {}', d: 'type: deep, source: {}', app: 'type: registry-image, source: {repository: app}', base: 'type: mock, source: {}' }
const job = (...steps: string[]) => {
  const used = Object.entries(resources).filter(([name]) => new RegExp(`[gp][eu]t: ${name}}`).test(steps.join(' ')))
  return `${types}\nresources: [${used.map(([name, rest]) => `{name: ${name}, ${rest}}`).join(', ')}]\njobs: [{name: j, plan: [${steps.join(', ')}]}]`
}
const task = (name: string, image: string) => `{task: ${name}, config: {platform: linux, image_resource: ${image}, run: {path: x}}}`

describe('a runtime that cannot run images that are artifacts', () => {
  test('refuses a task whose image another step makes, or fetches as files', () => {
    const from = (name: string) => `{task: t, image: ${name}, config: {platform: linux, run: {path: x}}}`
    expect(lines(job(from('made')))).toEqual([why, 'task t: its image is artifact made'])
    expect(lines(job('{get: r}', from('r')))).toEqual([why, 'task t: its image is artifact r'])
    expect(lines(job('{get: app}', from('app')))).toBeUndefined()
    expect(lines(job('{get: app}', from('app')), false)).toEqual([why, 'task t: its image is artifact app'])
  })

  test('refuses images that get steps fetch, wherever they stand', () => {
    expect(lines(job('{get: base}', '{get: r}', '{put: r}', task('t', '{type: registry-image, source: {repository: app}}')))).toBeUndefined()
    expect(lines(job('{get: d}'))).toEqual([why, 'get d: the image of type deep is fetched by a get step'])
    expect(lines(job('{do: [{try: {get: base}}], on_failure: {put: d}}'))).toEqual([why, 'put d: the image of type deep is fetched by a get step', 'get d: the image of type deep is fetched by a get step'])
    expect(lines(job(task('t', '{type: own, source: {}}')))).toEqual([why, 'task t: its image is fetched by a get step'])
    expect(lines(job('{get: base}', '{get: r}', task('t', '{type: registry-image, source: {repository: app}}')), false)).toEqual([
      why, 'get r: the image of type own is fetched by a get step', 'task t: its image is fetched by a get step',
    ])
  })

  test('errors a build before any step of it, and a task whose file says so before its image is fetched', async () => {
    const world = new World(job('{get: base}', '{task: t, image: base, config: {platform: linux, run: {path: x}}}'), {}, { runtime: refusing() })
    expect(await world.run()).toBe('errored')
    expect(world.started()).toEqual([])
    expect(world.lines().join('\n')).toContain('task t: its image is artifact base')
    const files = { readFile: () => Promise.resolve(ok(Buffer.from('{platform: linux, image_resource: {type: own, source: {}}, run: {path: x}}'))) }
    const later = new World(job('{get: base}', '{task: t, file: base/task.yml}'), {}, { runtime: refusing(), artifacts: files })
    expect(await later.run()).toBe('errored')
    expect(later.started()).toEqual(['base'])
    expect(later.lines().join('\n')).toContain(`image image is an artifact: ${why}`)
  })
})

test('an image that is an artifact runs with the variables, the user and the architectures that it names', async () => {
  const world = new World(job('{get: base}', '{task: t, image: base, config: {platform: linux, run: {path: x}}}'), {}, {
    artifactImages: {
      describe: (_artifact, name) =>
        Promise.resolve(ok({ config: { entrypoint: [], cmd: [], env: [`NAMED=${name}`], user: 'app', workingDir: '' }, architectures: ['arm64'] })),
    },
  })
  expect(await world.run()).toBe('succeeded')
  const ran = world.services.runtime.started.at(-1)
  expect(ran?.spec).toMatchObject({ image: { kind: 'artifact', name: 'base' }, architectures: ['arm64'] })
  expect(ran?.assignment.process).toMatchObject({ user: 'app', env: ['NAMED=base'] })
})

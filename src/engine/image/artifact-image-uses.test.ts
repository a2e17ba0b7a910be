import { describe, expect, test } from 'vitest'
import { emptyImageConfig } from '../../model/image.ts'
import { ok } from '../../model/result.ts'
import { FakeRuntime } from '../../runtime/fake/runtime.ts'
import { refusedImages } from './artifact-image-uses.ts'
import { fakeServices, filesOf, planOf } from '../testing/kit.ts'
import { World } from '../testing/world.ts'

const why = 'nodes pull from registries only; --image-registry names one'
const refusing = () => new FakeRuntime({ nativeImageFetch: true, noArtifactImages: why })
const { signal } = new AbortController()
const lines = async (text: string, native = true) => {
  const services = fakeServices({ nativeImageFetch: native }, { runtime: refusing() })
  const refused = await refusedImages(services, planOf(text).plan, signal, () => undefined)
  return refused?.split('\n  - ')
}
const types = 'resource_types: [{name: own, type: registry-image, source: {repository: own}}, {name: deep, type: own, source: {}}]'
const resources = { r: 'type: own, source: {}', d: 'type: deep, source: {}', app: 'type: registry-image, source: {repository: app}', base: 'type: mock, source: {}' }
const job = (...steps: string[]) => {
  const used = Object.entries(resources).filter(([name]) => new RegExp(`[gp][eu]t: ${name}}`).test(steps.join(' ')))
  return `${types}\nresources: [${used.map(([name, rest]) => `{name: ${name}, ${rest}}`).join(', ')}]\njobs: [{name: j, plan: [${steps.join(', ')}]}]`
}
const task = (name: string, image: string) => `{task: ${name}, config: {platform: linux, image_resource: ${image}, run: {path: x}}}`

describe('a runtime that cannot run images that are artifacts', () => {
  test('refuses a task whose image another step makes, or fetches as files', async () => {
    const from = (name: string) => `{task: t, image: ${name}, config: {platform: linux, run: {path: x}}}`
    expect(await lines(job(from('made')))).toEqual([why, 'task t: its image is artifact made'])
    expect(await lines(job('{get: r}', from('r')))).toEqual([why, 'task t: its image is artifact r'])
    expect(await lines(job('{get: app}', from('app')))).toBeUndefined()
    expect(await lines(job('{get: app}', from('app')), false)).toEqual([why, 'task t: its image is artifact app'])
  })

  test('refuses images that get steps fetch, wherever they stand', async () => {
    expect(await lines(job('{get: base}', '{get: r}', '{put: r}', task('t', '{type: registry-image, source: {repository: app}}')))).toBeUndefined()
    expect(await lines(job('{get: d}'))).toEqual([why, 'get d: the image of type deep is fetched by a get step'])
    expect(await lines(job('{do: [{try: {get: base}}], on_failure: {put: d}}'))).toEqual([why, 'put d: the image of type deep is fetched by a get step', 'get d: the image of type deep is fetched by a get step'])
    expect(await lines(job(task('t', '{type: own, source: {}}')))).toEqual([why, 'task t: its image is fetched by a get step'])
    expect(await lines(job('{get: base}', '{get: r}', task('t', '{type: registry-image, source: {repository: app}}')), false)).toEqual([
      why, 'get r: the image of type own is fetched by a get step', 'task t: its image is fetched by a get step',
    ])
  })

  test('errors a build before any step of it, and a task whose file says so before its image is fetched', async () => {
    const world = new World(job('{get: base}', '{task: t, image: base, config: {platform: linux, run: {path: x}}}'), {}, { runtime: refusing() })
    expect(await world.run()).toBe('errored')
    expect(world.started()).toEqual([])
    expect(world.lines().join('\n')).toContain('task t: its image is artifact base')
    const files = filesOf(() => Promise.resolve(Buffer.from('{platform: linux, image_resource: {type: own, source: {}}, run: {path: x}}')))
    const later = new World(job('{get: base}', '{task: t, file: base/task.yml}'), {}, { runtime: refusing(), artifacts: files })
    expect(await later.run()).toBe('errored')
    expect(later.started()).toEqual(['base'])
    expect(later.lines().join('\n')).toContain(`image image is an artifact: ${why}`)
  })
})

describe('a runtime of which that must be found out', () => {
  const made = '{task: t, image: base, config: {platform: linux, run: {path: x}}}'
  /** Whoever asks waits until the answer is given. */
  const asked = (text: string, options: { readonly nativeImageFetch?: boolean } = {}) => {
    const answer = Promise.withResolvers<string | undefined>()
    const signals: AbortSignal[] = []
    const world = new World(text, options, {
      artifactImages: {
        describe: () => Promise.resolve(ok({ config: emptyImageConfig, architectures: [] })),
        refusal: async (signal, onWait) => {
          signals.push(signal)
          onWait('trying whether nodes can pull')
          const aborted = new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
          return Promise.race([answer.promise, aborted])
        },
      },
    })
    return { world, answer: answer.resolve, signals }
  }

  test('is waited for before the build begins, which its log says; and then the build runs, or is refused', async () => {
    for (const refused of [undefined, why]) {
      const { world, answer } = asked(job('{get: base}', made))
      const run = world.run()
      await world.seen('log  stderr {"payload":"trying whether')
      expect(world.started()).toEqual([])
      answer(refused)
      expect(await run).toBe(refused === undefined ? 'succeeded' : 'errored')
      expect(world.started()).toEqual(refused === undefined ? ['base', 't'] : [])
      expect(world.lines().join('\n').includes(`${why}\\n  - task t`)).toBe(refused !== undefined)
    }
  })

  test('is not asked by a build that needs none', async () => {
    const { world, signals } = asked(job('{get: base}', '{get: r}'))
    expect(await world.run()).toBe('succeeded')
    expect(signals).toEqual([])
  })

  test('is waited for by the step where only its file says so', async () => {
    const files = filesOf(() => Promise.resolve(Buffer.from('{platform: linux, image_resource: {type: own, source: {}}, run: {path: x}}')))
    const { world, answer } = asked(job('{get: base}', '{task: t, file: base/task.yml}'))
    Object.assign(world.services, { artifacts: files })
    const run = world.run()
    await world.seen('log t/image-get stderr {"payload":"trying whether')
    expect(world.started()).toEqual(['base'])
    answer(why)
    expect(await run).toBe('errored')
    expect(world.lines().join('\n')).toContain(`image image is an artifact: ${why}`)
  })

  test('does not hold up an abort', async () => {
    const { world } = asked(job('{get: base}', made))
    const run = world.run()
    await world.seen('log  stderr {"payload":"trying whether')
    void world.store.requestAbort(world.buildId, 0)
    expect(await run).toBe('aborted')
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

import { expect, test, describe } from 'vitest'
import { createHash } from 'node:crypto'
import type { ImageUse, PolicyAnswer } from '../ports.ts'
import { World } from '../testing/world.ts'

const sha = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

const types = 'resource_types: [{name: own, type: registry-image, source: {repository: own-image}}]'
const resources = { r: 'type: own, source: {}', base: 'type: mock, source: {}', app: 'type: registry-image, source: {repository: app}' }
const job = (...steps: string[]): string => {
  const used = Object.entries(resources).filter(([name]) => steps.some((step) => new RegExp(`(?:get|put): ${name}\\b`).test(step)))
  return `${types}\nresources: [${used.map(([name, rest]) => `{name: ${name}, ${rest}}`).join(', ')}]\njobs: [{name: j, plan: [${steps.join(', ')}]}]`
}
const task = (name: string, image: string): string => `{task: ${name}, config: {platform: linux, ${image}run: {path: x}}}`
const imageOf = (repository: string, type = 'registry-image'): string => `image_resource: {type: ${type}, source: {repository: ${repository}, versions: [{digest: d}]}}, `
const made = '{task: build, config: {platform: linux, image_resource: {type: registry-image, source: {repository: builder}}, outputs: [{name: img}], run: {path: x}}}'

describe('the image policy is asked', () => {
  const paths: [name: string, steps: string[], native: boolean, Partial<ImageUse>][] = [
    ['about a task’s image', [task('t', imageOf('app'))], true, { type: 'registry-image', image: `example.test/app:latest@${sha('app')}` }],
    ['about a type’s image', ['{get: r}'], true, { type: 'registry-image', image: `example.test/own-image:latest@${sha('own-image')}` }],
    ['about a base type’s image', ['{put: base, no_get: true}'], true, { type: 'mock', image: `example.test/concourse/mock-resource:latest@${sha('concourse/mock-resource')}` }],
    ['about an image that a get finds', ['{get: app}'], true, { type: 'registry-image', image: expect.stringContaining('example.test/app') as string }],
    ['about a privileged image', [`{task: t, privileged: true, config: {platform: linux, ${imageOf('app')}run: {path: x}}}`], true, { privileged: true }],
    ['about an artifact', [made, '{task: t, image: img, config: {platform: linux, run: {path: x}}}'], true, { type: 'artifact', image: 'img' }],
    ['about an image that a get fetches, native images off', [task('t', imageOf('app'))], false, { type: 'registry-image', image: 'app' }],
    ['about an image that nodes cannot pull', [task('t', imageOf('unlisted'))], true, { type: 'registry-image', image: 'unlisted' }],
    ['about an image of a type of its own', [task('t', imageOf('app', 'own'))], true, { type: 'own', image: 'app' }],
  ]

  const world = (steps: string[], native: boolean, answer: (use: ImageUse) => PolicyAnswer, prepareAhead = 0) => {
    const asked: ImageUse[] = []
    const imagePolicy = {
      check: (use: ImageUse) => {
        asked.push(use)
        return Promise.resolve(answer(use))
      },
    }
    return { asked, made: new World(job(...steps), { nativeImageFetch: native, prepareAhead }, { imagePolicy }) }
  }
  const fits = (use: ImageUse, expected: Partial<ImageUse>): boolean => {
    try {
      expect(use).toMatchObject(expected)
      return true
    } catch {
      return false
    }
  }

  test.each(paths)('%s, once, and may allow', async (_name, steps, native, expected) => {
    const { asked, made: allowed } = world(steps, native, () => ({ kind: 'allow' }))
    expect(await allowed.run()).toBe('succeeded')
    const fitting = asked.filter((use) => fits(use, expected))
    expect(fitting).toHaveLength(1)
    expect(fitting[0]).toMatchObject({ action: 'UseImage', team: 'main', pipeline: 'p', job: 'j', privileged: expected.privileged ?? false })
  })

  test.each(paths)('%s, and denies: nothing is pulled, fetched or run', async (_name, steps, native, expected) => {
    const { made: denied } = world(steps, native, (use) => (fits(use, expected) ? { kind: 'deny', reason: 'not from there' } : { kind: 'allow' }), 1)
    expect(await denied.run()).toBe('errored')
    expect(denied.lines().join('\n')).toMatch(/the image policy denies [^"]+: not from there/)
    const started = denied.services.runtime.creations.map(({ stepName, image }) => `${stepName} ${image}`)
    expect(started.filter((line) => line.includes(String(expected.image).replace(/^.*example\.test\//, '')) || line.startsWith('t '))).toEqual([])
  })

  test.each(paths)('%s, and warns: the log says it, and the build goes on', async (_name, steps, native, expected) => {
    const { made: warned } = world(steps, native, (use) => (fits(use, expected) ? { kind: 'warn', reason: 'too old' } : { kind: 'allow' }))
    expect(await warned.run()).toBe('succeeded')
    expect(warned.lines().filter((line) => /log .*the image policy warns against [^"]+: too old/.test(line))).toHaveLength(1)
  })

  test.each([true, false])('with the source, but for secrets and credentials (native: %s)', async (native) => {
    const source = "{repository: app, versions: [{digest: d}], tag: '((name))', username: me, password: pw-canary, aws_secret_access_key: key-canary, note: 'is ((secret))', registry_mirror: {host: m, password: mirror-canary}}"
    const { asked, made: allowed } = world([`{task: t, config: {platform: linux, image_resource: {type: registry-image, source: ${source}}, run: {path: x}}}`], native, () => ({ kind: 'allow' }))
    expect(await allowed.run()).toBe('succeeded')
    const hidden = '((redacted))'
    expect(asked.find((use) => use.source['repository'] === 'app')).toMatchObject({
      source: { repository: 'app', tag: 'world', username: hidden, password: hidden, aws_secret_access_key: hidden, note: `is ${hidden}`, registry_mirror: { host: 'm', password: hidden } },
    })
    expect(JSON.stringify(asked)).not.toMatch(/canary|hunter2/)
  })

  test.each([true, false])('with the repository that a secret var gives, which the log does not show (native: %s)', async (native) => {
    const source = "{repository: 'me:pw-canary@((secret))', tag: '((name))'}"
    const { asked, made: denied } = world([`{task: t, config: {platform: linux, image_resource: {type: registry-image, source: ${source}}, run: {path: x}}}`], native, (use) =>
      use.source['repository'] === 'hunter2-hunter2' ? { kind: 'deny', reason: `not ${use.image}` } : { kind: 'allow' },
    )
    expect(await denied.run()).toBe('errored')
    expect(JSON.stringify(asked)).not.toContain('canary')
    expect(denied.lines().join('\n')).toMatch(/the image policy denies/)
    expect(denied.lines().join('\n')).not.toMatch(/hunter2/)
  })

  test('one that fails denies', async () => {
    const failing = new World(job(task('t', imageOf('app'))), {}, { imagePolicy: { check: () => Promise.reject(new Error('its secret words')) } })
    expect(await failing.run()).toBe('errored')
    expect(failing.lines().join('\n')).toContain('it did not answer')
    expect(failing.lines().join('\n')).not.toContain('its secret words')
  })
})

describe('an image that only the node can find', () => {
  test('is pulled by its tag; the digest is said, and saved as a version of its check', async () => {
    const world = new World(job(task('t', imageOf('beyond'))))
    expect(await world.run()).toBe('succeeded')
    expect(world.services.runtime.started[0]?.spec.image).toMatchObject({ reference: 'example.test/beyond:1' })
    const found = sha('example.test/beyond:1')
    expect(world.lines().join('\n')).toContain(`the node found example.test/beyond:1 to be ${found}`)
    expect([...world.services.versions.scopes.values()]).toEqual([[{ tag: '1', digest: found }]])
  })

  test('is never prepared ahead, and what a type of it fetches is not cached', async () => {
    const text = 'resource_types: [{name: own, type: registry-image, source: {repository: beyond}}]\nresources: [{name: r, type: own, source: {}}]\n' +
      `jobs: [{name: j, plan: [${task('first', imageOf('app'))}, {get: r}, {get: again, resource: r}, ${task('last', imageOf('beyond'))}]}]`
    const world = new World(text, { prepareAhead: 1 })
    expect(await world.run()).toBe('succeeded')
    expect(world.started()).toEqual(['first', 'r', 'again', 'last'])
    expect(world.services.runtime.creations.map(({ stepName }) => stepName)).toEqual(['first', 'r', 'again', 'last'])
  })
})

describe('an image that nodes cannot pull', () => {
  test('is downloaded by the get of a resource, and serves as an image so', async () => {
    const text = 'resources: [{name: app, type: registry-image, source: {repository: unlisted}}]\njobs: [{name: j, plan: [{get: app}, {task: t, image: app, config: {platform: linux, run: {path: x}}}]}]'
    const world = new World(text)
    expect(await world.run()).toBe('succeeded')
    expect(world.started()).toEqual(['app', 't'])
    expect(world.services.runtime.started[1]?.spec.image).toMatchObject({ kind: 'artifact', name: 'app' })
    expect(world.lines()).toContain('log get:app stderr {"payload":"nodes cannot pull unlisted\\n"}')
  })
})

test('an image is checked from the version that its last check found, by guesses too', async () => {
  const world = new World(job(task('first', imageOf('app')), task('second', imageOf('app')), task('third', imageOf('app'))), { prepareAhead: 1 })
  expect(await world.run()).toBe('succeeded')
  const [first, ...later] = world.services.images.from
  expect(first).toBeUndefined()
  // Each of the others by its guess and by itself; the first guess may come before the first check has ended.
  expect(later.length).toBeGreaterThanOrEqual(2)
  expect(later.at(-1)).toEqual({ tag: 'latest', digest: sha('app') })
  expect(later.filter((from) => from === undefined).length).toBeLessThanOrEqual(1)
})

test('a base type’s image without a tag is `latest`: nobody chooses among its tags', async () => {
  const world = new World(job('{put: base, no_get: true}'))
  const asked: unknown[] = []
  const { images } = world.services
  const image = images.image.bind(images)
  images.image = (request) => {
    asked.push(request.source)
    return image(request)
  }
  expect(await world.run()).toBe('succeeded')
  expect(asked).toContainEqual({ repository: 'concourse/mock-resource', tag: 'latest' })
})

test('a base type’s image is asked for as the operator’s, with the whole source that was configured', async () => {
  const mock = { repository: 'registry.example/mock', insecure: true }
  const world = new World(job('{put: base, no_get: true}'), { baseTypes: new Map([['mock', mock]]) })
  const asked: unknown[] = []
  const { images } = world.services
  const image = images.image.bind(images)
  images.image = (request) => {
    asked.push([request.source, request.by])
    return image(request)
  }
  expect(await world.run()).toBe('succeeded')
  expect(asked).toContainEqual([mock, 'operator'])
})

test('a container that checks and fetches an image itself is given the source that is meant for containers', async () => {
  const text = (repository: string) => `resources: [{name: app, type: registry-image, source: {repository: ${repository}}}]\njobs: [{name: j, plan: [{get: app}, {put: app, no_get: true}]}]`
  const mirrors = async (repository: string) => {
    const world = new World(text(repository), { nativeImageFetch: false })
    expect(await world.run()).toBe('succeeded')
    return world.services.runtime.started.map(({ assignment }) => (JSON.parse(assignment.stdin ?? '{}') as { source: { registry_mirror?: { host: string } } }).source.registry_mirror?.host)
  }
  expect(await mirrors('mirrored')).toEqual(['mirror.example', 'mirror.example'])
  expect(await mirrors('other')).toEqual([undefined, undefined])
})

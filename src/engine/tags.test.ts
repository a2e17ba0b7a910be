import { expect, test } from 'vitest'
import { FakeRuntime } from '../runtime/fake/runtime.ts'
import { refusedTags, withTags } from './tags.ts'
import { fakeServices, planOf } from './testing/kit.ts'
import { World } from './testing/world.ts'

const image = 'config: {platform: linux, image_resource: {type: registry-image, source: {repository: app, versions: [{tag: latest, digest: "sha256:2"}]}}, run: {path: x}}'
const text = `
resource_types: [{name: custom, type: registry-image, source: {repository: custom, versions: [{tag: latest, digest: "sha256:1"}]}, tags: [types]}]
resources: [{name: repo, type: custom, source: {}}, {name: plain, type: mock, source: {}}]
jobs:
- name: j
  plan:
  - {get: plain, tags: [net]}
  - {put: repo, tags: [gpu, net], no_get: true}
  - try: {task: t, tags: ["gpu-((.:model))", arm], ${image}, across: [{var: model, values: [1]}]}
  - {task: anywhere, ${image}}
`
const uses = (...offered: string[]) => refusedTags(planOf(text).plan, new Set(offered))?.split('\n  - ').slice(1)

test('each step that asks for a tag which is not offered is named, with the tags that lack', () => {
  expect(uses('net', 'types')).toEqual(['put repo: gpu', 'task t: arm'])
  expect(uses('net', 'types', 'gpu', 'arm')).toBeUndefined()
  expect(uses()).toContain('get plain: net')
  expect(refusedTags(planOf(text).plan, 'all')).toBeUndefined()
  expect(refusedTags(planOf(text).plan, new Set())).toContain('--tag NAME of airside run and airside web')
})

test('a build runs up to the step that asks for a tag which is not offered', async () => {
  const runtime = new FakeRuntime()
  const refused = new World(text)
  expect(await refused.run(refused.engine('server', { ...fakeServices({}, { runtime }), runtime: withTags(runtime, new Set(['net', 'types'])) }))).toBe('errored')
  expect(runtime.started.map(({ spec }) => spec.metadata.stepName)).toEqual(['plain'])
  expect(refused.lines().filter((line) => line.startsWith('error'))).toEqual([expect.stringMatching(/^error put:repo .*it lacks gpu/)])
})

test('containers are made with the tags of their steps, each once and sorted, and hermetic ones only for hermetic tasks', async () => {
  const world = new World(text.replace('{task: anywhere,', '{task: anywhere, hermetic: true, tags: [b, a, b],'), { nativeImageFetch: false, prepareAhead: 1 })
  const status = await world.run()
  expect(world.lines().filter((line) => line.startsWith('error'))).toEqual([])
  expect(status).toBe('succeeded')
  const made = world.services.runtime.started.map(({ spec }) => [`${spec.type} ${spec.metadata.stepName}`, spec.tags, spec.hermetic])
  expect(made).toContainEqual(['get plain', ['net'], undefined])
  expect(made).toContainEqual(['put repo', ['gpu', 'net'], undefined])
  expect(made).toContainEqual(['task t', ['arm', 'gpu-1'], undefined])
  expect(made).toContainEqual(['task anywhere', ['a', 'b'], true])
  // Its image is checked where it runs, and with a network.
  expect(made).toContainEqual(['check image', ['a', 'b'], undefined])
  expect(made).toContainEqual(['check custom', ['types'], undefined])
})

test('a prepared container is that of the step, tags and hermetic too', async () => {
  const world = new World(`jobs: [{name: j, plan: [{task: first, ${image}}, {task: second, tags: [gpu], hermetic: true, ${image}}]}]`, { prepareAhead: 1 })
  expect(await world.run()).toBe('succeeded')
  const second = world.services.runtime.creations.filter(({ stepName }) => stepName === 'second')
  expect(second).toHaveLength(1)
})

test('tags that are known at a step’s turn only are refused then, and a step that has begun is adopted', async () => {
  const runtime = withTags(new FakeRuntime(), new Set(['gpu']))
  const signal = new AbortController().signal
  const spec = { handle: 'h', type: 'task', image: { kind: 'registry', reference: 'r/i:1', host: 'r' }, architectures: [], privileged: false, limits: {}, metadata: { team: 'main', buildId: 1, buildName: '1', planId: '1', stepName: 't' }, guess: false } as const
  const prepare = (tags: string[], adopting = false) => runtime.prepare({ ...spec, tags }, { signal, onReason: () => undefined, adopting })
  expect(await prepare(['arm', 'gpu'])).toMatchObject({ ok: false, error: { kind: 'rejected', message: expect.stringContaining('it lacks arm') as string } })
  expect((await prepare(['gpu'])).ok).toBe(true)
  expect(await prepare(['arm'], true)).not.toMatchObject({ error: { kind: 'rejected' } })
})

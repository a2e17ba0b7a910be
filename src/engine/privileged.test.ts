import { describe, expect, test } from 'vitest'
import { ok } from '../model/result.ts'
import { FakeRuntime } from '../runtime/fake/runtime.ts'
import { refusedPrivileges, withoutPrivileged } from './privileged.ts'
import { fakeServices, filesOf, planOf } from './testing/kit.ts'
import { World } from './testing/world.ts'

const types = 'resource_types: [{name: mighty, type: registry-image, privileged: true, source: {repository: m}}, {name: deep, type: mighty, source: {}}]'
const resources = { strong: 'type: mighty', below: 'type: deep', plain: 'type: mock' }
const job = (...steps: string[]) => {
  const used = Object.entries(resources).filter(([name]) => new RegExp(`[gp][eu]t: ${name}`).test(steps.join(' ')))
  return `${types}\nresources: [${used.map(([name, type]) => `{name: ${name}, ${type}, source: {}}`).join(', ')}]\njobs: [{name: j, plan: [${steps.join(', ')}]}]`
}
const image = (type: string) => `config: {platform: linux, image_resource: {type: ${type}, source: {repository: app}}, run: {path: x}}`
const uses = (...steps: string[]) => refusedPrivileges(planOf(job(...steps)).plan)?.split('\n  - ').slice(1)

describe('where privileged: true is not allowed', () => {
  test('every step that asks for it is named, wherever it stands, and who can allow it', () => {
    expect(uses('{get: plain}', `{task: t, ${image('registry-image')}}`)).toBeUndefined()
    expect(uses(`{try: {task: t, privileged: true, ${image('registry-image')}}}`)).toEqual(['task t'])
    expect(uses(`{task: t, privileged: true, ${image('registry-image')}, across: [{var: v, values: [1]}]}`)).toEqual(['task t'])
    expect(uses('{get: strong}', '{put: strong}')).toEqual(['get strong: its resource type mighty is privileged', 'put strong: its resource type mighty is privileged'])
    expect(uses('{get: below}')).toEqual(['check deep: its resource type mighty is privileged', 'get deep: its resource type mighty is privileged'])
    expect(uses(`{task: t, ${image('mighty')}}`)).toEqual(['check image: its resource type mighty is privileged', 'get image: its resource type mighty is privileged'])
    expect(refusedPrivileges(planOf(job('{get: strong}')).plan)).toMatch(/Whoever runs Airside can allow it.*--allow-privileged/)
  })

  test('a build runs up to the step that asks for it; with the operator’s word it runs on', async () => {
    const text = job('{get: plain}', '{get: strong}', `{task: t, privileged: true, ${image('registry-image')}}`)
    const runtime = new FakeRuntime()
    const refused = new World(text)
    expect(await refused.run(refused.engine('server', { ...fakeServices({}, { runtime }), runtime: withoutPrivileged(runtime) }))).toBe('errored')
    expect(runtime.started.map(({ spec }) => spec.metadata.stepName)).toEqual(['plain'])
    expect(refused.lines().filter((line) => line.startsWith('error'))).toEqual([expect.stringMatching(/^error get:strong .*--allow-privileged of airside run and airside web \(its resource type has privileged: true\)/)])
    const allowed = new World(text)
    expect(await allowed.run()).toBe('succeeded')
    expect(allowed.services.runtime.started.map(({ spec }) => spec.privileged)).toEqual([false, true, true])
  })

  test('O5: no privileged container is made, also when only a task’s file asks for one', async () => {
    const runtime = new FakeRuntime()
    const artifacts = filesOf(() => Promise.resolve(Buffer.from('{platform: linux, image_resource: {type: mighty, source: {}}, run: {path: x}}')))
    const world = new World(job('{get: plain}', '{task: t, file: plain/task.yml}'))
    const services = { ...fakeServices({}, { artifacts, runtime }), runtime: withoutPrivileged(runtime) }
    expect(await world.run(world.engine('server', services))).toBe('errored')
    expect(runtime.started.map(({ spec }) => spec.metadata.stepName)).toEqual(['plain'])
    expect(runtime.creations.map(({ stepName }) => stepName)).toEqual(['plain'])
    expect(world.lines().join('\n')).toContain('Whoever runs Airside can allow it')
  })

  test('a privileged container whose step has begun is taken over', async () => {
    const prepared: boolean[] = []
    const runtime = {
      prepare: (_spec: unknown, { adopting = false }) => {
        prepared.push(adopting)
        return Promise.resolve(ok('a container'))
      },
    }
    const signal = new AbortController().signal
    const prepare = (adopting: boolean) => withoutPrivileged(runtime as never).prepare({ privileged: true } as never, { signal, onReason: () => undefined, adopting })
    expect(await prepare(true)).toEqual(ok('a container'))
    expect(await prepare(false)).toMatchObject({ ok: false, error: { kind: 'rejected' } })
    expect(prepared).toEqual([true])
  })
})

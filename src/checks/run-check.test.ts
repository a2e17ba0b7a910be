import { expect, test } from 'vitest'
import { parsePipeline } from '../config/parse-pipeline.ts'
import type { EngineOptions } from '../engine/build-context.ts'
import { decodeStoredBuild } from '../engine/stored-build.ts'
import { fakeServices } from '../engine/testing/kit.ts'
import { until } from '../engine/testing/world.ts'
import { fakeClock } from '../lib/clock.ts'
import { isMemoryBuild } from '../model/build.ts'
import { CheckHub } from './hub.ts'
import { CheckRunner } from './run-check.ts'
import type { CheckService } from './service.ts'
import { aResource } from './testing/a-resource.ts'
import { MemoryChecks } from './testing/memory-checks.ts'
import { MemoryScopes } from './testing/memory-scopes.ts'

const types = `
resource_types:
- {name: inner, type: registry-image, source: {repository: inner-image}}
`

function world(yaml: string, options: Partial<EngineOptions> = {}) {
  const { config, findings } = parsePipeline(yaml, { file: 'p.yml' })
  if (config === undefined) throw new Error(JSON.stringify(findings))
  const clock = fakeClock(1_000_000)
  const [scopes, store] = [new MemoryScopes(), new MemoryChecks()]
  const hub = new CheckHub(scopes, store, clock)
  const services = { ...fakeServices(options, { clock }), versions: hub.versions }
  const configs = { of: ({ configVersion }: { configVersion?: number }) => Promise.resolve(configVersion === 1 ? config : undefined) }
  const runner = new CheckRunner({ services, configs, runtime: { kind: 'fake' }, owner: 'test' })
  const told: string[] = []
  hub.attach(runner, { onVersions: (id: number) => told.push(`versions of ${id}`), onBuildEnd: () => told.push('build') } as unknown as CheckService)
  return { runner, services, runtime: services.runtime, scopes, store, hub, clock, told }
}

test('the queue of a server is that of its service, and empty before it has one', () => {
  const { runner, hub } = world('resources: []\njobs: [{name: j, plan: [{task: t, file: x/t.yml}]}]')
  const queue = { waiting: 3, oldestMs: 7_000, running: 2 }
  hub.attach(runner, { queue } as unknown as CheckService)
  expect([hub.queue, new CheckHub(new MemoryScopes(), new MemoryChecks(), fakeClock()).queue]).toEqual([queue, { waiting: 0, oldestMs: 0, running: 0 }])
})

test('a registry image is checked without a container, and nothing is left of a check that finds nothing new', async () => {
  const { runner, runtime, scopes, store, told } = world('resources: [{name: r, type: registry-image, source: {repository: busybox}}]\njobs: [{name: j, plan: [{get: r}]}]')
  const first = await runner.run(aResource())
  expect(first).toMatchObject({ news: true, end: { scopeId: 1 }, build: { status: 'succeeded' } })
  expect(scopes.pointers.get('1/r')).toBe(scopes.scopes[0]?.key)
  expect([store.woken, told]).toEqual([1, ['versions of 1']])
  const second = await runner.run(aResource())
  expect(second).toMatchObject({ news: false, build: { status: 'succeeded' } })
  expect(runtime.creations).toEqual([])
  expect([store.builds, store.saved, store.shown]).toEqual([[], [], []])
})

test('a time is checked without a container, once for each interval', async () => {
  const { runner, runtime, clock } = world('resources: [{name: r, type: time, source: {interval: 2m}}, {name: bad, type: time, source: {interval: soon}}]\njobs: [{name: j, plan: [{get: r}, {get: bad}]}]')
  expect(await runner.run(aResource())).toMatchObject({ news: true, build: { status: 'succeeded' } })
  await clock.advance(119_999)
  expect(await runner.run(aResource())).toMatchObject({ news: false, build: { status: 'succeeded' } })
  await clock.advance(1)
  expect(await runner.run(aResource())).toMatchObject({ news: true })
  expect(await runner.run(aResource({ id: 2, name: 'bad' }))).toMatchObject({ end: { error: expect.stringContaining('interval "soon" is no duration') as string }, build: { status: 'errored' } })
  expect(runtime.creations).toEqual([])
})

test.each([
  ['the operator has another image for', '', { timeInProcess: false }],
  ['the pipeline has its own type named', 'resource_types: [{name: time, type: registry-image, source: {repository: own}}]\n', {}],
])('%s time: it is checked in a container', async (_why, types, options) => {
  const { runner, runtime } = world(`${types}resources: [{name: r, type: time, source: {versions: [{time: now}]}}]\njobs: [{name: j, plan: [{get: r}]}]`, { baseTypes: new Map([['time', 'example/time'], ['registry-image', 'example/image']]), ...options })
  expect(await runner.run(aResource())).toMatchObject({ news: true, build: { status: 'succeeded' } })
  expect(runtime.creations.map(({ type }) => type)).toEqual(['check'])
})

test('a custom type is checked in a container, from the pin or the latest, and fails with what it says', async () => {
  const { runner, runtime, scopes } = world(`${types}resources: [{name: r, type: inner, source: {versions: [{ref: a}]}}, {name: bad, type: inner, source: {exit: 3, stderr: "no route to host"}}]\njobs: [{name: j, plan: [{get: r}, {get: bad}]}]`)
  expect(await runner.run(aResource({ pin: { ref: 'pinned' } }))).toMatchObject({ news: true })
  expect(await runner.run(aResource())).toMatchObject({ news: false })
  const asked = runtime.started.map(({ assignment }) => (JSON.parse(assignment.stdin ?? '') as { version?: object }).version)
  expect(asked).toEqual([{ ref: 'pinned' }, { ref: 'a' }])
  expect(runtime.started.every(({ spec }) => isMemoryBuild(spec.metadata.buildId))).toBe(true)

  const failed = await runner.run(aResource({ id: 2, name: 'bad' }))
  expect(failed).toMatchObject({ news: false, end: { error: '/opt/resource/check exited with status 3' }, build: { status: 'failed' } })
  expect(failed?.build.events.map(({ payload }) => payload).join()).toContain('no route to host')
  expect(decodeStoredBuild(failed?.build.context ?? {})).toMatchObject({ ok: true, value: { runtime: { kind: 'fake' } } })
  expect(scopes.scopes.find(({ key }) => key === scopes.pointers.get('1/bad'))?.order).toEqual([])
})

test('C6: the image of its type is checked within the type’s interval once, for all that need it', async () => {
  const { runner, services, clock, scopes } = world(`${types}resources: [{name: r, type: inner, source: {versions: [{ref: a}]}}, {name: s, type: inner, source: {versions: [{ref: b}]}}]\njobs: [{name: j, plan: [{get: r}, {get: s}]}]`)
  await runner.run(aResource())
  await runner.run(aResource({ id: 2, name: 's' }))
  expect(services.images.checks).toHaveLength(1)
  expect(scopes.pointers.get('1/resource-type inner')).toBe(scopes.scopes.find(({ order }) => order.some((version) => 'digest' in version))?.key)
  await clock.advance(60_001)
  await runner.run(aResource())
  expect(services.images.checks).toHaveLength(2)
})

test('a source that cannot be filled in is a failure that names the var', async () => {
  const { runner, scopes } = world('resources: [{name: r, type: registry-image, source: {repository: ((missing))}}]\njobs: [{name: j, plan: [{get: r}]}]')
  const ran = await runner.run(aResource())
  expect(ran?.end).toBeUndefined()
  expect(ran).toMatchObject({ message: expect.stringContaining('missing'), build: { status: 'errored' } })
  expect(scopes.scopes).toEqual([])
})

test('a config that has been set anew is not checked by the old one', async () => {
  const { runner } = world('resources: [{name: r, type: registry-image, source: {repository: busybox}}]\njobs: [{name: j, plan: [{get: r}]}]')
  expect(await runner.run(aResource({ configVersion: 2 }))).toBeUndefined()
  expect(await runner.run(aResource({ name: 'gone' }))).toBeUndefined()
})

test('output of a check is kept up to a bound', async () => {
  const { runner } = world(`${types}resources: [{name: r, type: inner, source: {exit: 1, stderr: "${'x'.repeat(200_000)}"}}]\njobs: [{name: j, plan: [{get: r}]}]`)
  const events = (await runner.run(aResource()))?.build.events ?? []
  const bytes = events.reduce((sum, { payload }) => sum + payload.length, 0)
  expect(bytes).toBeLessThan(150_000)
  expect(events.map(({ payload }) => payload).join()).toContain('further output of this check is not kept')
  expect(events.at(-1)).toMatchObject({ type: 'status' })
})

test('stopping ends a check that runs, and its container goes', async () => {
  const { runner, runtime, store } = world(`${types}resources: [{name: r, type: inner, source: {hold: go}}]\njobs: [{name: j, plan: [{get: r}]}]`)
  const running = runner.run(aResource())
  await until(() => runtime.started.length > 0)
  await runner.stop()
  expect(await running).toBeUndefined()
  expect([...runtime.containers.values()]).toEqual([])
  expect(store.builds).toEqual([])
})

test('a check that finds what the last one found asks the database nothing', async () => {
  const { runner, scopes, services, clock } = world('resources: [{name: r, type: registry-image, source: {repository: busybox}}]\njobs: [{name: j, plan: [{get: r}]}]')
  let asked = 0
  for (const method of ['enter', 'save'] as const) {
    const original = scopes[method].bind(scopes) as (...args: never[]) => Promise<never>
    scopes[method] = (...args: never[]) => {
      asked += 1
      return original(...args)
    }
  }
  const check = async () => {
    await clock.advance(60_000)
    const before = asked
    const ran = await runner.run(aResource())
    return { asked: asked - before, news: ran?.news, status: ran?.build.status }
  }
  expect(await check()).toEqual({ asked: 2, news: true, status: 'succeeded' })
  expect(await check()).toEqual({ asked: 2, news: false, status: 'succeeded' })
  expect(await check()).toEqual({ asked: 0, news: false, status: 'succeeded' })
  services.images.digests.set('busybox', `sha256:${'1'.repeat(64)}`)
  expect(await check()).toEqual({ asked: 1, news: true, status: 'succeeded' })
  expect(await check()).toEqual({ asked: 2, news: false, status: 'succeeded' })
  expect(await check()).toEqual({ asked: 0, news: false, status: 'succeeded' })
  // Somebody has cleared its versions.
  for (const scope of scopes.scopes) scope.order = []
  expect(await runner.run(aResource({ hasVersions: false }))).toMatchObject({ news: true })
  // It points to another scope, or to none: it is entered again.
  const moved = await runner.run(aResource({ scopeId: 77 }))
  expect(moved?.end?.scopeId).toBe(1)
  expect(scopes.pointers.get('1/r')).toBe(scopes.scopes[0]?.key)
  expect(asked).toBeGreaterThan(9)
})

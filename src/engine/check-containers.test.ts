import { expect, test } from 'vitest'
import { WaitingCheckContainers } from '../checks/check-containers.ts'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import type { Container } from '../runtime/contract.ts'
import { digestOf } from './content-digest.ts'
import { Engine } from './engine.ts'
import { memoryScope } from './testing/memory-store.ts'
import { contextOf, planOf } from './testing/kit.ts'
import { Life, mortalRuntime, mortalStore } from './testing/mortal.ts'
import { until, World } from './testing/world.ts'

/** Types whose images come from a type of the pipeline's own, so that these images are checked in containers: one for each resource's step. */
const pipeline = (first: string, second: string, jobs = '[{get: one}, {get: two}]'): string => `
resource_types:
- {name: inner, type: registry-image, source: {repository: inner-image}}
- {name: a, type: inner, source: {${first}}}
- {name: b, type: inner, source: {${second}}}
resources: [{name: one, type: a, source: {}}, {name: two, type: b, source: {}}]
jobs: [{name: j, plan: ${jobs}}]`

const versions = 'versions: [{digest: d}]'

function worldOf(text: string) {
  const clock = fakeClock()
  const checkContainers = new WaitingCheckContainers(clock, silentLog)
  const world = new World(text, { prepareAhead: 0 }, { clock, checkContainers })
  const { runtime } = world.services
  return {
    world, checkContainers, clock, runtime,
    made: () => runtime.creations.filter(({ type }) => type === 'check').length,
    checks: () => runtime.started.filter(({ spec }) => spec.type === 'check').map(({ assignment }) => assignment.id),
  }
}

test('two checks of one resource config are done in one container, one after the other, which is gone when the server is', async () => {
  const { world, checkContainers, made, checks, runtime } = worldOf(pipeline(versions, versions))
  expect(await world.run()).toBe('succeeded')
  expect(made()).toBe(1)
  const [first = '', second = ''] = checks()
  expect(checks()).toHaveLength(2)
  expect([first.endsWith('.1'), second]).toEqual([true, first.replace(/1$/, '2')])
  expect(world.lines().filter((line) => line.startsWith('finish-check') || /^finish .*check/.test(line)).length).toBe(world.lines().filter((line) => line.startsWith('initialize-check')).length)
  expect(runtime.containers.size).toBe(1) // the build's end left it to the next build
  await checkContainers.close()
  expect(world.left()).toEqual([])
})

test('whoever looks for the container of a check finds it by the check’s resource, from its beginning on', async () => {
  const { world, checkContainers, runtime } = worldOf(pipeline(`${versions}, hold: held`, `${versions}, hold: held`))
  const ended = world.run()
  await until(() => runtime.started.length === 1)
  const [handle = ''] = runtime.containers.keys()
  const { teamId, pipelineId } = memoryScope
  const uses = (...names: string[]) => [{ handle, uses: names.map((name) => ({ teamId, pipelineId, name })) }]
  expect(checkContainers.enterable()).toEqual(uses('a'))
  runtime.let('held')
  expect(await ended).toBe('succeeded')
  expect(checkContainers.enterable()).toEqual(uses('b', 'a'))
  await checkContainers.close()
  expect(checkContainers.enterable()).toEqual([])
})

test('while somebody is in it, the next check is done in a container of its own', async () => {
  const { world, checkContainers, made, runtime, checks } = worldOf(pipeline(`${versions}, hold: held`, `${versions}, hold: held`))
  const ended = world.run()
  await until(() => runtime.started.length === 1)
  const [handle = ''] = runtime.containers.keys()
  const session = checkContainers.enter(handle, { path: 'sh', args: [], env: [] }, { onOutput: () => undefined, signal: new AbortController().signal })
  runtime.let('held')
  expect(await ended).toBe('succeeded')
  expect([made(), checks().length]).toEqual([2, 2])
  expect(runtime.containers.has(handle)).toBe(true)
  await session?.write(Buffer.from('exit 5\n'))
  expect(await session?.result).toEqual({ ok: true, value: { kind: 'exited', status: 5 } })
  await until(() => !runtime.containers.has(handle))
  await checkContainers.close()
  expect(world.left()).toEqual([])
})

test.each([
  ['another source', pipeline(versions, `${versions}, branch: x`)],
  ['other credentials', pipeline(`${versions}, password: one`, `${versions}, password: two`)],
  ['a secret that has another value', pipeline(`${versions}, password: ((secret))`, `${versions}, password: ((name))`)],
])('not with %s', async (_what, text) => {
  const { world, made, checks } = worldOf(text)
  expect(await world.run()).toBe('succeeded')
  expect([made(), checks().length]).toEqual([2, 2])
})

test('not in another image: the type’s tag has moved', async () => {
  const { world, made } = worldOf(pipeline(versions, versions))
  const { images } = world.services
  const check = images.check.bind(images)
  images.check = (...args) => {
    images.digests.set('inner-image', `sha256:${digestOf(images.checks.length)}`)
    return check(...args)
  }
  expect(await world.run()).toBe('succeeded')
  expect(made()).toBe(2)
})

test('the next build finds it, but not another team’s', async () => {
  const { world, made, runtime } = worldOf(pipeline(versions, versions))
  const again = contextOf(planOf(pipeline(versions, versions)))
  const same = world.store.insertStarted({ kind: 'job', scope: memoryScope }, again)
  const others = world.store.insertStarted({ kind: 'job', scope: { ...memoryScope, teamId: 2 } }, again)
  const engine = world.engine()
  for (const [id, expected] of [[world.buildId, 1], [same, 1], [others, 2]] as const) {
    expect((await (await engine.claim(id))?.end)?.status).toBe('succeeded')
    await until(() => [...runtime.containers.values()].every(({ spec }) => spec.type === 'check'))
    expect(made()).toBe(expected)
  }
  await engine.stop()
})

test('a check that failed leaves its container to nobody', async () => {
  const { world, made, runtime } = worldOf(pipeline(`${versions}, exit: 1`, versions, '[{try: {get: one}}, {get: two}]'))
  await world.run()
  expect(made()).toBe(2)
  expect(runtime.containers.size).toBe(1)
})

test('where it has gone meanwhile, the check is done in a new one, and the log says so', async () => {
  const { world, made, runtime, checkContainers } = worldOf(pipeline(versions, versions))
  const take = checkContainers.take.bind(checkContainers)
  checkContainers.take = (key) => {
    const taken = take(key)
    const lost = { kind: 'lost' as const, message: 'the container was removed from outside', mayStillRun: false }
    if (taken === undefined) return undefined
    runtime.containers.delete(taken.container.handle)
    return { ...taken, container: { ...taken.container, assign: () => Promise.resolve({ ok: false as const, error: lost }) } }
  }
  expect(await world.run()).toBe('succeeded')
  expect(made()).toBe(2)
  expect(world.lines().join('\n')).toContain('the container was removed from outside: checking again in a new container')
  expect([...world.row.containers.values()].filter(({ state }) => state === 'removed')).toHaveLength(1)
})

test('kill -9 in the middle of its second check: the next server goes on with that one', async () => {
  const text = pipeline(versions, versions)
  const undisturbed = worldOf(text)
  await undisturbed.world.run()
  for (let kill = 1; ; kill += 1) {
    const { world, runtime, checkContainers, checks, clock } = worldOf(text)
    const life = new Life((_point, count) => count === kill)
    const first = new Engine({ ...world.services, runtime: mortalRuntime(runtime, life) }, mortalStore(world.store, life), 'first')
    const ended = (await first.claim(world.buildId))?.end.then(() => 'ended' as const)
    if ((await Promise.race([ended, life.ended])) === 'ended') break
    if (world.row.status === 'started') {
      world.row.leaseUntil = 0
      const next = new WaitingCheckContainers(clock, silentLog)
      const second = new Engine({ ...world.services, checkContainers: next }, world.store, 'second')
      expect((await (await second.claim(world.buildId))?.end)?.status).toBe('succeeded')
      await second.stop()
      await next.close()
      expect(world.left(), `killed at ${kill}: ${life.points.at(-1)}`).toEqual([])
    }
    expect(world.joinedLines(), `killed at ${kill}: ${life.points.at(-1)}`).toEqual(undisturbed.world.joinedLines())
    expect(checks()).toHaveLength(2)
    expect(checkContainers.take('none')).toBeUndefined()
  }
})

test('a build that ends removes nothing that another one’s check is at work in', async () => {
  const { world, runtime, checkContainers } = worldOf(pipeline(versions, versions))
  const next = world.store.insertStarted({ kind: 'job', scope: memoryScope }, contextOf(planOf(pipeline(versions, versions))))
  const [listed, taken, done] = [Promise.withResolvers<void>(), Promise.withResolvers<string>(), Promise.withResolvers<void>()]
  const { list } = runtime
  runtime.list = async () => {
    await listed.promise
    return list.call(runtime)
  }
  const engine = world.engine()
  expect((await (await engine.claim(world.buildId))?.end)?.status).toBe('succeeded')
  const take = checkContainers.take.bind(checkContainers)
  checkContainers.take = (key) => {
    const container = take(key)
    if (container !== undefined) taken.resolve(container.container.handle)
    const assign: Container['assign'] = async (...args) => {
      await done.promise
      return container?.container.assign(...args) as ReturnType<Container['assign']>
    }
    return container && { ...container, container: { ...container.container, assign } }
  }
  const other = (await engine.claim(next))?.end
  const handle = await taken.promise
  listed.resolve()
  await until(() => runtime.containers.size === 1)
  expect([...runtime.containers.keys()]).toEqual([handle])
  done.resolve()
  expect((await other)?.status).toBe('succeeded')
  await engine.stop()
})

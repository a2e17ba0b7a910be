import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { firstMemoryBuild } from '../model/build.ts'
import type { BuildStatus } from '../model/event.ts'
import type { ContainerInfo, Runtime } from '../runtime/contract.ts'
import { containerSweep } from './container-sweep.ts'

const statuses: Record<number, BuildStatus> = { 1: 'succeeded', 2: 'failed', 3: 'started', 4: 'pending', 5: 'aborted' }

function world(...containers: { readonly handle: string; readonly build: number; readonly state?: ContainerInfo['state'] }[]) {
  const there = new Map(containers.map((container) => [container.handle, container]))
  const removed: string[] = []
  const runtime = {
    list: () =>
      Promise.resolve([...there.values()].map(({ handle, build, state = 'ended' }) => ({ handle, state, type: 'task', guess: false, metadata: { buildId: build } }) as ContainerInfo)),
    remove(handle: string) {
      there.delete(handle)
      removed.push(handle)
      return Promise.resolve()
    },
  } as unknown as Runtime
  const owners = new Map<string, number>()
  const waiting = new Set<string>()
  const said: string[] = []
  const builds = {
    owners: () => Promise.resolve(owners),
    get: (id: number) => Promise.resolve(statuses[id] === undefined ? undefined : ({ status: statuses[id] } as never)),
    containers: (id: number) => Promise.resolve([{ handle: `kept-${id}`, planId: '1', state: 'kept' as const, guess: false, log: { acked: 0 } }]),
  }
  return { runtime, builds, removed, there, owners, waiting, shared: (handle: string) => waiting.has(handle), clock: fakeClock(), log: silentLog, said, progress: (line: string) => said.push(line) }
}

test('containers of ended builds are removed, others stay', async () => {
  const at = world(
    { handle: 'a', build: 1 }, { handle: 'b', build: 2, state: 'ready' }, { handle: 'c', build: 3 }, { handle: 'd', build: 4 },
    { handle: 'e', build: 5 }, { handle: 'f', build: 6 }, { handle: 'g', build: 1, state: 'terminating' },
  )
  const sweep = containerSweep(at)
  void sweep.start()
  await at.clock.advance(0)
  expect(at.removed.toSorted()).toEqual(['a', 'b', 'e'])
  at.there.set('late', { handle: 'late', build: 2 })
  await at.clock.advance(600_000)
  expect(at.removed.at(-1)).toBe('late')
  await sweep.stop()
})

test('a container in use by a check or another build is removed after that', async () => {
  const at = world({ handle: 'waits', build: 1 }, { handle: 'works', build: 1 }, { handle: 'worked', build: 3 })
  at.waiting.add('waits')
  at.owners.set('works', 3).set('worked', 1)
  const sweep = containerSweep(at)
  void sweep.start()
  await at.clock.advance(0)
  expect(at.removed).toEqual(['worked'])
  at.waiting.clear()
  at.owners.set('works', 2)
  await at.clock.advance(600_000)
  expect(at.removed.toSorted()).toEqual(['waits', 'worked', 'works'])
  await sweep.stop()
})

test('a container kept for intercept stays until it ends, unless its build succeeded', async () => {
  const at = world({ handle: 'kept-1', build: 1, state: 'ready' }, { handle: 'kept-2', build: 2, state: 'ready' })
  const sweep = containerSweep(at)
  void sweep.start()
  await at.clock.advance(0)
  expect(at.removed).toEqual(['kept-1'])
  at.there.set('kept-2', { handle: 'kept-2', build: 2, state: 'ended' })
  await at.clock.advance(600_000)
  expect(at.removed).toEqual(['kept-1', 'kept-2'])
  await sweep.stop()
})

test('the sweep is repeated when the engine does not answer', async () => {
  const at = world({ handle: 'a', build: 1 })
  const list = at.runtime.list
  Object.assign(at.runtime, { list: () => Promise.reject(new Error('no answer')) })
  const sweep = containerSweep(at)
  void sweep.start()
  await at.clock.advance(0)
  Object.assign(at.runtime, { list })
  await at.clock.advance(600_000)
  expect(at.removed).toEqual(['a'])
  await sweep.stop()
})

test('a failed removal does not stop others, and removals are announced', async () => {
  const at = world({ handle: 'a', build: 1 }, { handle: 'broken', build: 2 }, { handle: 'c', build: 2 }, { handle: 'd', build: 5 })
  const remove = at.runtime.remove.bind(at.runtime)
  const warned: unknown[] = []
  Object.assign(at, { log: { ...silentLog, warn: (...words: readonly unknown[]) => warned.push(words) } })
  at.runtime.remove = (handle) => (handle === 'broken' ? Promise.reject(new Error('container not known')) : remove(handle))
  const sweep = containerSweep(at)
  await sweep.start()
  await at.clock.advance(0)
  expect(at.removed).toEqual(['a', 'c', 'd'])
  expect(at.said).toEqual([
    'removing the container that build 1 left behind: a', 'removing 2 containers that build 2 left behind: broken, c', 'removing the container that build 5 left behind: d',
  ])
  expect(warned).toMatchObject([[{ err: { message: 'container not known' } }, expect.any(String)]])
  await sweep.stop()
})

test('containers of checks that a server had in memory go when they have ended, whichever server that was', async () => {
  const at = world({ handle: 'ended', build: firstMemoryBuild + 7 }, { handle: 'at work', build: firstMemoryBuild + 8, state: 'ready' })
  const sweep = containerSweep(at)
  void sweep.start()
  await at.clock.advance(0)
  expect(at.removed).toEqual(['ended'])
  await sweep.stop()
})

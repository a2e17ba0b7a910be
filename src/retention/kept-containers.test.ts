import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import type { KeptContainer } from '../model/build.ts'
import type { ContainerInfo } from '../runtime/contract.ts'
import { enteredGraceMs, giveUpOldestKept, keptCollection } from './kept-containers.ts'

function world(kept: readonly KeptContainer[], gone: readonly string[] = []) {
  const there = new Set(kept.map(({ handle }) => handle).filter((handle) => !gone.includes(handle)))
  const removed: string[] = []
  const runtime = {
    list: () => Promise.resolve([...there].map((handle) => ({ handle, state: 'ready' }) as ContainerInfo)),
    remove(handle: string) {
      there.delete(handle)
      removed.push(handle)
      return Promise.resolve()
    },
  }
  const clock = fakeClock()
  let recorded = 0
  const containers = { kept: () => Promise.resolve(kept) }
  const collection = (most: number) => keptCollection({ runtime, containers, most, recordGone: () => Promise.resolve(recorded++), clock, log: silentLog })
  return { runtime, containers, removed, clock, collection, recorded: () => recorded }
}
const kept = (buildId: number, more: Partial<KeptContainer> = {}): KeptContainer => ({ handle: `of-${buildId}`, buildId, superseded: false, ...more })

test('kept containers go when a later build of their job has ended, and the oldest when there are too many', async () => {
  const at = world([kept(1), kept(2, { superseded: true }), kept(3), kept(4)])
  const collection = at.collection(2)
  void collection.start()
  await at.clock.advance(0)
  expect(at.removed).toEqual(['of-2', 'of-1'])
  await collection.stop()
})

test('the end of a build is looked at when it comes', async () => {
  const all: KeptContainer[] = []
  const at = world(all)
  const collection = at.collection(1)
  void collection.start()
  await at.clock.advance(0)
  at.runtime.list = () => Promise.resolve(all.map(({ handle }) => ({ handle, state: 'ready' }) as ContainerInfo))
  all.push(kept(1, { superseded: true }))
  collection.wake()
  await at.clock.advance(0)
  expect(at.removed).toEqual(['of-1'])
  await collection.stop()
})

test('a container that somebody is in, or was in a moment ago, is left to them', async () => {
  const at = world([kept(1, { superseded: true, enteredAt: Date.UTC(2026, 0, 1) }), kept(2, { enteredAt: Date.UTC(2026, 0, 1) }), kept(3), kept(4)])
  const collection = at.collection(1)
  void collection.start()
  await at.clock.advance(0)
  expect(at.removed).toEqual(['of-3', 'of-4'])
  // Its time is up long before the next look that comes anyway.
  await at.clock.advance(enteredGraceMs)
  expect(at.removed).toEqual(['of-3', 'of-4', 'of-1'])
  await collection.stop()
})

test('those that are gone count for nothing, and it is recorded', async () => {
  const at = world([kept(1), kept(2)], ['of-1'])
  const collection = at.collection(1)
  void collection.start()
  await at.clock.advance(0)
  expect([at.removed, at.recorded()]).toEqual([[], 1])
  expect(await giveUpOldestKept(at.runtime, at.containers)).toBe('of-2')
  expect(await giveUpOldestKept(at.runtime, at.containers)).toBeUndefined()
  await collection.stop()
})

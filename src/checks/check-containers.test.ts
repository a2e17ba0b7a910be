import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import type { Container } from '../runtime/contract.ts'
import { WaitingCheckContainers } from './check-containers.ts'

const minute = 60_000

function world(most = 20) {
  const clock = fakeClock()
  const removed: string[] = []
  const waiting = new WaitingCheckContainers(clock, silentLog, { idleMs: 5 * minute, oldestMs: 60 * minute, most })
  const container = (handle: string, since = clock.now()) => ({
    container: { handle, release: () => Promise.resolve(void removed.push(handle)) } as unknown as Container,
    assignments: 1,
    acked: 7,
    since,
  })
  return { clock, removed, waiting, container }
}

test('a waiting container is taken once, with its count of assignments', () => {
  const { removed, waiting, container } = world()
  waiting.give('k', container('a'))
  expect(waiting.holds('a')).toBe(true)
  expect(waiting.take('other')).toBeUndefined()
  expect(waiting.take('k')).toMatchObject({ container: { handle: 'a' }, assignments: 1, acked: 7 })
  expect(waiting.take('k')).toBeUndefined()
  // A check is at work in it.
  expect(waiting.holds('a')).toBe(true)
  waiting.forget('a')
  expect(waiting.holds('a')).toBe(false)
  expect(removed).toEqual([])
})

test('a second one of the same key is removed', () => {
  const { removed, waiting, container } = world()
  waiting.give('k', container('a'))
  waiting.give('k', container('b'))
  expect(removed).toEqual(['b'])
  expect(waiting.take('k')?.container.handle).toBe('a')
})

test('one that waits for too long is removed; one that was taken is not', async () => {
  const { clock, removed, waiting, container } = world()
  waiting.give('k', container('a'))
  waiting.give('l', container('b'))
  waiting.take('l')
  await clock.advance(5 * minute - 1)
  expect(removed).toEqual([])
  await clock.advance(1)
  expect(removed).toEqual(['a'])
  expect(waiting.take('k')).toBeUndefined()
  expect(clock.sleeping).toBe(0)
})

test('none is used for longer than an hour, however often', async () => {
  const { clock, removed, waiting, container } = world()
  const made = clock.now()
  waiting.give('k', container('a', made - 58 * minute))
  await clock.advance(2 * minute)
  expect(removed).toEqual(['a'])
  waiting.give('k', container('b', made - 58 * minute))
  expect(removed).toEqual(['a', 'b'])
})

test('beyond the bound the container that has waited longest is removed', () => {
  const { removed, waiting, container } = world(2)
  for (const name of ['a', 'b', 'c']) waiting.give(name, container(name))
  expect(removed).toEqual(['a'])
})

test('all are removed when capacity is lacking and when the server stops', async () => {
  const { removed, waiting, container } = world()
  expect(waiting.releaseIdle()).toBe(false)
  waiting.give('a', container('a'))
  waiting.give('b', container('b'))
  expect(waiting.releaseIdle()).toBe(true)
  expect(removed).toEqual(['a', 'b'])
  waiting.give('c', container('c'))
  await waiting.close()
  expect(removed).toEqual(['a', 'b', 'c'])
  waiting.give('d', container('d'))
  expect(removed).toEqual(['a', 'b', 'c', 'd'])
})

test('stopping does not wait for a removal beyond its time', async () => {
  const { clock, waiting, container } = world()
  const stuck = container('a')
  waiting.give('k', { ...stuck, container: { ...stuck.container, release: () => new Promise(() => undefined) } })
  let closed = false
  const closing = waiting.close().then(() => (closed = true))
  await clock.advance(14_999)
  expect(closed).toBe(false)
  await clock.advance(1)
  await closing
  expect(clock.sleeping).toBe(0)
})

test('a removal that fails is left to the sweep', async () => {
  const { waiting, container } = world()
  const broken = container('a')
  waiting.give('k', { ...broken, container: { ...broken.container, release: () => Promise.reject(new Error('no answer')) } })
  await waiting.close()
})

import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { ok } from '../model/result.ts'
import type { Container } from '../runtime/contract.ts'
import { WaitingCheckContainers } from './check-containers.ts'

const minute = 60_000
const about = { teamId: 1, pipelineId: 2, name: 'repo' }

function world(most = 20) {
  const clock = fakeClock()
  const removed: string[] = []
  const waiting = new WaitingCheckContainers(clock, silentLog, { idleMs: 5 * minute, oldestMs: 60 * minute, most })
  const sessions = new Map<string, () => void>()
  const container = (handle: string, since = clock.now()) => ({
    container: {
      handle,
      release: () => Promise.resolve(void removed.push(handle)),
      intercept: () => ({ result: new Promise((resolve) => sessions.set(handle, () => resolve(ok({ kind: 'exited', status: 0 })))) }),
    } as unknown as Container,
    assignments: 1,
    acked: 7,
    since,
  })
  /** A check has been done in it. */
  const given = (key: string, handle: string): void => {
    const one = container(handle)
    waiting.begin(one.container, about)
    waiting.give(key, one)
  }
  const enter = (handle: string) => waiting.enter(handle, { path: 'sh', args: [], env: [] }, { onOutput: () => undefined, signal: new AbortController().signal })
  const leave = async (handle: string): Promise<void> => {
    sessions.get(handle)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const there = () => waiting.enterable().map(({ handle }) => handle)
  return { clock, removed, waiting, container, given, enter, leave, there }
}

test('one that waits is enterable, and one that a check is at work in, until it is removed', async () => {
  const { clock, waiting, container, given, enter, there } = world()
  given('k', 'a')
  waiting.begin(container('b').container, about)
  expect(there()).toEqual(['a', 'b'])
  expect([enter('c'), waiting.holds('b')]).toEqual([undefined, false])
  waiting.take('k')
  expect(there()).toEqual(['a', 'b'])
  waiting.forget('b')
  waiting.give('k', container('a'))
  expect(there()).toEqual(['a'])
  await clock.advance(5 * minute)
  expect([there(), enter('a')]).toEqual([[], undefined])
})

test('all that its checks were about is known of it, the latest first, and so many alone', () => {
  const { waiting, container } = world()
  const { container: shared } = container('a')
  for (const name of ['one', 'two', 'one']) waiting.begin(shared, { ...about, name })
  waiting.begin(shared, { ...about, name: 'one', pipelineId: 3 })
  expect(waiting.enterable()).toEqual([{ handle: 'a', uses: [{ ...about, name: 'one', pipelineId: 3 }, { ...about, name: 'one' }, { ...about, name: 'two' }] }])
  for (let more = 0; more < 200; more += 1) waiting.begin(shared, { ...about, name: `more ${more}` })
  expect(waiting.enterable()[0]?.uses).toHaveLength(100)
})

test('while somebody is in it no check takes it and nothing removes it, and the next check’s own waits beside it', async () => {
  const { clock, removed, waiting, given, enter, leave, there } = world(1)
  given('k', 'a')
  expect(enter('a')).toBeDefined()
  expect(waiting.take('k')).toBeUndefined()
  await clock.advance(61 * minute)
  expect(waiting.releaseIdle()).toBe(false)
  given('k', 'b')
  given('l', 'c')
  expect([removed, there()]).toEqual([['b'], ['a', 'c']])
  given('k', 'd')
  expect(waiting.holds('a')).toBe(true)
  expect(waiting.take('k')?.container.handle).toBe('d')
  expect(removed).toEqual(['b', 'c'])
  await leave('a')
  // It is older than any may be.
  await clock.advance(0)
  expect(removed).toEqual(['b', 'c', 'a'])
})

test('when nobody is in it any more it waits on, but for no check: it is not as checks left it', async () => {
  const { clock, removed, waiting, given, enter, leave, there } = world()
  given('k', 'a')
  enter('a')
  await clock.advance(10 * minute)
  await leave('a')
  await clock.advance(5 * minute - 1)
  expect([removed, there()]).toEqual([[], ['a']])
  expect(enter('a')).toBeDefined()
  expect(waiting.take('k')).toBeUndefined()
  expect(there()).toEqual(['a'])
  await leave('a')
  expect(waiting.take('k')).toBeUndefined()
  expect([removed, there()]).toEqual([['a'], []])
})

test('one that somebody leaves when another waits for the same checks is removed', async () => {
  const { removed, given, enter, leave } = world()
  given('k', 'a')
  enter('a')
  given('k', 'b')
  await leave('a')
  expect(removed).toEqual(['a'])
})

test('one that was entered while its check ran stays while somebody is in it, beside one that waits', async () => {
  const { removed, waiting, given, enter, leave, container } = world()
  given('k', 'a')
  const second = container('b')
  waiting.begin(second.container, about)
  enter('b')
  waiting.give('k', second)
  expect(removed).toEqual([])
  expect(waiting.take('k')?.container.handle).toBe('a')
  await leave('b')
  expect(removed).toEqual([])
  given('k', 'c')
  expect(removed).toEqual(['b'])
})

test('capacity that is lacking takes those that nobody is in, and the end of the server takes all', async () => {
  const { removed, waiting, given, enter, clock } = world()
  given('k', 'a')
  given('l', 'b')
  enter('a')
  expect(waiting.releaseIdle()).toBe(true)
  expect(removed).toEqual(['b'])
  await waiting.close()
  expect(removed).toEqual(['b', 'a'])
  expect([enter('a'), clock.sleeping]).toEqual([undefined, 0])
})

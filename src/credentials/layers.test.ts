import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { fail, ok } from '../model/result.ts'
import { cached, mostEntries } from './cached.ts'
import { passingFault, permanentFault, type SecretAnswer, type SecretManager } from './manager.ts'
import { limited, mostAtOnce, mostWaiting } from './limited.ts'
import { ManagerPool, mostManagers } from './manager-pool.ts'
import { retrying } from './retrying.ts'

const scope = { team: 'main' }

function manager(answer: (path: string) => SecretAnswer | Promise<SecretAnswer>, more: Partial<SecretManager> = {}) {
  const asked: string[] = []
  const made: SecretManager = {
    paths: (name) => [name],
    get(path) {
      asked.push(path)
      return Promise.resolve(answer(path))
    },
    ...more,
  }
  return { made, asked }
}

test('a passing fault is tried again as often as is set, with pauses, and then told', async () => {
  const clock = fakeClock()
  const { made, asked } = manager(() => fail(passingFault('no answer')))
  const answer = retrying(made, { attempts: 3, intervalMs: 1000 }, clock).get('a', scope)
  await clock.advance(1999)
  expect(asked).toHaveLength(2)
  await clock.advance(1)
  expect(await answer).toEqual(fail({ message: 'no answer (after 3 attempts)', retryable: true }))
  expect(asked).toHaveLength(3)
})

test('a permanent fault, and what is not there, is not asked for again', async () => {
  for (const answer of [fail(permanentFault('refused')), ok(undefined)]) {
    const { made, asked } = manager(() => answer)
    expect(await retrying(made, { attempts: 3, intervalMs: 1000 }, fakeClock()).get('a', scope)).toEqual(answer)
    expect(asked).toHaveLength(1)
  }
})

test('an answer is remembered for its time, what is not there for another, a fault never', async () => {
  const clock = fakeClock()
  const { made, asked } = manager((path) => (path === 'down' ? fail(permanentFault('x')) : ok(path === 'none' ? undefined : { value: 'v', ...(path === 'lease' && { leaseMs: 5000 }) })))
  const remembering = cached(made, { durationMs: 60_000, notFoundMs: 10_000 }, clock)
  const ask = async () => {
    asked.length = 0
    for (const path of ['found', 'lease', 'none', 'down']) await remembering.get(path, scope)
    return asked.join()
  }
  expect(await ask()).toBe('found,lease,none,down')
  await clock.advance(4999)
  expect(await ask()).toBe('down')
  await clock.advance(1)
  expect(await ask()).toBe('lease,down')
  await clock.advance(5000)
  expect(await ask()).toBe('lease,none,down')
  await clock.advance(50_000)
  expect(await ask()).toBe('found,lease,none,down')
})

test('a manager is asked so many secrets at once, in the order in which they were wanted, and so many wait', async () => {
  const answers: (() => void)[] = []
  const { made, asked } = manager(() => new Promise<SecretAnswer>((resolve) => answers.push(() => resolve(ok({ value: 'v' })))))
  const bounded = limited(made)
  const all = Array.from({ length: mostAtOnce + mostWaiting }, (_, index) => bounded.get(String(index), scope))
  expect(asked).toHaveLength(mostAtOnce)
  expect(await bounded.get('one more', scope)).toEqual(fail({ message: 'more than 10000 look-ups of vars wait for it already', retryable: true }))
  answers[0]?.()
  await all[0]
  expect(asked.slice(mostAtOnce)).toEqual([String(mostAtOnce)])
  for (let answered = 1; answered < all.length; answered += 1) {
    answers[answered]?.()
    await all[answered]
  }
  expect(asked).toEqual(all.map((_, index) => String(index)))
})

test('a fault of a manager frees its place', async () => {
  const { made } = manager((path) => (path === 'bug' ? Promise.reject(new Error('bug')) : fail(permanentFault('refused'))))
  const bounded = limited(made)
  for (let i = 0; i < 2 * mostAtOnce; i++) {
    await expect(bounded.get('bug', scope)).rejects.toThrow('bug')
    expect(await bounded.get('x', scope)).toMatchObject({ ok: false })
  }
})

test('those who ask at once for the same share one answer', async () => {
  const { made, asked } = manager(() => ok({ value: 'v' }))
  const remembering = cached(made, { durationMs: 1, notFoundMs: 1 }, fakeClock())
  expect(await Promise.all([remembering.get('a', scope), remembering.get('a', scope)])).toEqual([ok({ value: 'v' }), ok({ value: 'v' })])
  expect(asked).toEqual(['a'])
})

test('a manager whose answers are made for whoever asks is asked each time', async () => {
  const { made, asked } = manager(() => ok({ value: 'v' }), { caching: 'never' })
  const remembering = cached(made, { durationMs: 60_000, notFoundMs: 1 }, fakeClock())
  await remembering.get('a', scope)
  await remembering.get('a', { team: 'other' })
  expect(asked).toEqual(['a', 'a'])
})

test('the memory has a bound in entries and in characters; the oldest go first', async () => {
  const { made, asked } = manager((path) => ok({ value: path.startsWith('big') ? 'x'.repeat(1024 * 1024) : 'v' }))
  const remembering = cached(made, { durationMs: 60_000, notFoundMs: 1 }, fakeClock())
  const again = async (path: string) => {
    asked.length = 0
    await remembering.get(path, scope)
    return asked.length === 1
  }
  for (let i = 0; i < mostEntries; i++) await remembering.get(`${i}`, scope)
  expect(await again('0')).toBe(false)
  await remembering.get('one more', scope)
  expect(await again('0')).toBe(true)
  for (let i = 0; i < 64; i++) await remembering.get(`big${i}`, scope)
  expect([await again('big63'), await again('big0')]).toEqual([false, true])
})

test('one manager serves all who have the same var source, until nobody has used it for a while', async () => {
  const clock = fakeClock()
  const events: string[] = []
  let release: (answer: SecretAnswer) => void = () => undefined
  const pool = new ManagerPool({
    clock, recycleMs: 300_000,
    make(type, config) {
      const name = `${type}${JSON.stringify(config)}`
      events.push(`made ${name}`)
      const waiting = () => new Promise<SecretAnswer>((resolve) => (release = resolve))
      return ok(manager(waiting, { close: () => Promise.resolve(void events.push(`closed ${name}`)) }).made)
    },
  })
  const first = pool.managerOf('a', { x: 1, y: 2 })
  pool.managerOf('a', { y: 2, x: 1 })
  const answer = first.ok ? first.value.get('p', scope) : undefined
  await clock.advance(300_000)
  pool.managerOf('b', 1)
  expect(events).toEqual(['made a{"x":1,"y":2}', 'made b1'])
  release(ok(undefined))
  await answer
  await pool.tend()
  expect(events).toEqual(['made a{"x":1,"y":2}', 'made b1', 'closed a{"x":1,"y":2}'])
  await pool.close()
  expect(events.at(-1)).toBe('closed b1')
})

test('the pool has a bound: the manager that was used longest ago is closed', async () => {
  const clock = fakeClock()
  const closed: unknown[] = []
  const pool = new ManagerPool({ clock, recycleMs: 300_000, make: (_, config) => ok(manager(() => ok(undefined), { close: () => Promise.resolve(void closed.push(config)) }).made) })
  for (let i = 0; i <= mostManagers; i++) {
    await clock.advance(1)
    pool.managerOf('a', i)
  }
  expect(closed).toEqual([0])
})

import { expect, test } from 'vitest'
import { fakeClock } from './clock.ts'
import { Wakeup } from './wakeup.ts'

test('a wait ends when it is woken, and leaves no timer behind', async () => {
  const clock = fakeClock()
  const wakeup = new Wakeup()
  const waiting = wakeup.wait(clock, 1_000)
  wakeup.wake()
  expect(await waiting).toBe(true)
  await clock.advance(0)
  expect(clock.sleeping).toBe(0)
})

test('a wake-up before the wait is kept, once', async () => {
  const clock = fakeClock()
  const wakeup = new Wakeup()
  wakeup.wake()
  wakeup.wake()
  expect(await wakeup.wait(clock, 1_000)).toBe(true)
  const next = wakeup.wait(clock, 1_000)
  await clock.advance(1_000)
  expect(await next).toBe(false)
})

test('an abort ends a wait, also one that begins after it', async () => {
  const stop = new AbortController()
  const wakeup = new Wakeup()
  const waiting = wakeup.wait(fakeClock(), undefined, stop.signal)
  stop.abort()
  expect(await waiting).toBe(false)
  expect(await wakeup.wait(fakeClock(), undefined, stop.signal)).toBe(false)
})

test('a wait without a time ends when it is woken, also before it began', async () => {
  const wakeup = new Wakeup()
  const waiting = wakeup.woken()
  wakeup.wake()
  await waiting
  wakeup.wake()
  await wakeup.woken()
  let woken = false
  const next = wakeup.woken().then(() => (woken = true))
  await Promise.resolve()
  expect(woken).toBe(false)
  wakeup.wake()
  await next
})

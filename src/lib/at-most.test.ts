import { expect, test } from 'vitest'
import { atMost } from './at-most.ts'
import { fakeClock } from './clock.ts'

test('it ends with the work, or when that takes too long, and leaves no timer', async () => {
  const clock = fakeClock()
  await atMost(clock, 10, Promise.resolve())
  expect(clock.sleeping).toBe(0)
  let ended = false
  const waiting = atMost(clock, 10, new Promise(() => undefined)).then(() => (ended = true))
  await clock.advance(9)
  expect(ended).toBe(false)
  await clock.advance(1)
  await waiting
  expect(clock.sleeping).toBe(0)
  await expect(atMost(clock, 10, Promise.reject(new Error('broke')))).rejects.toThrow('broke')
  expect(clock.sleeping).toBe(0)
})

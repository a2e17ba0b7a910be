import { expect, test } from 'vitest'
import { fakeClock } from './clock.ts'
import { RateLimit } from './rate-limit.ts'

const took = (limit: RateLimit, key: string, times: number): number => Array.from({ length: times }, () => limit.take(key)).filter(Boolean).length

test('a burst is allowed, then so many a second, for each key alone', async () => {
  const clock = fakeClock()
  const limit = new RateLimit(clock, { perSecond: 50, burst: 500 })
  expect([took(limit, 'a', 501), took(limit, 'b', 1)]).toEqual([500, 1])
  await clock.advance(1_000)
  expect(took(limit, 'a', 51)).toBe(50)
  await clock.advance(3_600_000)
  expect(took(limit, 'a', 501)).toBe(500)
})

test('no more than ten thousand keys are remembered: the one that was used longest ago begins anew', () => {
  const limit = new RateLimit(fakeClock(), { perSecond: 1, burst: 1 })
  expect([limit.take('first'), limit.take('first')]).toEqual([true, false])
  for (let key = 0; key < 10_000; key++) limit.take(String(key))
  expect(limit.take('first')).toBe(true)
})

import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { LoginLimits, type LoginAttempt } from './login-limits.ts'

test('S14: ten failures of a user refuse that user for five minutes, from any address', async () => {
  const clock = fakeClock()
  const limits = new LoginLimits(clock)
  for (let i = 0; i < 9; i++) limits.failed('jo', `10.0.0.${i}`, `wrong ${i}`)
  expect(limits.allows('jo', '10.0.1.1')).toBe(true)
  limits.failed('jo', '10.0.0.9', 'wrong 9')
  expect([limits.allows('jo', '10.0.1.1'), limits.allows('max', '10.0.0.9')]).toEqual([false, true])
  await clock.advance(5 * 60_000 - 1)
  expect(limits.allows('jo', '10.0.1.1')).toBe(false)
  await clock.advance(1)
  expect(limits.allows('jo', '10.0.1.1')).toBe(true)
})

test('thirty failures of an address refuse that address, for any user', () => {
  const limits = new LoginLimits(fakeClock())
  for (let i = 0; i < 29; i++) limits.failed(`user ${i}`, '10.0.0.1', 'wrong')
  expect(limits.allows('jo', '10.0.0.1')).toBe(true)
  limits.failed('user 29', '10.0.0.1', 'wrong')
  expect([limits.allows('jo', '10.0.0.1'), limits.allows('jo', '10.0.0.2')]).toEqual([false, true])
})

test('the same wrong password again within five seconds counts once: fly sends it twice', async () => {
  const clock = fakeClock()
  const limits = new LoginLimits(clock)
  for (let i = 0; i < 9; i++) {
    limits.failed('jo', 'a', `wrong ${i}`)
    limits.failed('jo', 'a', `wrong ${i}`)
  }
  expect(limits.allows('jo', 'a')).toBe(true)
  await clock.advance(5_000)
  limits.failed('jo', 'a', 'wrong 8')
  expect(limits.allows('jo', 'a')).toBe(false)
})

test('many attempts at once get no more guesses than one after the other', async () => {
  const limits = new LoginLimits(fakeClock())
  let [guesses, refused] = [0, 0]
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const attempt = await limits.begin('jo', `10.0.0.${index}`)
      if (attempt === undefined) return void refused++
      guesses++
      await Promise.resolve()
      limits.failed('jo', `10.0.0.${index}`, String(index))
      attempt.end()
    }),
  )
  expect([guesses, refused]).toEqual([10, 90])
})

test('logins that succeed wait for their turn, eight at a time, and at most 500 wait', async () => {
  const limits = new LoginLimits(fakeClock())
  const begun: LoginAttempt[] = []
  const outcomes = Array.from({ length: 509 }, async () => {
    const attempt = await limits.begin('ci', '10.0.0.1')
    if (attempt !== undefined) begun.push(attempt)
    return attempt !== undefined
  })
  expect(await outcomes[508]).toBe(false)
  expect(begun).toHaveLength(8)
  for (let ended = 0; ended < 508; ended++) {
    begun[ended]?.end()
    if (ended % 8 === 7) await new Promise((resolve) => void setImmediate(resolve))
  }
  expect((await Promise.all(outcomes)).filter(Boolean)).toHaveLength(508)
})

import { expect, test, vi } from 'vitest'
import { fakeClock, systemClock } from './clock.ts'

test('a fake clock wakes sleepers in order of time, and those they start too', async () => {
  const clock = fakeClock(0)
  const woken: string[] = []
  void clock.sleep(20).then(() => woken.push(`b@${clock.now()}`))
  void clock.sleep(10).then(async () => {
    woken.push(`a@${clock.now()}`)
    await clock.sleep(5)
    woken.push(`c@${clock.now()}`)
  })
  void clock.sleep(100).then(() => woken.push('never'))
  await clock.advance(50)
  expect(woken).toEqual(['a@10', 'c@15', 'b@20'])
  expect(clock.now()).toBe(50)
  expect(clock.sleeping).toBe(1)
})

test.each([
  ['system', systemClock],
  ['fake', fakeClock()],
])('an aborted sleep of the %s clock rejects with the reason', async (_name, clock) => {
  const control = new AbortController()
  const sleep = clock.sleep(3_600_000, control.signal)
  control.abort(new Error('enough'))
  await expect(sleep).rejects.toThrow('enough')
  await expect(clock.sleep(1, control.signal)).rejects.toThrow('enough')
})

test('the system clock sleeps for weeks: longer than a timer of Node can', async () => {
  vi.useFakeTimers()
  try {
    const weeks = 60 * 24 * 3_600_000
    let woken = false
    const sleep = systemClock.sleep(weeks).then(() => (woken = true))
    await vi.advanceTimersByTimeAsync(weeks - 1)
    expect(woken).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(woken).toBe(true)
    await sleep
  } finally {
    vi.useRealTimers()
  }
})

import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../../lib/clock.ts'
import { createLull, lullMs, lullPatienceMs } from './lull.ts'

function world() {
  const clock = fakeClock()
  const lull = createLull(clock)
  let reached = false
  const next = lull.next().then(() => void (reached = true))
  return { clock, lull, next, reached: () => reached }
}

describe('a lull', () => {
  it('comes when nothing was prepared for some time', async () => {
    const { clock, next, reached } = world()
    await clock.advance(lullMs - 1)
    expect(reached()).toBe(false)
    await clock.advance(1)
    await next
  })

  it('does not come between the end of one preparation and the beginning of the next', async () => {
    const { clock, lull, next, reached } = world()
    const first = lull.begin()
    await clock.advance(10 * lullMs)
    first()
    await clock.advance(lullMs - 1)
    const second = lull.begin()
    second()
    await clock.advance(lullMs)
    expect(reached()).toBe(false)
    await clock.advance(lullMs)
    await next
  })

  it('counts an end that is said twice once', async () => {
    const { clock, lull, reached } = world()
    const [first] = [lull.begin(), lull.begin()]
    first?.()
    first?.()
    await clock.advance(10 * lullMs)
    expect(reached()).toBe(false)
  })

  it('is not waited for any longer on a server that always prepares something', async () => {
    const { clock, lull, next, reached } = world()
    lull.begin()
    await clock.advance(lullPatienceMs - 1)
    expect(reached()).toBe(false)
    await clock.advance(1)
    await next
  })

  it('is not waited for by a server that stops', async () => {
    const { lull, next } = world()
    lull.begin()
    lull.stop()
    await next
  })
})

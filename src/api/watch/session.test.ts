import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import type { ApiServices } from '../request.ts'
import { SlowOutlet } from '../testing/slow-outlet.ts'
import { mostBuffered, Session } from './session.ts'
import { View, type Follower } from './view.ts'
import type { Views } from './views.ts'

/** Keeps what it is sent. */
class KeepingOutlet extends SlowOutlet {
  readonly sent: string[] = []
  send(sub: number, rest: Buffer): void {
    this.sent.push(`${sub} ${rest.toString()}`)
  }
  cut(): void {
    this.sent.push('cut')
  }
}

const principal = { kind: 'anonymous' } as const

async function world(ordered = false) {
  const clock = fakeClock()
  let items: readonly { id: number; at?: number }[] = [{ id: 1 }]
  const view = new View({ read: () => Promise.resolve(items), ordered, clock, onError: () => undefined })
  const views = {
    join(_topic: unknown, _audience: unknown, follower: Follower) {
      view.join(follower)
      return { view, leave: () => view.leave(follower) }
    },
  } as unknown as Views
  const outlet = new KeepingOutlet()
  const session = new Session({ clock } as unknown as ApiServices, views, outlet, { principal, again: () => Promise.resolve(principal) })
  const change = async (next: typeof items): Promise<void> => {
    items = next
    view.wake()
    await clock.advance(250)
  }
  await setImmediate()
  await session.subscribe(1, 'dashboard', undefined)
  return { clock, outlet, session, change, view, wake: () => view.wake(), set: (next: typeof items) => (items = next) }
}

test('a client that takes nothing is sent the newest alone once it takes again', async () => {
  const { outlet, change } = await world()
  outlet.buffered = mostBuffered + 1
  await change([{ id: 1, at: 1 }])
  await change([{ id: 1, at: 2 }])
  await change([{ id: 1, at: 3 }])
  expect(outlet.sent).toHaveLength(1)
  outlet.take()
  await setImmediate()
  expect(outlet.sent.slice(1)).toEqual([expect.stringMatching(/^1 "rev":"[\w-]{16}","set":\[{"id":1,"at":3}\]}$/)])
})

test('a client at the bound is still sent to', async () => {
  const { outlet, change } = await world()
  outlet.buffered = mostBuffered
  await change([{ id: 1, at: 1 }])
  expect(outlet.sent).toHaveLength(2)
})

test('changes within a quarter of a second are sent as one', async () => {
  const { outlet, wake, set, clock } = await world()
  set([{ id: 1, at: 1 }])
  wake()
  await clock.advance(249)
  set([{ id: 1, at: 2 }])
  wake()
  expect(outlet.sent).toHaveLength(1)
  await clock.advance(1)
  expect(outlet.sent.slice(1)).toEqual([expect.stringContaining('"patch":[{"id":1,"at":2}]')])
})

test('what was missed without a notification is read after a minute', async () => {
  const { outlet, set, clock } = await world()
  set([{ id: 2 }])
  await clock.advance(60_000)
  expect(outlet.sent).toHaveLength(1)
  await clock.advance(250)
  expect(outlet.sent.slice(1)).toEqual([expect.stringContaining('"patch":[{"id":2},{"id":1,"gone":true}]')])
})

test('what a patch could not put into its place comes as a whole', async () => {
  const loose = await world()
  await loose.change([{ id: 2 }, { id: 1 }])
  expect(loose.outlet.sent.at(-1)).toContain('"patch":[{"id":2}]')
  await loose.change([{ id: 1 }, { id: 2 }])
  expect(loose.outlet.sent.at(-1)).toContain('"set":[{"id":1},{"id":2}]')
  const ordered = await world(true)
  await ordered.change([{ id: 1 }, { id: 2 }])
  expect(ordered.outlet.sent.at(-1)).toContain('"patch":[{"id":2}]')
  await ordered.change([{ id: 3 }, { id: 1 }, { id: 2 }])
  expect(ordered.outlet.sent.at(-1)).toContain('"set":[{"id":3},{"id":1},{"id":2}]')
})

import fc from 'fast-check'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { applyPatch, parseMessage } from '../../../web/src/api/messages.ts'
import { fakeClock } from '../../lib/clock.ts'
import type { Principal } from '../../auth/roles.ts'
import type { ApiServices } from '../request.ts'
import { routes } from '../routes.ts'
import { SlowOutlet } from '../testing/slow-outlet.ts'
import type { DashboardPipeline } from '../web-ports.ts'
import { WatchHub } from './hub.ts'
import { mostBuffered, Session, type Outlet } from './session.ts'
import type { Audience } from './allow.ts'
import { View } from './view.ts'
import { Views } from './views.ts'

type Item = { readonly id: number; readonly name?: string }

const anonymous: Principal = { kind: 'anonymous' }
const card = ({ id, name = '' }: Item): DashboardPipeline => ({ id, name, team: 'main', place: id, public: true, archived: false, groups: [], jobs: '', jobNames: '', pinned: false })
const tick = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await setImmediate()
}

/** A page that applies what it is sent, as web/src/store/topic.ts does. */
class Page extends SlowOutlet {
  cuts = 0
  rev: string | undefined
  items: readonly Item[] = []
  send(sub: number, rest: Buffer): void {
    const message = parseMessage(`{"sub":${sub},${rest.toString()}`)
    if (message === undefined || message.kind === 'error') throw new Error(`not a message for this page: ${rest.toString()}`)
    this.rev = message.rev
    this.items = message.kind === 'set' ? (message.value as Item[]) : applyPatch(this.items, message.items)
  }
  cut(): void {
    this.cuts++
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), names: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }), told: fc.boolean() }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 100, 250, 1_000) }),
  fc.record({ kind: fc.constantFrom('fail' as const, 'slow' as const, 'answer' as const, 'full' as const, 'take' as const, 'leave' as const, 'come' as const, 'recheck' as const) }),
)

test('whatever the order of changes, reads, cuts and notifications, a page ends with the last state', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const clock = fakeClock()
      let items: readonly Item[] = []
      let failing = false
      let held: PromiseWithResolvers<void> | undefined
      const services = {
        clock,
        log: { error: () => undefined },
        dashboard: {
          pipelines: async () => {
            const now = items
            await held?.promise
            if (failing) throw new Error('the database is away')
            return now.map(card)
          },
        },
      } as unknown as ApiServices
      const views = new Views(services)
      const page = new Page()
      const again = (): Promise<Principal> => Promise.resolve({ ...anonymous })
      let session = new Session(services, views, page, { principal: anonymous, again })
      await session.subscribe(1, 'dashboard', undefined)
      for (const one of steps) {
        if (one.kind === 'change') {
          items = one.names.map((name, id) => ({ id, name }))
          if (one.told) views.changed({ kind: 'pipeline', id: 1 })
        } else if (one.kind === 'pass') await clock.advance(one.ms)
        else if (one.kind === 'fail') failing = !failing
        else if (one.kind === 'slow') held ??= Promise.withResolvers()
        else if (one.kind === 'answer') held = void held?.resolve()
        else if (one.kind === 'full') page.buffered = mostBuffered + 1
        else if (one.kind === 'take') page.take()
        else if (one.kind === 'leave') session.close()
        else if (one.kind === 'recheck') void session.recheck()
        else {
          session.close()
          session = new Session(services, views, page, { principal: anonymous, again })
          void session.subscribe(1, 'dashboard', page.rev)
        }
        if (one.kind !== 'change') await setImmediate()
      }
      failing = false
      held = void held?.resolve()
      page.take()
      session.close()
      session = new Session(services, views, page, { principal: anonymous, again })
      await session.subscribe(1, 'dashboard', page.rev)
      for (let turn = 0; turn < 4; turn++) await clock.advance(60_000)
      session.close()
      expect(page.items.map(({ id, name }) => ({ id, name })).toSorted((one, other) => one.id - other.id)).toEqual(items)
    }),
    { numRuns: 150 },
  )
})

test('a reading that took minutes delays the next by seconds', async () => {
  const clock = fakeClock()
  let reads = 0
  const first = Promise.withResolvers<void>()
  const view = new View({ read: async () => (reads++ === 0 && (await first.promise), []), ordered: false, clock, onError: () => undefined })
  await clock.advance(120_000)
  first.resolve()
  await tick()
  view.wake()
  await clock.advance(4_999)
  expect(reads).toBe(1)
  await clock.advance(1)
  expect(reads).toBe(2)
})

test('a change before the server listens reaches the page, also when listening failed at first', async () => {
  const clock = fakeClock()
  let name = 'old'
  let attempts = 0
  const listening = Promise.withResolvers<void>()
  const services = {
    clock,
    log: { error: () => undefined },
    dashboard: { pipelines: () => Promise.resolve([card({ id: 1, name })]) },
    uiChanges: {
      async listen() {
        if (attempts++ === 0) throw new Error('the database is away')
        await listening.promise
        return () => Promise.resolve()
      },
    },
  } as unknown as ApiServices
  const hub = new WatchHub(services)
  const written: string[] = []
  const response = { once: () => undefined, on: () => undefined, writeHead: () => undefined, flushHeaders: () => undefined, write: (text: string | Buffer) => written.push(text.toString()), destroyed: false, writableLength: 0, destroy: () => undefined }
  void hub.stream(response as never, { principal: anonymous, again: () => Promise.resolve(anonymous) }, ['dashboard'])
  await tick()
  expect(written.join('')).toContain('"name":"old"')
  name = 'new'
  await clock.advance(1_000)
  listening.resolve()
  await clock.advance(1_000)
  expect(written.join('')).toContain('"name":"new"')
  await hub.close()
})

test('a subscription that is decided while roles change is decided for the new ones', async () => {
  const first = Promise.withResolvers<void>()
  const pipeline = { id: 1, team: 'main', public: true }
  let asked = 0
  const services = { clock: fakeClock(), routes, pipelines: { get: async () => (asked++ === 0 && (await first.promise), pipeline) } } as unknown as ApiServices
  const joined: string[] = []
  const view = { gone: false, rev: undefined, messageFor: () => undefined }
  const views = { join: (_topic: unknown, { kind }: Audience) => (joined.push(kind), { view, leave: () => undefined }) } as unknown as Views
  const outlet: Outlet = { send: () => undefined, buffered: 0, drained: () => Promise.resolve(), cut: () => undefined }
  const admin = { kind: 'user', admin: true } as Principal
  const session = new Session(services, views, outlet, { principal: admin, again: () => Promise.resolve(anonymous) })
  const subscribed = session.subscribe(1, 'pipeline/1', undefined)
  await session.recheck()
  first.resolve()
  await subscribed
  expect(joined.at(-1)).toBe('public')
})

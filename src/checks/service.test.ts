import { afterEach, expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import type { Gate } from '../lib/gate.ts'
import { silentLog } from '../lib/log.ts'
import { CheckEnds } from './check-ends.ts'
import type { CheckedResource } from './ports.ts'
import type { CheckRunOptions, RanCheck } from './run-check.ts'
import { CheckService, type CheckLimits } from './service.ts'
import { aResource } from './testing/a-resource.ts'
import { MemoryChecks } from './testing/memory-checks.ts'

const minute = 60_000
const limits: CheckLimits = { running: 64, leaseMs: 10_000, renewMs: 3_000, lookMs: 1_000, flushMs: 10_000, lateMs: 60_000 }
type Finds = 'nothing' | 'news' | 'failure' | 'gone' | Error
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

function world(given: Partial<CheckLimits> = {}) {
  const clock = fakeClock(1_000_000_000)
  const store = new MemoryChecks()
  /** Names of resources, with the seconds since the start. */
  const begun: string[] = []
  const warnings: string[] = []
  /** Whose types were checked whatever their intervals. */
  const forced: string[] = []
  const start = clock.now()
  const finds = new Map<string, Finds>()
  /** Of resources whose check is held: what ends it. */
  const held = new Map<string, () => void>()
  const hold = new Set<string>()
  const run = async (resource: CheckedResource, { typesWithinInterval }: CheckRunOptions): Promise<RanCheck | undefined> => {
    const startedAt = clock.now()
    if (!typesWithinInterval) forced.push(resource.name)
    begun.push(`${resource.name} ${(startedAt - start) / 1000}`)
    if (hold.has(resource.name)) await new Promise<void>((resolve) => held.set(resource.name, resolve))
    const found = finds.get(resource.name) ?? 'nothing'
    if (found instanceof Error) throw found
    if (found === 'gone') return undefined
    const failed = found === 'failure'
    const { teamId, pipelineId, scopeId } = resource
    return {
      end: { scopeId, startedAt, endedAt: clock.now(), ...(failed && { error: 'no route to host' }) },
      message: '', news: found === 'news',
      build: { teamId, pipelineId, status: failed ? 'failed' : 'succeeded', context: {}, createdAt: startedAt, endedAt: clock.now(), events: [] },
    }
  }
  const service = (owner = 'one', gate?: Gate) => {
    const made = new CheckService({
      owner, ...(gate && { gate }), store, shards: store, run, ends: new CheckEnds(store), clock, random: () => 0.5, limits: { ...limits, ...given },
      log: { ...silentLog, warn: (_fields: object, message: string) => warnings.push(message) } as unknown as typeof silentLog,
      stopRunning: () => {
        for (const end of held.values()) end()
        return Promise.resolve()
      },
    })
    stops.push(() => made.stop())
    return made
  }
  return { clock, store, begun, forced, finds, hold, held, warnings, service }
}

test('C2: a resource is checked at once, then a minute after each end', async () => {
  const { clock, store, begun, service } = world()
  store.set(aResource())
  await service().start()
  await clock.advance(2.5 * minute)
  expect(begun).toEqual(['r 0', 'r 60', 'r 120'])
})

test('while checks are paused none begins, and nothing is looked at over and over; what is due comes afterwards', async () => {
  const { clock, store, begun, service } = world()
  store.set(aResource())
  let [open, passes, looks] = [false, 0, 0]
  const gate: Gate = {
    get open() {
      looks++
      return open
    },
    passed: () => void passes++,
  }
  await service('one', gate).start()
  await clock.advance(5 * minute)
  expect([begun, passes]).toEqual([[], 0])
  expect(looks).toBeLessThan(5 * 60 * 4)
  open = true
  await clock.advance(1_000)
  expect(begun).toEqual(['r 301'])
  expect(passes).toBeGreaterThan(0)
})

test('C2: check_every and never', async () => {
  const { clock, store, begun, service } = world()
  store.set(aResource({ checkEvery: '90s' }))
  store.set(aResource({ id: 2, scopeId: 2, name: 'never', checkEvery: 'never' }))
  await service().start()
  await clock.advance(3.2 * minute)
  expect(begun).toEqual(['r 0', 'r 90', 'r 180'])
})

test('C5: resources that share a scope are checked once, at the shortest of their intervals', async () => {
  const { clock, store, begun, service } = world()
  store.set(aResource({ checkEvery: '5m' }))
  store.set(aResource({ id: 2, name: 'other', pipelineId: 2, checkEvery: '1m' }))
  await service().start()
  await clock.advance(1.5 * minute)
  expect(begun).toEqual(['r 0', 'r 60'])
})

test('C9: checks that find nothing leave no build, and their ends are saved together', async () => {
  const { clock, store, service } = world()
  for (let id = 1; id <= 100; id += 1) {
    store.set(aResource({ id, scopeId: id, name: `r${id}` }))
    store.times.set(id, { failures: 0, startedAt: 1, endedAt: 1 })
  }
  await service().start()
  await clock.advance(9_000)
  expect(store.saved).toEqual([])
  await clock.advance(2_000)
  expect(store.saved.map((ends) => ends.length)).toEqual([100])
  expect(store.builds).toEqual([])
})

test('C9: what finds something new is saved at once, with a build', async () => {
  const { clock, store, finds, service } = world()
  store.set(aResource())
  store.times.set(1, { failures: 0, startedAt: 1, endedAt: 1 })
  finds.set('r', 'news')
  await service().start()
  await clock.advance(1000)
  expect(store.builds).toMatchObject([{ scopeId: 1, status: 'succeeded' }])
  expect(store.saved.map((ends) => ends.length)).toEqual([1])
})

test('C2: failures back off to half an hour, success resets, and each failure is shown', async () => {
  const { clock, store, begun, finds, service } = world()
  store.set(aResource())
  finds.set('r', 'failure')
  await service().start()
  await clock.advance(120 * minute)
  expect(begun).toEqual([0, 2, 6, 14, 30, 60, 90, 120].map((at) => `r ${at * 60}`))
  expect(store.builds).toHaveLength(8)
  finds.set('r', 'nothing')
  await clock.advance(31 * minute)
  expect(begun.slice(8)).toEqual(['r 9000', 'r 9060'])
})

test('C1: one that triggers nothing is checked until a check succeeds', async () => {
  const { clock, store, begun, finds, service } = world()
  store.set(aResource({ triggers: false, isInput: false, hasVersions: false }))
  finds.set('r', 'failure')
  await service().start()
  await clock.advance(3 * minute)
  finds.set('r', 'nothing')
  await clock.advance(60 * minute)
  expect(begun).toEqual(['r 0', 'r 120', 'r 360'])
})

test('B8: a pipeline that is paused is not checked; unpaused, it is within a second', async () => {
  const { clock, store, begun, service } = world()
  store.set(aResource())
  await service().start()
  await clock.advance(1000)
  store.set(aResource({ paused: true }))
  await clock.advance(10 * minute)
  expect(begun).toEqual(['r 0'])
  store.set(aResource())
  await clock.advance(1000)
  expect(begun).toEqual(['r 0', 'r 602'])
})

test('a resource that is new in a config is checked within a second, and one that is gone no more', async () => {
  const { clock, store, begun, service } = world()
  store.set(aResource())
  await service().start()
  await clock.advance(1000)
  store.resources.clear()
  store.set(aResource({ id: 2, scopeId: 2, name: 'new', configVersion: 2 }))
  await clock.advance(90_000)
  expect(begun).toEqual(['r 0', 'new 2', 'new 62'])
})

test('C7: a hundred wishes are one check, which begins at once, also of one that is never checked otherwise', async () => {
  const { clock, store, begun, service } = world()
  store.set(aResource({ checkEvery: 'never' }))
  await service().start()
  await clock.advance(10_000)
  for (let count = 0; count < 100; count += 1) store.want(1, clock.now())
  await clock.advance(20)
  expect(begun).toEqual(['r 10'])
  expect(store.saved).toHaveLength(1)
  expect(store.woken).toEqual([1])
  await clock.advance(10 * minute)
  expect(begun).toHaveLength(1)
})

test('C6: a wish may want the images of its types, too; the check after it does not', async () => {
  const { clock, store, begun, forced, service } = world()
  store.set(aResource())
  await service().start()
  await clock.advance(10_000)
  store.want(1, clock.now(), true)
  await clock.advance(61_000)
  expect(begun).toEqual(['r 0', 'r 10', 'r 70'])
  expect(forced).toEqual(['r'])
})

test('C7: a wish that comes while a check runs is another check, begun when that has ended', async () => {
  const { clock, store, begun, hold, held, service } = world()
  store.set(aResource())
  hold.add('r')
  await service().start()
  await clock.advance(5_000)
  store.want(1, clock.now())
  await clock.advance(1_000)
  expect(begun).toEqual(['r 0'])
  hold.clear()
  held.get('r')?.()
  await clock.advance(20)
  expect(begun).toEqual(['r 0', 'r 6'])
})

test('no more run at once than the limit, in turns by team, and a server that is late says so', async () => {
  const { clock, store, begun, hold, held, warnings, service } = world({ running: 2 })
  for (let id = 1; id <= 5; id += 1) store.set(aResource({ id, scopeId: id, name: `a${id}`, teamId: 1 }))
  store.set(aResource({ id: 6, scopeId: 6, name: 'b', teamId: 2 }))
  for (const { name } of store.resources.values()) hold.add(name)
  await service().start()
  await clock.advance(1000)
  expect(begun).toEqual(['a1 0', 'b 0'])
  hold.clear()
  await clock.advance(61_000)
  expect(warnings).toEqual([expect.stringMatching(/^checks are late: 4 wait for their turn, the first for 6\d s; /)])
  held.get('b')?.()
  await clock.advance(100)
  expect(begun.map((line) => line.split(' ')[0]).toSorted()).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'b'])
})

test('two servers share the scopes; when one is gone the other checks all', async () => {
  const { clock, store, begun, service } = world()
  for (let id = 1; id <= 20; id += 1) store.set(aResource({ id, scopeId: id, name: `r${id}` }))
  const [one, two] = [service('one'), service('two')]
  await one.start()
  await two.start()
  await clock.advance(5_000)
  await clock.advance(minute)
  const round = begun.filter((line) => Number(line.split(' ')[1]) >= 5)
  expect(new Set(round.map((line) => line.split(' ')[0])).size).toBe(20)
  expect(round).toHaveLength(20)
  await two.stop()
  begun.length = 0
  await clock.advance(minute + 5_000)
  expect(new Set(begun.map((line) => line.split(' ')[0])).size).toBe(20)
})

test('kill -9 in a check: another server checks again when the lease is over, and the wish is granted', async () => {
  const { clock, store, begun, hold, service } = world()
  store.set(aResource({ checkEvery: 'never' }))
  hold.add('r')
  store.want(1, clock.now())
  await service('killed').start()
  await clock.advance(100)
  expect(begun).toEqual(['r 0'])
  // What it would do from now on has no effect: it renews nothing and saves nothing.
  const { lease } = store
  store.lease = (owner, ...rest) => (owner === 'killed' ? Promise.reject(new Error('killed')) : lease.call(store, owner, ...rest))
  hold.clear()
  await service('next').start()
  await clock.advance(12_000)
  expect(begun).toHaveLength(2)
  expect(store.times.get(1)?.startedAt).toBeGreaterThanOrEqual(10_000)
})

test('a server that cannot renew its shards begins nothing when its lease is over', async () => {
  const { clock, store, begun, service } = world()
  store.set(aResource())
  await service().start()
  await clock.advance(1000)
  store.lease = () => Promise.reject(new Error('the database is away'))
  await clock.advance(5 * minute)
  expect(begun).toEqual(['r 0'])
})

test('a check that throws is tried again after some seconds, whatever is wanted meanwhile', async () => {
  const { clock, store, begun, finds, warnings, service } = world()
  store.set(aResource())
  finds.set('r', new Error('the database is away'))
  await service().start()
  await clock.advance(1_000)
  store.want(1, clock.now())
  await clock.advance(11_000)
  expect(begun).toHaveLength(3)
  expect(warnings).toHaveLength(3)
})

test('a resource that its config does not have any more is not tried again and again', async () => {
  const { clock, store, begun, finds, service } = world()
  store.set(aResource())
  finds.set('r', 'gone')
  await service().start()
  await clock.advance(10_000)
  expect(begun).toEqual(['r 0'])
  finds.set('r', 'nothing')
  store.set(aResource({ configVersion: 2, scopeId: 2 }))
  await clock.advance(1_000)
  expect(begun).toEqual(['r 0', 'r 11'])
})

test('stopping ends what runs, saves the ends and gives the shards back', async () => {
  const { clock, store, hold, service } = world()
  store.set(aResource())
  store.times.set(1, { failures: 0, startedAt: 1, endedAt: 1 })
  hold.add('r')
  const made = service()
  await made.start()
  await clock.advance(100)
  const stopped = made.stop()
  await clock.advance(100)
  await stopped
  expect(store.saved.flat()).toHaveLength(1)
  expect(clock.sleeping).toBe(0)
})

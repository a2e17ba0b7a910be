import { expect, test } from 'vitest'
import { aResource } from './testing/a-resource.ts'
import { minute, serviceWorld } from './testing/service-world.ts'

test('two servers share the scopes; when one is gone the other checks all', async () => {
  const { clock, store, begun, service } = serviceWorld()
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
  const { clock, store, begun, hold, service } = serviceWorld()
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
  const { clock, store, begun, service } = serviceWorld()
  store.set(aResource())
  await service().start()
  await clock.advance(1000)
  store.lease = () => Promise.reject(new Error('the database is away'))
  await clock.advance(5 * minute)
  expect(begun).toEqual(['r 0'])
})

test('a check that throws is tried again after some seconds, whatever is wanted meanwhile', async () => {
  const { clock, store, begun, finds, warnings, service } = serviceWorld()
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
  const { clock, store, begun, finds, service } = serviceWorld()
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
  const { clock, store, hold, service } = serviceWorld()
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

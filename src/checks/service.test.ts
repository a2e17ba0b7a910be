import { expect, test } from 'vitest'
import { aResource } from './testing/a-resource.ts'
import { minute, serviceWorld } from './testing/service-world.ts'

test('C2: a resource is checked at once, then a minute after each end', async () => {
  const { clock, store, begun, service } = serviceWorld()
  store.set(aResource())
  await service().start()
  await clock.advance(2.5 * minute)
  expect(begun).toEqual(['r 0', 'r 60', 'r 120'])
})

test('C2: check_every and never', async () => {
  const { clock, store, begun, service } = serviceWorld()
  store.set(aResource({ checkEvery: '90s' }))
  store.set(aResource({ id: 2, scopeId: 2, name: 'never', checkEvery: 'never' }))
  await service().start()
  await clock.advance(3.2 * minute)
  expect(begun).toEqual(['r 0', 'r 90', 'r 180'])
})

test('C5: resources that share a scope are checked once, at the shortest of their intervals', async () => {
  const { clock, store, begun, service } = serviceWorld()
  store.set(aResource({ checkEvery: '5m' }))
  store.set(aResource({ id: 2, name: 'other', pipelineId: 2, checkEvery: '1m' }))
  await service().start()
  await clock.advance(1.5 * minute)
  expect(begun).toEqual(['r 0', 'r 60'])
})

test('C9: checks that find nothing leave no build, and their ends are saved together', async () => {
  const { clock, store, service } = serviceWorld()
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
  const { clock, store, finds, service } = serviceWorld()
  store.set(aResource())
  store.times.set(1, { failures: 0, startedAt: 1, endedAt: 1 })
  finds.set('r', 'news')
  await service().start()
  await clock.advance(1000)
  expect(store.builds).toMatchObject([{ scopeId: 1, status: 'succeeded' }])
  expect(store.saved.map((ends) => ends.length)).toEqual([1])
})

test('C2: failures back off to half an hour, success resets, and each failure is shown', async () => {
  const { clock, store, begun, finds, service } = serviceWorld()
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
  const { clock, store, begun, finds, service } = serviceWorld()
  store.set(aResource({ triggers: false, isInput: false, hasVersions: false }))
  finds.set('r', 'failure')
  await service().start()
  await clock.advance(3 * minute)
  finds.set('r', 'nothing')
  await clock.advance(60 * minute)
  expect(begun).toEqual(['r 0', 'r 120', 'r 360'])
})

test('B8: a pipeline that is paused is not checked; unpaused, it is within a second', async () => {
  const { clock, store, begun, service } = serviceWorld()
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
  const { clock, store, begun, service } = serviceWorld()
  store.set(aResource())
  await service().start()
  await clock.advance(1000)
  store.resources.clear()
  store.set(aResource({ id: 2, scopeId: 2, name: 'new', configVersion: 2 }))
  await clock.advance(90_000)
  expect(begun).toEqual(['r 0', 'new 2', 'new 62'])
})

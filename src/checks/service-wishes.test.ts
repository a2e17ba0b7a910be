import { expect, test } from 'vitest'
import { aResource } from './testing/a-resource.ts'
import { minute, serviceWorld } from './testing/service-world.ts'

test('C7: a hundred wishes are one check, which begins at once, also of one that is never checked otherwise', async () => {
  const { clock, store, begun, service } = serviceWorld()
  store.set(aResource({ checkEvery: 'never' }))
  await service().start()
  await clock.advance(10_000)
  for (let count = 0; count < 100; count += 1) store.want(1, clock.now())
  await clock.advance(20)
  expect(begun).toEqual(['r 10'])
  expect(store.saved).toHaveLength(1)
  expect(store.woken).toBe(1)
  await clock.advance(10 * minute)
  expect(begun).toHaveLength(1)
})

test('C6: a wish may want the images of its types, too; the check after it does not', async () => {
  const { clock, store, begun, forced, service } = serviceWorld()
  store.set(aResource())
  await service().start()
  await clock.advance(10_000)
  store.want(1, clock.now(), true)
  await clock.advance(61_000)
  expect(begun).toEqual(['r 0', 'r 10', 'r 70'])
  expect(forced).toEqual(['r'])
})

test('C7: a wish that comes while a check runs is another check, begun when that has ended', async () => {
  const { clock, store, begun, hold, held, service } = serviceWorld()
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

test('C7: a wish that is missed while resources are read is found by the next look', async () => {
  const { clock, store, begun, service } = serviceWorld()
  store.set(aResource({ checkEvery: 'never' }))
  const load = store.load.bind(store)
  let first = true
  store.load = async (wanted) => {
    const loaded = await load(wanted)
    if (first) store.wantUntold(1, clock.now())
    first = false
    return loaded
  }
  await service().start()
  await clock.advance(3_000)
  expect(begun).toEqual(['r 1'])
})

test('C7: a wish alone does not read the marks of all pipelines', async () => {
  const { clock, store, begun, service } = serviceWorld({ lookMs: 10 * minute, renewMs: 5_000 })
  store.set(aResource({ checkEvery: 'never' }))
  const pipelines = store.pipelines.bind(store)
  let read = 0
  store.pipelines = () => ((read += 1), pipelines())
  await service().start()
  await clock.advance(1_000)
  store.want(1, clock.now())
  await clock.advance(1_000)
  expect([begun, read]).toEqual([['r 1'], 1])
})

/** A check was taken up five seconds ago, and waits for its turn. */
async function waitingCheck() {
  const world = serviceWorld()
  const { clock, store, hold, late, service } = world
  store.set(aResource())
  store.times.set(1, { failures: 0, startedAt: 1, endedAt: 2 })
  hold.add('r')
  late.add('r')
  await service().start()
  await clock.advance(5_000)
  return world
}

test('a wish that comes while a check waits for its turn is answered by that check, and told at once', async () => {
  const { clock, store, begun, held } = await waitingCheck()
  store.want(1, clock.now())
  await clock.advance(1_000)
  const { woken } = store
  held.get('r')?.()
  await clock.advance(20)
  expect(begun).toEqual(['r 0'])
  expect([store.saved.at(-1), store.woken]).toEqual([[expect.objectContaining({ startedAt: 1_000_006_000, urgent: true })], woken + 1])
})

test('a wish that is read when the check behind it has ended is told of that check', async () => {
  const { clock, store, begun, held } = await waitingCheck()
  const wantedAt = clock.now()
  await clock.advance(1_000)
  held.get('r')?.()
  await clock.advance(20)
  const { woken } = store
  expect(store.saved).toEqual([])
  store.want(1, wantedAt)
  await clock.advance(20)
  expect(begun).toEqual(['r 0'])
  expect([store.saved.at(-1)?.at(-1), store.woken]).toEqual([expect.objectContaining({ startedAt: 1_000_006_000, urgent: true }), woken + 1])
  store.want(1, wantedAt)
  await clock.advance(20)
  expect(store.woken).toBe(woken + 1)
})

test('tells when the connection to the database was lost, and not when a wish comes', async () => {
  const { clock, store, gaps, service } = serviceWorld()
  store.set(aResource())
  await service().start()
  store.want(1, clock.now())
  expect(gaps.count).toBe(0)
  store.wantUntold(1, clock.now())
  expect(gaps.count).toBe(1)
})

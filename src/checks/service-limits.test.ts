import { expect, test } from 'vitest'
import type { Gate } from '../lib/gate.ts'
import { aResource } from './testing/a-resource.ts'
import { minute, serviceWorld } from './testing/service-world.ts'

test('while checks are paused none begins, and nothing is looked at over and over; what is due comes afterwards', async () => {
  const { clock, store, begun, service } = serviceWorld()
  store.set(aResource())
  let [open, passes, looks] = [false, 0, 0]
  const gate: Gate = {
    get open() {
      looks++
      return open
    },
    passed: () => void passes++,
  }
  await service('one', { gate }).start()
  await clock.advance(5 * minute)
  expect([begun, passes]).toEqual([[], 0])
  expect(looks).toBeLessThan(5 * 60 * 4)
  open = true
  await clock.advance(1_000)
  expect(begun).toEqual(['r 301'])
  expect(passes).toBeGreaterThan(0)
})

test('no more run at once than the limit, in turns by team, and a server that is late says so', async () => {
  const { clock, store, begun, hold, held, warnings, service } = serviceWorld({ running: 2 })
  for (let id = 1; id <= 5; id += 1) store.set(aResource({ id, scopeId: id, name: `a${id}`, teamId: 1 }))
  store.set(aResource({ id: 6, scopeId: 6, name: 'b', teamId: 2 }))
  for (const { name } of store.resources.values()) hold.add(name)
  const checks = service()
  expect(checks.queue).toEqual({ waiting: 0, oldestMs: 0, running: 0 })
  await checks.start()
  await clock.advance(1000)
  expect(begun).toEqual(['a1 0', 'b 0'])
  expect(checks.queue).toEqual({ waiting: 4, oldestMs: 1000, running: 2 })
  hold.clear()
  await clock.advance(61_000)
  expect(warnings).toEqual([expect.stringMatching(/^checks are late: 4 wait for their turn, the first for 6\d s; /)])
  held.get('b')?.()
  await clock.advance(100)
  expect(begun.map((line) => line.split(' ')[0]).toSorted()).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'b'])
})

/** Gives each check of `slow` a place a second after the one before. */
function onePerSecond(now: () => number) {
  let [next, taken] = [0, 0]
  const place = ({ name }: { readonly name: string }) => {
    if (!name.startsWith('slow')) return Promise.resolve(undefined)
    taken += 1
    const waitMs = Math.max(0, next - now())
    next = Math.max(next, now()) + 1_000
    return Promise.resolve({ registry: 'slow.example', waitMs })
  }
  return { place, taken: () => taken }
}

test('checks of a registry begin as it lets them, one place for each; those of others do not wait for them', async () => {
  const { clock, store, begun, service } = serviceWorld({ running: 2 })
  for (let id = 1; id <= 5; id += 1) store.set(aResource({ id, scopeId: id, name: `slow${id}` }))
  store.set(aResource({ id: 6, scopeId: 6, name: 'other' }))
  const { place, taken } = onePerSecond(() => clock.now())
  await service('one', { place }).start()
  await clock.advance(59_000)
  expect(begun.map((line) => line.split(' ')[0]).toSorted()).toEqual(['other', 'slow1', 'slow2', 'slow3', 'slow4', 'slow5'])
  const seconds = begun.filter((line) => line.startsWith('slow')).map((line) => Math.round(Number(line.split(' ')[1])))
  expect(seconds).toEqual([0, 1, 2, 3, 4])
  expect(begun).toContain('other 0')
  expect(taken()).toBe(5)
  await clock.advance(minute)
  expect(taken()).toBe(10)
})

test('a check that somebody wants does not wait for its place, and takes one', async () => {
  const { clock, store, begun, service } = serviceWorld()
  for (let id = 1; id <= 5; id += 1) store.set(aResource({ id, scopeId: id, name: `slow${id}` }))
  const { place, taken } = onePerSecond(() => clock.now())
  await service('one', { place }).start()
  await clock.advance(500)
  expect(begun).toHaveLength(1)
  const waiting = [1, 2, 3, 4, 5].find((id) => !begun[0]?.startsWith(`slow${id} `)) ?? 0
  store.want(waiting, clock.now())
  await clock.advance(100)
  expect(begun).toHaveLength(2)
  expect(begun[1]).toMatch(new RegExp(`^slow${waiting} 0\\.5`))
  expect(taken()).toBe(5)
})

test('a registry whose checks wait long is named in the log, now and then', async () => {
  const { clock, store, warnings, service } = serviceWorld({ lateMs: 10_000 })
  for (let id = 1; id <= 40; id += 1) store.set(aResource({ id, scopeId: id, name: `slow${id}` }))
  await service('one', { place: onePerSecond(() => clock.now()).place }).start()
  await clock.advance(9_000)
  expect(warnings).toEqual([expect.stringMatching(/^checks of images of slow\.example are late: the next one waits for 1\d s; .*registry-checks-per-second/)])
})

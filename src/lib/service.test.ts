import { expect, test } from 'vitest'
import { fakeClock } from './clock.ts'
import type { Gate } from './gate.ts'
import { silentLog, type Log } from './log.ts'
import { periodic, together, type Service } from './service.ts'

function counted(options: { firstAfterMs?: number; stopMs?: number; run?: (signal: AbortSignal) => Promise<void>; gate?: Gate } = {}) {
  const clock = fakeClock()
  const logged: string[] = []
  const log: Log = { ...silentLog, warn: (_fields, message) => logged.push(message) }
  let runs = 0
  const { run = () => Promise.resolve(), ...times } = options
  const service = periodic({
    name: 'sweep', clock, log, everyMs: 1_000, ...times,
    run: (signal) => {
      runs += 1
      return run(signal)
    },
  })
  return { clock, service, logged, runs: () => runs }
}

test('a periodic service runs at its start, in its time and when it is woken', async () => {
  const { clock, service, runs } = counted()
  void service.start()
  await clock.advance(0)
  expect(runs()).toBe(1)
  await clock.advance(999)
  expect(runs()).toBe(1)
  await clock.advance(1)
  expect(runs()).toBe(2)
  service.wake()
  await clock.advance(0)
  expect(runs()).toBe(3)
  await service.stop()
  await clock.advance(10_000)
  expect(runs()).toBe(3)
  expect(clock.sleeping).toBe(0)
})

test('a run that falls into a pause is left out, and one that was made is told of', async () => {
  let [open, passed] = [false, 0]
  const gate = { get open() { return open }, passed: () => void passed++ }
  const { clock, service, runs } = counted({ gate })
  void service.start()
  await clock.advance(5_000)
  expect([runs(), passed]).toEqual([0, 0])
  open = true
  await clock.advance(1_000)
  expect([runs(), passed]).toEqual([1, 1])
  await service.stop()
})

test('a run that fails is logged, and the next one comes', async () => {
  const { clock, service, logged, runs } = counted({ firstAfterMs: 500, run: () => Promise.reject(new Error('no answer')) })
  void service.start()
  await clock.advance(499)
  expect(runs()).toBe(0)
  await clock.advance(1_001)
  expect(runs()).toBe(2)
  expect(logged).toEqual(['sweep failed; trying again later', 'sweep failed; trying again later'])
  await service.stop()
})

test('stopping waits for a run that is under way, no longer than its limit', async () => {
  const ended: string[] = []
  const { clock, service } = counted({ stopMs: 100, run: () => new Promise(() => undefined) })
  void service.start()
  await clock.advance(0)
  const stopped = service.stop().then(() => ended.push('stopped'))
  await clock.advance(99)
  expect(ended).toEqual([])
  await clock.advance(1)
  await stopped
})

test('a service that was never started stops, also twice', async () => {
  const { service } = counted()
  await service.stop()
  await service.stop()
})

test('services start in order, stop in reverse, and undo a start that fails half way', async () => {
  const calls: string[] = []
  const service = (name: string, fails = false): Service => ({
    name,
    start: () => {
      calls.push(`start ${name}`)
      if (fails) throw new Error(`${name} does not start`)
    },
    stop: () => Promise.resolve(void calls.push(`stop ${name}`)),
  })
  const both = together('both', [service('a'), service('b')])
  await both.start()
  await both.stop()
  expect(calls).toEqual(['start a', 'start b', 'stop b', 'stop a'])
  calls.length = 0
  await expect(together('all', [service('a'), service('b', true), service('c')]).start()).rejects.toThrow('b does not start')
  expect(calls).toEqual(['start a', 'start b', 'stop a'])
})

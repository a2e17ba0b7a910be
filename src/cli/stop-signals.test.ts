import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { stopped, stopRequested } from './stop-signals.ts'

const never = new Promise<void>(() => undefined)

test.each(['SIGTERM', 'SIGINT'])('%s asks for the stop, and a second signal ends the wait for it', async (signal) => {
  const process = new EventEmitter()
  const first = stopRequested(process)
  process.emit(signal)
  await first
  const end = stopped(never, { process, clock: fakeClock(), limitMs: 1000 })
  process.emit('SIGTERM')
  expect(await end).toBe('second-signal')
})

test('a stop that takes longer than its limit is not waited for', async () => {
  const clock = fakeClock()
  const end = stopped(never, { process: new EventEmitter(), clock, limitMs: 1000 })
  await clock.advance(999)
  expect(clock.sleeping).toBe(1)
  await clock.advance(1)
  expect(await end).toBe('too-late')
})

test('a stop in time is all there is, and leaves no timer', async () => {
  const clock = fakeClock()
  expect(await stopped(Promise.resolve(), { process: new EventEmitter(), clock, limitMs: 1000 })).toBeUndefined()
  await clock.advance(0)
  expect(clock.sleeping).toBe(0)
})

test('a stop that fails is told', async () => {
  await expect(stopped(Promise.reject(new Error('the disk is full')), { process: new EventEmitter(), clock: fakeClock(), limitMs: 1000 })).rejects.toThrow('the disk is full')
})

import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { Cleanup } from './cleanup.ts'

const turns = () => new Promise((resolve) => setImmediate(resolve))

test('what a step leaves is removed a breath later: what the build does next goes first', async () => {
  const clock = fakeClock()
  const cleanup = new Cleanup(silentLog, clock)
  const removed: string[] = []
  cleanup.addAfterStep('a container', async () => void removed.push('container'))
  await turns()
  expect(removed).toEqual([])
  await clock.advance(1_500)
  await turns()
  expect(removed).toEqual(['container'])
})

test('and at once when the build does nothing more', async () => {
  const cleanup = new Cleanup(silentLog, fakeClock())
  const removed: string[] = []
  cleanup.addAfterStep('a container', async () => void removed.push('container'))
  await cleanup.settled()
  expect(removed).toEqual(['container'])
})

test('a removal is not delayed when a step lacks capacity', async () => {
  const cleanup = new Cleanup(silentLog, fakeClock())
  const removed: string[] = []
  cleanup.addAfterStep('a container', async () => void removed.push('container'))
  cleanup.hurry()
  await turns()
  expect(removed).toEqual(['container'])
})

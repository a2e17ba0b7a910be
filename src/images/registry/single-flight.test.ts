import { expect, it } from 'vitest'
import { SingleFlight } from './single-flight.ts'

it('runs once for concurrent callers, and again afterwards', async () => {
  const flights = new SingleFlight<number>()
  let runs = 0
  const start = (): Promise<number> => Promise.resolve(++runs)
  expect(await Promise.all([flights.run('a', undefined, start), flights.run('a', undefined, start), flights.run('b', undefined, start)])).toEqual([1, 1, 2])
  expect(await flights.run('a', undefined, start)).toBe(3)
})

it('is aborted only when all callers have aborted', async () => {
  const flights = new SingleFlight<string>()
  let finish: (value: string) => void = () => undefined
  let aborted = false
  const start = (signal: AbortSignal): Promise<string> => {
    signal.addEventListener('abort', () => (aborted = true))
    return new Promise((resolve) => (finish = resolve))
  }
  const leaver = new AbortController()
  const first = flights.run('a', leaver.signal, start)
  const second = flights.run('a', undefined, start)
  leaver.abort(new Error('left'))
  await expect(first).rejects.toThrow('left')
  expect(aborted).toBe(false)
  finish('done')
  expect(await second).toBe('done')

  const last = new AbortController()
  const alone = flights.run('a', last.signal, start)
  last.abort(new Error('left'))
  await expect(alone).rejects.toThrow('left')
  expect(aborted).toBe(true)
})

it('fails for all callers', async () => {
  const flights = new SingleFlight<number>()
  const start = (): Promise<number> => Promise.reject(new Error('no'))
  const both = await Promise.allSettled([flights.run('a', undefined, start), flights.run('a', new AbortController().signal, start)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

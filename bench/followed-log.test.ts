import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { followedScript, readFollowed } from './followed-log.ts'

it('lets the container go on once it is followed, and leaves its first line out', async () => {
  const log = new PassThrough()
  const gone = Promise.withResolvers<void>()
  const reading = readFollowed(log, { at: 0, letGo: gone.resolve }, text)
  log.write('begin\n')
  await gone.promise
  log.write('line 1\n')
  log.end('line 2\n')
  const { text: said, ms } = await reading
  expect(said).toBe('line 1\nline 2\n')
  expect(ms).toBeGreaterThanOrEqual(0)
})

it('refuses a log that misses its beginning', async () => {
  const log = new PassThrough()
  log.end('line 2\n')
  await expect(readFollowed(log, { at: 0, letGo: () => undefined }, text)).rejects.toThrow('line 2')
})

it('has the container say so before it waits', () => {
  expect(followedScript('wait', 'work')).toBe('echo begin; wait; work')
})

import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { Watcher } from './watcher.ts'

/** A client that takes nothing until it is drained. */
class SlowResponse extends EventEmitter {
  destroyed = false
  readonly writeHead = () => this
  readonly flushHeaders = () => undefined
  readonly write = () => false
  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

const watching = () => {
  const [clock, response] = [fakeClock(), new SlowResponse()]
  return { clock, response, watcher: new Watcher(response as unknown as ServerResponse, clock, { gzip: false }) }
}

test('a client that takes nothing for two minutes is cut off, not ended', async () => {
  const { clock, response, watcher } = watching()
  const written = watcher.write(Buffer.from('x'))
  await clock.advance(119_999)
  expect(response.destroyed).toBe(false)
  await clock.advance(1)
  await written
  expect([response.destroyed, watcher.gone.aborted]).toEqual([true, true])
})

test('a slow client that takes something in time goes on', async () => {
  const { clock, response, watcher } = watching()
  const written = watcher.write(Buffer.from('x'))
  await clock.advance(119_999)
  response.emit('drain')
  await written
  await clock.advance(120_000)
  expect(response.destroyed).toBe(false)
})

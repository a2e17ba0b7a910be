import { EventEmitter, once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { Watcher } from './watcher.ts'

/** A client that takes nothing until it is drained. */
class SlowResponse extends EventEmitter {
  destroyed = false
  readonly sent: Buffer[] = []
  readonly socket = Object.assign(new EventEmitter(), { write: (bytes: Buffer) => this.sent.push(bytes) === 0 })
  readonly writeHead = () => this
  readonly flushHeaders = () => undefined
  readonly write = () => false
  destroy(): void {
    this.destroyed = true
    this.socket.emit('close')
    this.emit('close')
  }
}

const watching = (gzip = false) => {
  const [clock, response] = [fakeClock(), new SlowResponse()]
  return { clock, response, watcher: new Watcher(response as unknown as ServerResponse, clock, { gzip }) }
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
  response.socket.emit('drain')
  await written
  await clock.advance(120_000)
  expect(response.destroyed).toBe(false)
})

test.each([false, true])('watchers are sent the same buffer, not a copy each (gzip: %s)', async (gzip) => {
  const [one, two] = [watching(gzip), watching(gzip)]
  const bytes = Buffer.from('x'.repeat(1_000))
  void one.watcher.write(bytes)
  void two.watcher.write(bytes)
  expect(one.response.sent).toHaveLength(1)
  expect(one.response.sent[0]).toBe(two.response.sent[0])
  for (const { watcher } of [one, two]) watcher.cut()
})

test('a stream that stands behind another answer on its connection comes whole, and in order', async () => {
  const [first, second, whole] = [Promise.withResolvers<ServerResponse>(), Promise.withResolvers<Watcher>(), Promise.withResolvers<void>()]
  const server = createServer((request, response) => (request.url === '/first' ? first.resolve(response) : second.resolve(new Watcher(response, fakeClock(), { gzip: false }))))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more
    if (text.endsWith('three\n\r\n')) whole.resolve()
  })
  socket.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n')
  const watcher = await second.promise
  await watcher.write(Buffer.from('one\n'))
  await watcher.write(Buffer.from('two\n'))
  ;(await first.promise).end('first')
  await watcher.write(Buffer.from('three\n'))
  await whole.promise
  expect(text.split('\r\n\r\n').at(-1)).toBe('4\r\none\n\r\n4\r\ntwo\n\r\n6\r\nthree\n\r\n')
  socket.destroy()
  await once(socket, 'close')
  server.close()
})

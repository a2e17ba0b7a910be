import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { listen, type ConnectionLimits, type Listener } from './listen.ts'

const open: Listener[] = []
afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close(0)
})

async function listening(limits: Partial<ConnectionLimits>): Promise<() => Promise<Socket>> {
  const listener = await listen({ bind: '127.0.0.1', port: 0 }, { handler: (_request, response) => response.end('fine'), clock: fakeClock(), limits: { headersMs: 30_000, connections: 100, connectionsOfAddress: 100, ...limits } })
  if (!listener.ok) throw new Error(listener.error.message)
  open.push(listener.value)
  return async () => {
    const socket = connect(listener.value.port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
}

/** A connection that the server closes may end with a reset, for what it has not read: that is its end too. */
const answer = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('data', (data) => resolve(String(data).split('\r\n')[0] ?? '')).once('close', () => resolve('closed'))
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  })

test('a client that does not send the head of its request in time is answered 408 and cut off', async () => {
  const socket = await (await listening({ headersMs: 50 }))()
  // It sends nothing: a part of the head might come after the end on a busy machine, and be answered by a reset instead.
  let said = ''
  socket.setEncoding('utf8').on('data', (text: string) => (said += text))
  await new Promise((resolve) => void socket.once('close', resolve))
  expect(said).toContain('408')
})

test('an address has so many connections at once; one that is closed makes room', async () => {
  const dial = await listening({ connectionsOfAddress: 2 })
  const [one, two] = [await dial(), await dial()]
  expect([await answer(one), await answer(two)]).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK'])
  expect(await answer(await dial())).toBe('closed')
  one.end()
  await once(one, 'close')
  let answered = await answer(await dial())
  // The server hears of the end a moment later.
  while (answered === 'closed') answered = await answer(await dial())
  expect(answered).toBe('HTTP/1.1 200 OK')
})

test('a server has so many connections at once', async () => {
  const dial = await listening({ connections: 1 })
  expect(await answer(await dial())).toBe('HTTP/1.1 200 OK')
  expect(await answer(await dial())).toBe('closed')
})

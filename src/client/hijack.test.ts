import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { Connection } from './connection.ts'
import type { ProcessToEnter } from '../model/container.ts'
import { hijack } from './hijack.ts'

let server: WebSocketServer
let sockets: Promise<WebSocket>
let connection: Connection
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  sockets = new Promise((resolve) => void server.once('connection', resolve))
  await new Promise((resolve) => void server.once('listening', resolve))
  const opened = await Connection.open({ api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, team: 'main', token: { type: 'bearer', value: 'secret' } })
  if (!opened.ok) throw new Error(opened.error)
  connection = opened.value
})
afterEach(async () => {
  for (const socket of server.clients) socket.terminate()
  server.close()
  await connection.close()
})

const sh: ProcessToEnter = { path: 'sh', args: [], env: ['TERM=xterm'], tty: { columns: 100, rows: 30 } }

async function session(onOutput: (text: string) => Promise<void> | void = () => undefined) {
  const hangUp = new AbortController()
  const entering = hijack(connection, { team: 'a b', handle: 'h/1' }, sh, { signal: hangUp.signal, onOutput: (data) => onOutput(Buffer.from(data).toString()) })
  const socket = await sockets
  const frames: Record<string, unknown>[] = []
  const told = new Map<number, () => void>()
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Record<string, unknown>)
    told.get(frames.length)?.()
  })
  const entered = await entering
  if (!entered.ok) throw new Error(JSON.stringify(entered.error))
  return {
    ...entered.value, socket, frames, hangUp,
    say: (frame: object) => socket.send(JSON.stringify(frame)),
    until: (count: number) => (frames.length >= count ? Promise.resolve() : new Promise<void>((resolve) => void told.set(count, resolve))),
  }
}

test('a process is asked for with its terminal, its size follows, and input goes in pieces of a bounded size', async () => {
  const { write, resize, say, until, frames, result } = await session()
  await until(1)
  resize(120, 40)
  await write(Buffer.alloc(100_000, 'x'))
  await write(new Uint8Array(), true)
  await until(5)
  expect(frames[0]).toEqual({ path: 'sh', args: [], env: ['TERM=xterm'], privileged: true, tty: { window_size: { columns: 100, rows: 30 } } })
  expect(frames[1]).toEqual({ tty: { window_size: { columns: 120, rows: 40 } } })
  expect(frames.slice(2, 4).map(({ stdin }) => Buffer.from(String(stdin), 'base64').length)).toEqual([65_536, 34_464])
  expect(frames[4]).toEqual({ closed: true })
  say({ exit_status: 3 })
  ;(await sockets).close(1000)
  expect(await result).toEqual({ ok: true, value: { kind: 'exited', status: 3 } })
})

test('output is taken one piece after the other, and all of it before the result', async () => {
  const gates: (() => void)[] = []
  const taken: string[] = []
  let came = Promise.withResolvers<void>()
  const { say, socket, result } = await session(async (text) => {
    taken.push(text)
    came.resolve()
    await new Promise<void>((resolve) => void gates.push(resolve))
  })
  for (const text of ['one', 'two']) say({ stdout: Buffer.from(text).toString('base64') })
  say({ exit_status: 0 })
  socket.close(1000)
  await came.promise
  expect(taken).toEqual(['one'])
  came = Promise.withResolvers()
  gates[0]?.()
  await came.promise
  expect(taken).toEqual(['one', 'two'])
  gates[1]?.()
  expect(await result).toMatchObject({ ok: true, value: { status: 0 } })
})

test.each<[string, readonly (object | string)[], object]>([
  ['a program that is not there', [{ executable_not_found: true }, { error: 'executable file not found: x' }], { ok: true, value: { kind: 'error', reason: 'executable-not-found' } }],
  ['a process that did not start', [{ error: 'no such user' }], { ok: true, value: { kind: 'error', reason: 'start-failed', message: 'no such user' } }],
  ['a connection that ends before', [], { ok: false, error: { kind: 'lost', message: 'the connection to the container was lost (1012: draining)' } }],
  ['a message that is none', ['<html>'], { ok: false, error: { kind: 'lost', message: 'the server sent an invalid message' } }],
])('%s is told', async (_what, messages, told) => {
  const { socket, result } = await session()
  for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  socket.close(1012, 'draining')
  expect(await result).toMatchObject(told)
})

test('hanging up closes the connection', async () => {
  const { hangUp, socket, result } = await session()
  const closed = new Promise((resolve) => void socket.once('close', resolve))
  hangUp.abort()
  await closed
  expect(await result).toMatchObject({ ok: false, error: { kind: 'lost' } })
})

test('a refusal has the words of the server', async () => {
  const refusing = createServer().on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nthe server is draining'))
  await new Promise<void>((resolve) => void refusing.listen(0, '127.0.0.1', resolve))
  const opened = await Connection.open({ api: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`, team: 'main' })
  if (!opened.ok) throw new Error(opened.error)
  expect(await hijack(opened.value, { team: 'main', handle: 'h' }, sh, { signal: new AbortController().signal, onOutput: () => undefined })).toMatchObject({ ok: false, error: { kind: 'refused', status: 503, message: 'the server is draining' } })
  refusing.close()
  await opened.value.close()
})

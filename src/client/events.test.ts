import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { Connection } from './connection.ts'
import { watchBuild } from './events.ts'

const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

const frame = (id: number, payload: string) => `id: ${id}\nevent: event\ndata: ${JSON.stringify({ event: 'log', version: '5.1', event_id: String(id), data: { time: 1, origin: { id: '1' }, payload } })}\n\n`
const end = 'id: 9\nevent: end\ndata\n\n'

/** Each connection is answered by the next of `answers`; the last one answers all that follow. */
async function watched(...answers: ((response: ServerResponse, request: IncomingMessage) => void)[]) {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined)
    const answer = answers[Math.min(asked.length, answers.length) - 1]
    response.setHeader('content-type', 'text/event-stream')
    answer?.(response, request)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const opened = await Connection.open({ api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, team: 'main' })
  if (!opened.ok) throw new Error(opened.error)
  closing.push(() => server.closeAllConnections(), () => server.close(), () => void opened.value.close())
  const clock = fakeClock()
  const reconnects: string[] = []
  const events = watchBuild(opened.value, 7, { clock: { ...clock, sleep: () => Promise.resolve() }, signal: new AbortController().signal, onReconnect: (message) => reconnects.push(message) })
  const lines: string[] = []
  for (;;) {
    const next = await events.next()
    if (next.done) return { lines, asked, reconnects, outcome: next.value }
    if (next.value.type === 'log') lines.push(next.value.data.payload)
  }
}

describe('a watched build', () => {
  test('is followed to its end event', async () => {
    expect(await watched((response) => response.end(frame(0, 'a') + ':\n\n' + frame(1, 'b') + end))).toMatchObject({ lines: ['a', 'b'], reconnects: [], outcome: { ok: true } })
  })

  test('goes on behind its last event when the connection breaks, each line once', async () => {
    const seen = await watched(
      (response) => response.write(frame(0, 'a') + frame(1, 'b') + 'id: 2\nevent: ev', () => response.destroy()),
      (response) => response.end(frame(2, 'c') + end),
    )
    expect(seen).toMatchObject({ lines: ['a', 'b', 'c'], asked: [undefined, '1'], outcome: { ok: true } })
    expect(seen.reconnects).toHaveLength(1)
  })

  test('does not take the end of a response for the end of the build', async () => {
    expect(await watched((response) => response.end(frame(0, 'a')), (response) => response.end(frame(1, 'b') + end))).toMatchObject({
      lines: ['a', 'b'], asked: [undefined, '0'], reconnects: [expect.stringContaining('before the end of the build') as string], outcome: { ok: true },
    })
  })

  test('waits while the server cannot answer', async () => {
    expect(await watched((response) => response.writeHead(503).end(), (response) => response.end(frame(0, 'a') + end))).toMatchObject({ lines: ['a'], reconnects: ['the server answered 503'] })
  })

  test('is given up where the server stays away', async () => {
    expect(await watched((response) => response.writeHead(503).end())).toMatchObject({ lines: [], outcome: { ok: false, error: { kind: 'unreachable', message: 'the server answered 503' } } })
  })

  test.each([[401, 'unauthorized'], [403, 'forbidden'], [404, 'not-found']])('is over at once when the server answers %i', async (status, kind) => {
    expect(await watched((response) => response.writeHead(status).end())).toMatchObject({ asked: [undefined], outcome: { ok: false, error: { kind } } })
  })

  test('an event without end is not kept in memory', async () => {
    const piece = `data: ${'x'.repeat(1024 * 1024)}\n`
    const seen = await watched((response) => {
      const more = (): void => {
        if (!response.destroyed) response.write(piece, more)
      }
      more()
      response.on('error', () => undefined)
    })
    expect(seen).toMatchObject({ outcome: { ok: false, error: { kind: 'unexpected', message: 'the server sent an event that is too large' } } })
  })

  test('an invalid event ends it in words', async () => {
    const bad = 'event: event\ndata: {"event":"log","data":{"origin":{}}}\n\n'
    expect(await watched((response) => response.end(bad))).toMatchObject({ outcome: { ok: false, error: { kind: 'unexpected', message: 'the server sent an invalid event' } } })
  })
})

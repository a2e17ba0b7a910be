import { expect, test } from 'vitest'
import { findMs, LogClient, tooSlow, type WorkerLike } from './client.ts'
import { LogEngine } from './engine.ts'
import type { ToWorker } from './protocol.ts'

/** A worker with the real engine, in this thread; `stuck` ones never answer. */
class LocalWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null
  readonly engine = new LogEngine()
  ended = false
  stuck = false

  postMessage(message: ToWorker): void {
    if ('bytes' in message) {
      for (const _ of this.engine.read(message.bytes));
      return
    }
    if ('cut' in message) return this.engine.cut()
    if ('part' in message) return this.engine.showPart(message.step, message.part)
    if (this.stuck) return
    const answer = this.engine.ask(message.ask)
    queueMicrotask(() => this.onmessage?.({ data: { kind: 'answer', seq: message.seq, answer } } as MessageEvent))
  }

  terminate(): void {
    this.ended = true
  }
}

function opened() {
  const workers: LocalWorker[] = []
  const timers: { ms: number; call: () => void; stopped: boolean }[] = []
  let reloads = 0
  const client = new LogClient(
    {
      open: () => {
        const worker = new LocalWorker()
        workers.push(worker)
        return worker
      },
      after: (ms, call) => {
        const timer = { ms, call, stopped: false }
        timers.push(timer)
        return () => (timer.stopped = true)
      },
    },
    { state: () => undefined, broken: () => undefined, reload: () => (reloads += 1) },
  )
  return { client, workers, timers, reloads: () => reloads }
}

const log = (text: string): Uint8Array => new TextEncoder().encode(`id: 0\nevent: event\ndata: ${JSON.stringify({ event: 'log', data: { time: 1, origin: { id: 'a' }, payload: text } })}\n\n`)

test('a regex that never ends costs its worker, and the log is asked for again', async () => {
  const { client, workers, timers, reloads } = opened()
  client.feed(log('aaaa!\n'))
  await client.ask({ kind: 'view', step: 'a', width: 80 })
  const [first] = workers as [LocalWorker]
  first.stuck = true
  const found = client.find({ query: { text: '(a+)+$', regex: true }, from: 1 })
  expect(timers[0]?.ms).toBe(findMs)
  timers[0]?.call()
  expect(await found).toEqual({ kind: 'wrong', message: tooSlow })
  expect([first.ended, workers.length, reloads()]).toEqual([true, 2, 1])
  client.feed(log('aaaa!\n'))
  expect(workers[1]?.engine.state).toMatchObject({ step: 'a', lines: 1 })
})

test('a search that ends in time stops its timer', async () => {
  const { client, workers, timers } = opened()
  client.feed(log('x\n'))
  await client.ask({ kind: 'view', step: 'a', width: 80 })
  expect(await client.find({ query: { text: 'x', regex: false }, from: 1 })).toMatchObject({ count: 1 })
  expect([timers[0]?.stopped, workers.length]).toEqual([true, 1])
})

test('a closed client restarts nothing', () => {
  const { client, workers, timers } = opened()
  ;(workers[0] as LocalWorker).stuck = true
  void client.find({ query: { text: 'x', regex: false }, from: 1 })
  client.close()
  timers[0]?.call()
  expect(workers).toHaveLength(1)
})

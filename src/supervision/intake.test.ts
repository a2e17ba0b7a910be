import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeClock, systemClock } from '../lib/clock.ts'
import type { ContainerRecord } from '../runtime/contract.ts'
import { ProtocolError, RecordKind, type WireRecord } from './frames.ts'
import { Intake } from './intake.ts'

const line = (seq: number, assignment = 'a', text = `${seq}\n`): WireRecord => ({
  seq,
  time: 1,
  kind: RecordKind.stdout,
  assignment,
  data: Buffer.from(text),
})
const result = (seq: number, assignment = 'a'): WireRecord => ({
  seq,
  time: 1,
  kind: RecordKind.result,
  assignment,
  data: Buffer.from('{"outcome":{"kind":"exited","status":0}}'),
})
const consumer = (sink: (records: readonly ContainerRecord[]) => Promise<number>) => {
  const failures: Error[] = []
  const results: number[] = []
  return { sink, failures, results, onResult: (_: unknown, seq: number) => void results.push(seq), onSinkFailure: (error: Error) => void failures.push(error) }
}
const collecting = () => {
  const seqs: number[] = []
  return { seqs, ...consumer(async (records) => records.map(({ seq }) => seqs.push(seq)) && records.at(-1)!.seq) }
}

test('each record is given once and in order over disconnects and resends', async () => {
  const total = 200
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ send: fc.nat(60), slow: fc.boolean() }), { maxLength: 12 }), async (connections) => {
      const intake = new Intake(systemClock, { gatherMs: 0 })
      const seqs: number[] = []
      let slow = false
      const taken = consumer(async (records) => {
        if (slow) await new Promise((resolve) => setImmediate(resolve))
        seqs.push(...records.map(({ seq }) => seq))
        return records.at(-1)!.seq
      })
      intake.attach('a', taken)
      for (const connection of [...connections, { send: total, slow: false }]) {
        slow = connection.slow
        const from = intake.acked + 1 // as the welcome says
        for (let seq = from; seq < from + connection.send && seq <= total; seq++) intake.accept(seq === total ? result(seq) : line(seq))
      }
      await intake.flush()
      expect(seqs).toEqual(Array.from({ length: total - 1 }, (_, i) => i + 1))
      expect(taken.results).toEqual([total])
      expect(intake.acked).toBe(total - 1)
      intake.settle(total)
      expect(intake.acked).toBe(total)
    }),
    { numRuns: 50 },
  )
})

test('a gap in the sequence numbers is a protocol error', () => {
  const intake = new Intake(systemClock, { gatherMs: 0 })
  intake.accept(line(1))
  expect(() => intake.accept(line(3))).toThrow(ProtocolError)
})

test('output is batched; events and results are given at once', async () => {
  const clock = fakeClock()
  const intake = new Intake(clock, { gatherMs: 50 })
  const { seqs, ...taken } = collecting()
  const batches: number[] = []
  intake.attach('a', { ...taken, sink: async (records) => (batches.push(records.length), await taken.sink(records)) })
  intake.accept(line(1))
  await clock.advance(0)
  intake.accept(line(2))
  intake.accept(line(3))
  await clock.advance(49)
  expect(batches).toEqual([1])
  await clock.advance(1)
  expect(batches).toEqual([1, 2])
  intake.accept(line(4))
  intake.accept({ ...line(5), kind: RecordKind.event, data: Buffer.from('{"event":"started","pid":1}') })
  await clock.advance(0)
  expect(seqs).toEqual([1, 2, 3, 4, 5])
  intake.accept(line(6))
  intake.accept(result(7))
  await clock.advance(0)
  expect(taken.results).toEqual([7])
})

test('records wait for the first attach; later those of no assignment are dropped', async () => {
  const intake = new Intake(systemClock, { gatherMs: 0 })
  for (const record of [line(1, 'old'), result(2, 'old'), line(3, 'new')]) intake.accept(record)
  await intake.flush()
  expect(intake.acked).toBe(0)
  const { seqs, ...taken } = collecting()
  intake.attach('new', taken)
  await intake.flush()
  expect(seqs).toEqual([3])
  expect(intake.acked).toBe(3)
})

test('a lagging sink delays the acknowledgement until its result is durable', async () => {
  const intake = new Intake(systemClock, { gatherMs: 0 })
  const durable = [1, 1, 4]
  const taken = consumer(async () => durable.shift()!)
  intake.attach('a', taken)
  intake.accept(line(1))
  intake.accept(line(2))
  await intake.flush()
  expect(intake.acked).toBe(1)
  intake.accept(line(3))
  await intake.flush()
  expect(intake.acked).toBe(1)
  intake.accept(line(4))
  await intake.flush()
  expect(intake.acked).toBe(4)
  durable.push(4)
  intake.accept(line(5))
  intake.accept(result(6))
  await intake.flush()
  expect(taken.results).toEqual([6])
  expect(intake.acked).toBe(4)
  intake.settle(6)
  expect(intake.acked).toBe(6)
})

test('a result that is not durable delays its acknowledgement, not other sinks', async () => {
  const intake = new Intake(systemClock, { gatherMs: 0 })
  const first = collecting()
  const second = collecting()
  intake.attach('a', first)
  intake.attach('b', second)
  for (const record of [line(1), result(2), line(3, 'b')]) intake.accept(record)
  await intake.flush()
  expect(second.seqs).toEqual([3])
  expect(intake.acked).toBe(1)
  intake.settle(2)
  expect(intake.acked).toBe(3)
})

test('after a failed sink all records that are not durable go to the next one', async () => {
  const intake = new Intake(systemClock, { gatherMs: 0 })
  let rewound = 0
  intake.onRewind = () => void rewound++
  const seen: number[] = []
  const broken = consumer(async (records) => {
    if (records[0]!.seq > 2) throw new Error('database gone')
    return 1 // the second line is not whole yet
  })
  intake.attach('a', broken)
  for (const seq of [1, 2]) intake.accept(line(seq))
  await intake.flush()
  intake.accept(line(3))
  await intake.flush()
  expect(broken.failures.map(({ message }) => message)).toEqual(['database gone'])
  expect(rewound).toBe(1)
  expect(intake.received).toBe(1)
  for (const seq of [2, 3, 4]) intake.accept(line(seq))
  await intake.flush()
  intake.attach('a', consumer(async (records) => records.map(({ seq }) => seen.push(seq)) && records.at(-1)!.seq))
  await intake.flush()
  expect(seen).toEqual([2, 3, 4])
  expect(intake.acked).toBe(4)
})

test('a slow sink slows the reader down', async () => {
  const intake = new Intake(systemClock, { gatherMs: 0 })
  const { promise, resolve } = Promise.withResolvers<void>()
  intake.attach('a', consumer(async (records) => (await promise, records.at(-1)!.seq)))
  for (let seq = 1; seq <= 100; seq++) intake.accept(line(seq, 'a', 'x'.repeat(60_000)))
  let room = false
  const waiting = intake.room().then(() => (room = true))
  await new Promise((done) => setImmediate(done))
  expect(room).toBe(false)
  resolve()
  await waiting
  await intake.flush()
  expect(intake.acked).toBe(100)
})

test('records of an unknown kind are acknowledged and dropped', async () => {
  const intake = new Intake(systemClock, { gatherMs: 0 })
  const { seqs, ...taken } = collecting()
  intake.attach('a', taken)
  intake.accept({ ...line(1), kind: 9 })
  intake.accept({ ...line(2), kind: RecordKind.event, data: Buffer.from('{"event":"from the future"}') })
  intake.accept(line(3))
  await intake.flush()
  expect(seqs).toEqual([3])
  expect(intake.acked).toBe(3)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogIntake } from './log-intake.ts'
import type { LogPosition } from '../model/build.ts'
import { Redactor } from '../lib/redactor.ts'

type Stream = 'stdout' | 'stderr'
interface Rec {
  readonly seq: number
  readonly stream?: Stream
  readonly bytes?: Uint8Array
}

const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
const redactorOf = (...secrets: string[]) => {
  const redactor = new Redactor()
  redactor.add(secrets)
  return redactor
}

/** Bytes cut anywhere into records of two streams, with records without output between them. */
function recordsOf(out: Uint8Array, err: Uint8Array, sizes: readonly number[]): Rec[] {
  const left: Record<Stream, Uint8Array> = { stdout: out, stderr: err }
  const records: Rec[] = []
  for (let index = 0; left.stdout.length + left.stderr.length > 0; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    const stream: Stream = (size % 2 === 0 && left.stderr.length > 0) || left.stdout.length === 0 ? 'stderr' : 'stdout'
    if (size % 5 === 0) records.push({ seq: records.length + 1 })
    records.push({ seq: records.length + 1, stream, bytes: left[stream].subarray(0, size) })
    left[stream] = left[stream].subarray(size)
  }
  return records
}

interface Run {
  readonly stdout: string
  readonly stderr: string
}

interface Course {
  readonly batches: readonly number[]
  readonly takes: readonly ('lines' | 'all')[]
  readonly deaths: ReadonlySet<number>
}

/**
 * Feeds the records in batches to one server after the other. After each batch what is taken is durable with its position;
 * `deaths` says after which batches the server dies, and the next one resumes from what was durable.
 */
function run(records: readonly Rec[], { batches, takes, deaths }: Course, redactor: Redactor): Run {
  const shown = { stdout: '', stderr: '' }
  let position: LogPosition = { acked: 0 }
  let intake = new LogIntake(redactor, position)
  let next = 0
  for (let batch = 0; next < records.length; batch += 1) {
    for (let count = batches[batch % batches.length] ?? 1; count > 0 && next < records.length; count -= 1, next += 1) {
      const record = records[next]
      if (record !== undefined) intake.add(record.seq, record.stream, record.bytes)
    }
    for (const chunk of intake.take(takes[batch % takes.length] ?? 'lines')) shown[chunk.stream] += chunk.text
    position = intake.position()
    if (!deaths.has(batch)) continue
    intake = new LogIntake(redactor, position)
    next = position.acked
  }
  for (const chunk of intake.take('end')) shown[chunk.stream] += chunk.text
  return shown
}

const output = fc
  .array(fc.oneof(fc.constantFrom('hunter2', 'hunt', 'er2', '\n', '\n', 'ü', '漢', '🚢', '\ufeff', 'a', 'line of text', 'e\u0301', 'se\ncret'), fc.string({ maxLength: 6 })), { maxLength: 25 })
  .map((parts) => new TextEncoder().encode(parts.join('')))
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 })
const batches = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
const takes = fc.array(fc.constantFrom('lines' as const, 'all' as const), { minLength: 1, maxLength: 4 })
const deaths = fc.uniqueArray(fc.nat(60), { maxLength: 12 }).map((all) => new Set(all))

const course = fc.record({ batches, takes, deaths })

test('any cutting of two streams and any deaths between commits give each byte once', () => {
  fc.assert(
    fc.property(output, output, sizes, course, (out, err, cuts, how) => {
      const shown = run(recordsOf(out, err, cuts), how, redactorOf())
      expect(shown).toEqual({ stdout: text(out), stderr: text(err) })
    }),
    { numRuns: 2000 },
  )
})

test('secrets are hidden wherever records, flushes and deaths cut them', () => {
  const redactor = redactorOf('hunter2', 'se\ncret', 'text')
  fc.assert(
    fc.property(output, output, sizes, course, (out, err, cuts, how) => {
      const shown = run(recordsOf(out, err, cuts), how, redactor)
      expect(shown).toEqual({ stdout: redactor.redact(text(out)), stderr: redactor.redact(text(err)) })
    }),
    { numRuns: 2000 },
  )
})

test('a resume that has reached only one stream’s place keeps the other’s', () => {
  const position: LogPosition = { acked: 4, stdout: { seq: 5, offset: 3 }, stderr: { seq: 9, offset: 0 } }
  const intake = new LogIntake(redactorOf(), position)
  expect(intake.position()).toEqual(position)
  intake.add(5, 'stdout', new TextEncoder().encode('abcdef\n'))
  expect(intake.take('lines')).toEqual([{ stream: 'stdout', text: 'def\n' }])
  expect(intake.position()).toEqual({ acked: 5, stdout: { seq: 6, offset: 0 }, stderr: { seq: 9, offset: 0 } })
  intake.add(6, 'stderr', new TextEncoder().encode('shown before\n'))
  expect(intake.take('end')).toEqual([])
})

test('a line that does not end is shown in pieces, and nothing is kept of them', () => {
  const intake = new LogIntake(redactorOf('hunter2'), { acked: 0 })
  const line = `${'x'.repeat(1_000_000)}hunter2`
  const bytes = new TextEncoder().encode(line)
  let shown = ''
  let most = 0
  for (let index = 0; index * 8192 < bytes.length; index += 1) {
    intake.add(index + 1, 'stdout', bytes.subarray(index * 8192, (index + 1) * 8192))
    for (const chunk of intake.take('lines')) shown += chunk.text
    most = Math.max(most, index + 1 - intake.position().acked)
  }
  for (const chunk of intake.take('end')) shown += chunk.text
  expect(shown).toBe(line.replace('hunter2', '((redacted))'))
  expect(most).toBeLessThanOrEqual(10)
})

test('a secret of 36 000 characters is hidden in whatever records it comes, also where a flush finds half of it', () => {
  const secret = Array.from({ length: 6000 }, (_, index) => String(100_000 + index)).join('')
  const bytes = new TextEncoder().encode(`key ${secret} end\n`)
  const redactor = redactorOf(secret, 'hunter22')
  for (const size of [1, 4096, 8191]) {
    const records: Rec[] = []
    for (let at = 0; at < bytes.length; at += size) records.push({ seq: records.length + 1, stream: 'stdout', bytes: bytes.subarray(at, at + size) })
    for (const take of ['lines', 'all'] as const) expect(run(records, { batches: [size === 1 ? 5000 : 1], takes: [take], deaths: new Set([2]) }, redactor)).toEqual({ stdout: 'key ((redacted)) end\n', stderr: '' })
  }
})

test('what may be a secret so far is looked at again when it has doubled, not at each record', () => {
  const secret = 's'.repeat(1_000_000)
  const redactor = redactorOf(secret)
  let looks = 0
  const safeLength = redactor.safeLength.bind(redactor)
  redactor.safeLength = (shown) => {
    looks += 1
    return safeLength(shown)
  }
  const intake = new LogIntake(redactor, { acked: 0 })
  for (let seq = 1; seq <= 200; seq += 1) {
    intake.add(seq, 'stdout', new TextEncoder().encode('s'.repeat(4096)))
    expect(intake.take('lines')).toEqual([])
  }
  expect(looks).toBeLessThanOrEqual(4)
  expect(intake.take('end').map((chunk) => chunk.text.length)).toEqual([200 * 4096])
})

test('invalid UTF-8 is replaced, never waited for', () => {
  const intake = new LogIntake(redactorOf(), { acked: 0 })
  intake.add(1, 'stdout', Uint8Array.of(0x61, 0xff, 0xfe, 0xc3))
  expect(intake.take('all')).toEqual([{ stream: 'stdout', text: 'a\ufffd\ufffd' }])
  intake.add(2, 'stdout', Uint8Array.of(0x28))
  expect(intake.take('all')).toEqual([{ stream: 'stdout', text: '\ufffd(' }])
})

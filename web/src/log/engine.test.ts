import { expect, test } from 'vitest'
import { LogEngine } from './engine.ts'

const encoder = new TextEncoder()
let nextId = 0

function feed(engine: LogEngine, bytes: Uint8Array): void {
  for (const _ of engine.read(bytes));
}

function frame(event: string, data: Readonly<Record<string, unknown>>, id = nextId): Uint8Array {
  nextId = id + 1
  return encoder.encode(`id: ${id}\nevent: event\ndata: ${JSON.stringify({ data, event, version: '5.1', event_id: String(id) })}\n\n`)
}
const output = (step: string, payload: string, time = 100): Uint8Array => frame('log', { time, origin: { id: step, source: 'stdout' }, payload })
const end = encoder.encode('id: 9999999\nevent: end\ndata\n\n')

function engineWith(step: string, payload: string, width = 80): LogEngine {
  nextId = 0
  const engine = new LogEngine()
  feed(engine, output(step, payload))
  engine.ask({ kind: 'view', step, width })
  return engine
}

const textsOf = (engine: LogEngine, top = 0, count = 100): string[] => engine.ask({ kind: 'rows', top, count }).lines.map(({ segments }) => segments.map(({ text }) => text).join(''))

test('each step has its own lines, whatever their order in the stream', () => {
  nextId = 0
  const engine = new LogEngine()
  feed(engine, output('a', 'one\ntw'))
  feed(engine, output('b', 'other\n'))
  feed(engine, output('a', 'o\n'))
  engine.ask({ kind: 'view', step: 'a', width: 80 })
  expect(textsOf(engine)).toEqual(['one', 'two'])
  engine.ask({ kind: 'view', step: 'b', width: 80 })
  expect(textsOf(engine)).toEqual(['other'])
  expect(engine.state).toMatchObject({ lines: 1, ended: false, full: false })
  feed(engine, end)
  expect(engine.state.ended).toBe(true)
})

test('an event that comes twice is shown once, and frames may be cut anywhere', () => {
  nextId = 0
  const engine = new LogEngine()
  const bytes = [output('a', 'ä1\n'), output('a', '世2\n'), encoder.encode(':\n\n'), output('a', '3\n')]
  for (const byte of Buffer.concat(bytes)) feed(engine, Uint8Array.of(byte))
  feed(engine, Buffer.concat(bytes))
  engine.ask({ kind: 'view', step: 'a', width: 80 })
  expect(textsOf(engine)).toEqual(['ä1', '世2', '3'])
  expect(engine.last).toBe(2)
})

test('events that are missing between others were removed, and the log says so', () => {
  nextId = 0
  const engine = new LogEngine()
  feed(engine, output('a', '1\n'))
  feed(engine, output('a', '2\n'))
  expect(engine.state.removed).toBe(false)
  nextId = 9
  feed(engine, output('a', 'the end\n'))
  feed(engine, end)
  expect(engine.state).toMatchObject({ removed: true, ended: true })
})

test('a stream that is cut within an event goes on with that event', () => {
  nextId = 0
  const engine = new LogEngine()
  const [one, two] = [output('a', '1\n'), output('a', '2\n')]
  feed(engine, one)
  feed(engine, two.subarray(0, 20))
  engine.cut()
  feed(engine, two)
  engine.ask({ kind: 'view', step: 'a', width: 80 })
  expect(textsOf(engine)).toEqual(['1', '2'])
})

test('events that cannot be read, and broken UTF-8, harm nothing', () => {
  const engine = engineWith('a', 'first\n')
  for (const data of ['', '{', '[]', 'null', '{"event":"log"}', '{"event":"log","data":{"origin":7,"payload":{}}}', '{"event":"log","data":{"origin":{"id":"a"},"payload":5,"time":"x"}}']) feed(engine, encoder.encode(`event: event\ndata: ${data}\n\n`))
  feed(engine, Uint8Array.of(...encoder.encode('event: event\ndata: {"event":"log","data":{"origin":{"id":"a"},"payload":"'), 0xff, 0xc3, ...encoder.encode('"}}\n\n')))
  expect(textsOf(engine)).toEqual(['first', '\ufffd\ufffd'])
})

test('an event of more than 16 MB is refused in words', () => {
  const engine = new LogEngine()
  const piece = encoder.encode('x'.repeat(1024 * 1024))
  expect(() => {
    for (let at = 0; at < 18; at += 1) feed(engine, piece)
  }).toThrow('too large')
})

test('an error of the server stands in lines of its own', () => {
  const engine = engineWith('a', 'no end\u001b[3')
  feed(engine, frame('error', { origin: { id: 'a' }, message: 'the image is gone', time: 1 }))
  feed(engine, output('a', 'more\n'))
  expect(textsOf(engine)).toEqual(['no end', 'the image is gone', 'more'])
})

test('rows asked for are those lines that fall on them, wrapped lines with their first row', () => {
  const engine = engineWith('a', `${'x'.repeat(25)}\nshort\n${'y'.repeat(11)}\n`, 10)
  expect(engine.state.rows).toBe(6)
  const { lines, total } = engine.ask({ kind: 'rows', top: 1, count: 3 })
  expect(total).toBe(6)
  expect(lines.map(({ line, row, rows }) => [line, row, rows])).toEqual([[1, 0, 3], [2, 3, 1]])
})

test('of a line of 1 MB only the rows that are seen are sent', () => {
  const engine = engineWith('a', `before\n${'0123456789'.repeat(100_000)}\nafter\n`, 100)
  expect(engine.state.rows).toBe(10_002)
  const { lines } = engine.ask({ kind: 'rows', top: 5_000, count: 60 })
  expect(lines.map(({ line, row, rows, segments }) => [line, row, rows, segments.map(({ text }) => text.length)])).toEqual([[2, 5_000, 60, [6_000]]])
  engine.ask({ kind: 'view', step: 'a', width: 0 })
  expect(engine.ask({ kind: 'rows', top: 1, count: 1 }).lines).toMatchObject([{ cut: true, segments: [{ text: '0123456789'.repeat(2_000) }] }])
})

test('finding counts, goes on from the line that is seen, and goes around', () => {
  const engine = engineWith('a', 'Alpha beta\nnone\nbeta beta\nBETA\n')
  expect(engine.ask({ kind: 'find', query: { text: 'beta', regex: false }, from: 2 })).toMatchObject({ count: 4, index: 1, at: { line: 3 } })
  expect(engine.ask({ kind: 'rows', top: 2, count: 1 }).lines[0]?.segments).toEqual([{ text: 'beta', style: 0, mark: 'current' }, { text: ' ', style: 0 }, { text: 'beta', style: 0, mark: 'hit' }])
  expect(engine.ask({ kind: 'hit', by: 1 })).toMatchObject({ index: 2, at: { line: 3 } })
  expect(engine.ask({ kind: 'hit', by: 1 })).toMatchObject({ index: 3, at: { line: 4 } })
  expect(engine.ask({ kind: 'hit', by: 1 })).toMatchObject({ index: 0, at: { line: 1 } })
  expect(engine.ask({ kind: 'hit', by: -1 })).toMatchObject({ index: 3 })
  expect(engine.ask({ kind: 'find', query: { text: 'Beta', regex: false }, from: 1 })).toMatchObject({ count: 0, index: -1 })
  expect(engine.ask({ kind: 'find', query: { text: '^b.t', regex: true }, from: 1 })).toMatchObject({ count: 2 })
  expect(engine.ask({ kind: 'find', query: { text: '(', regex: true }, from: 1 })).toMatchObject({ kind: 'wrong' })
  expect(engine.ask({ kind: 'find', query: { text: '(', regex: false }, from: 1 })).toMatchObject({ kind: 'found', count: 0 })
  expect(engine.ask({ kind: 'find', query: { text: 'x*', regex: true }, from: 1 })).toMatchObject({ kind: 'found', count: 0 })
  expect(engine.ask({ kind: 'find', query: { text: '', regex: false }, from: 1 })).toMatchObject({ kind: 'found', count: 0 })
})

test('hits in lines that come later are counted when the next is asked for', () => {
  const engine = engineWith('a', 'hit\n')
  expect(engine.ask({ kind: 'find', query: { text: 'hit', regex: false }, from: 1 })).toMatchObject({ count: 1 })
  feed(engine, output('a', 'hit\nhit\n'))
  expect(engine.ask({ kind: 'hit', by: 1 })).toMatchObject({ count: 3, index: 1 })
})

test('hits are counted up to a bound', () => {
  const engine = engineWith('a', `${'x'.repeat(900)}\n`.repeat(200))
  expect(engine.ask({ kind: 'find', query: { text: 'x', regex: false }, from: 1 })).toMatchObject({ count: 100_000, more: true })
  expect(engine.ask({ kind: 'hit', by: 1 })).toMatchObject({ count: 100_000, more: true })
})

test('the next error is found in both directions, around the ends', () => {
  const engine = engineWith('a', 'ok\n--- FAIL: TestA\nok\nerror: no such file\nok\n')
  expect(engine.ask({ kind: 'error', from: 1, by: 1 })).toMatchObject({ line: 2 })
  expect(engine.ask({ kind: 'error', from: 3, by: 1 })).toMatchObject({ line: 4 })
  expect(engine.ask({ kind: 'error', from: 5, by: 1 })).toMatchObject({ line: 2 })
  expect(engine.ask({ kind: 'error', from: 3, by: -1 })).toMatchObject({ line: 2 })
  expect(engine.ask({ kind: 'first-error', step: 'a' })).toEqual({ line: 2, text: '--- FAIL: TestA' })
  expect(engine.ask({ kind: 'first-error', step: 'nobody' })).toBeUndefined()
  expect(engineWith('a', 'fine\nno errors: none\n').ask({ kind: 'error', from: 1, by: 1 })).toBeUndefined()
})

test('folds close to their first line, and a place inside opens them', () => {
  const engine = engineWith('a', 'a\n::group::Build\nb\nc\n::endgroup::\nd\n')
  expect(engine.ask({ kind: 'rows', top: 1, count: 1 }).lines[0]?.fold).toEqual({ closed: false, lines: 3, title: 'Build' })
  engine.ask({ kind: 'fold', line: 2, closed: true })
  expect(engine.state.rows).toBe(3)
  expect(textsOf(engine)).toEqual(['a', 'Build', 'd'])
  expect(engine.ask({ kind: 'copy', from: 2, to: 3 })).toBe('::group::Build\nb')
  expect(engine.ask({ kind: 'find', query: { text: 'c', regex: false }, from: 1 })).toMatchObject({ at: { line: 4, row: 3 } })
  expect(engine.state.rows).toBe(6)
})

test('the title of a group keeps its colours and what was found in it; its mark is not shown', () => {
  const engine = engineWith('a', '\u001b[32m##[group]Set up\u001b[0m\n1\n')
  engine.ask({ kind: 'find', query: { text: 'group]Set', regex: false }, from: 1 })
  const shown = engine.ask({ kind: 'rows', top: 0, count: 1 }).lines[0]
  expect(shown?.segments.map(({ text }) => text)).toEqual(['Set', ' up'])
  expect(shown?.segments[0]?.style).toBe(shown?.segments[1]?.style)
  expect(shown?.measure).toBe(true)
})

test('what ends a group is an empty line, and one that ends none is shown as it is', () => {
  expect(textsOf(engineWith('a', '::group::Build\nb\n::endgroup::\nc\n##[group]Test\n##[endgroup]\n::endgroup::\n'))).toEqual(['Build', 'b', '', 'c', 'Test', '', '::endgroup::'])
})

test('a message of the server counts as what a step has', () => {
  const engine = engineWith('a', '')
  feed(engine, frame('error', { time: 100, origin: { id: 'a' }, message: 'no such image' }))
  expect(textsOf(engine)).toEqual(['no such image'])
  expect(engine.state).toMatchObject({ lines: 1, characters: 14 })
})

test('sections of GitLab are read though their marks are overwritten', () => {
  const engine = engineWith('a', 'section_start:1560896352:one[collapsed=true]\r\u001b[0KHeader\ninside\nsection_end:1560896353:one\r\u001b[0Kafter\n')
  expect(textsOf(engine)).toEqual(['Header', 'after'])
  expect(engine.ask({ kind: 'rows', top: 0, count: 1 }).lines[0]?.fold).toEqual({ closed: true, lines: 1, title: 'Header' })
})

test('a fold without an end hides what comes after it too', () => {
  const engine = engineWith('a', '::group::x\n1\n')
  engine.ask({ kind: 'fold', line: 1, closed: true })
  feed(engine, output('a', '2\n3\n'))
  expect(textsOf(engine)).toEqual(['x'])
  expect(engine.state.rows).toBe(1)
})

test('the oldest lines go when a build has more than is held, and the numbers stay', () => {
  nextId = 0
  const engine = new LogEngine({ maxLines: 3_000, maxCharacters: 1e9 })
  for (let at = 0; at < 5; at += 1) feed(engine, output('a', Array.from({ length: 1_000 }, (_, line) => `${at * 1_000 + line}\n`).join('')))
  engine.ask({ kind: 'view', step: 'a', width: 80 })
  expect(engine.state).toMatchObject({ lines: 5_000, first: 2_048, rows: 2_952, full: false })
  expect(textsOf(engine, 0, 1)).toEqual(['2048'])
  expect(engine.ask({ kind: 'place', line: 1 })).toEqual({ line: 2_049, row: 0 })
  expect(engine.ask({ kind: 'find', query: { text: '^4999$', regex: true }, from: 1 })).toMatchObject({ count: 1, at: { line: 5_000 } })
})

test('where nothing can go, no more is taken, and the state says so', () => {
  nextId = 0
  const engine = new LogEngine({ maxLines: 1e9, maxCharacters: 100 })
  feed(engine, output('a', 'x'.repeat(200)))
  feed(engine, output('a', 'y'.repeat(200)))
  engine.ask({ kind: 'view', step: 'a', width: 0 })
  expect(engine.state.full).toBe(true)
  expect(textsOf(engine)).toEqual(['x'.repeat(200)])
})

test('the config of a task is kept for its page', () => {
  const engine = engineWith('a', '')
  feed(engine, frame('initialize-task', { time: 1, origin: { id: 'a' }, config: { platform: 'linux', image: '', run: { path: 'sh', args: ['-c', 'true'], dir: '' }, inputs: [{ name: 'repo', path: '' }] } }))
  expect(engine.ask({ kind: 'config', step: 'a' })).toEqual({ platform: 'linux', image: '', path: 'sh', args: ['-c', 'true'], dir: '', inputs: [{ name: 'repo', path: '' }] })
  expect(engine.ask({ kind: 'config', step: 'b' })).toBeUndefined()
})

test('copied lines have no numbers', () => {
  expect(engineWith('a', '1\n2\n3\n').ask({ kind: 'copy', from: 2, to: 3 })).toBe('2\n3')
})

test('times are those at which lines began', () => {
  const engine = engineWith('a', 'one\ntw')
  feed(engine, output('a', 'o\nthree\n', 105))
  expect(engine.ask({ kind: 'rows', top: 0, count: 9 }).lines.map(({ time }) => time)).toEqual([100_000, 100_000, 105_000])
})

import { expect, test } from 'vitest'
import { LogEngine } from './engine.ts'
import { logOfPart } from './part.ts'

const encoder = new TextEncoder()
const piece = (n: number, x: string, s = 'out'): string => `${JSON.stringify({ n, t: 5_000, s, x })}\n`
const part = (...pieces: readonly string[]): Uint8Array => encoder.encode(pieces.join(''))
const lines = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('')

let id = 0
function read(engine: LogEngine, step: string, payload: string): void {
  const event = { data: { time: 5, origin: { id: step }, payload }, event: 'log', version: '5.1' }
  for (const _ of engine.read(encoder.encode(`id: ${id++}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`)));
}
const end = (engine: LogEngine): void => {
  for (const _ of engine.read(encoder.encode(`id: ${id++}\nevent: end\ndata\n\n`)));
}

const numbers = (engine: LogEngine, top = 0): number[] => engine.ask({ kind: 'rows', top, count: 400 }).lines.map(({ line }) => line)
const textOf = (engine: LogEngine, line: number): string | undefined => {
  const row = engine.ask({ kind: 'place', line })?.row ?? 0
  return engine.ask({ kind: 'rows', top: row, count: 1 }).lines[0]?.segments.map(({ text }) => text).join('')
}

test('the end of a log is shown with the numbers of the whole, until the whole has as many lines', () => {
  const engine = new LogEngine()
  engine.ask({ kind: 'view', step: 'a', width: 80 })
  engine.showPart('a', part(piece(2_000, lines(2_000, 2_100)), piece(2_101, 'at last\n', 'error')))
  expect(engine.state).toEqual({ step: 'a', lines: 2_101, first: 1_999, characters: 1_018, rows: 102, ended: false, full: false, removed: false, part: true })
  expect(numbers(engine)).toEqual(Array.from({ length: 102 }, (_, index) => 2_000 + index))
  expect([textOf(engine, 2_000), textOf(engine, 2_101)]).toEqual(['line 2000', 'at last'])
  read(engine, 'a', lines(1, 2_000))
  expect([engine.state, engine.ask({ kind: 'rows', top: 0, count: 1 })]).toMatchObject([{ lines: 2_101, part: true }, { part: true }])
  read(engine, 'a', lines(2_001, 2_500))
  // Before the page has been told of the new state, rows may be asked for.
  expect(engine.ask({ kind: 'rows', top: 0, count: 1 })).toMatchObject({ part: false, lines: [{ line: 1 }] })
  expect(engine.state).toMatchObject({ lines: 2_500, first: 0, rows: 2_500, part: false })
  expect([textOf(engine, 1), textOf(engine, 2_500)]).toEqual(['line 1', 'line 2500'])
})

test('a whole that has fewer lines than its part replaces it when it ends', () => {
  const engine = new LogEngine()
  engine.showPart('a', part(piece(7, lines(7, 9))))
  engine.ask({ kind: 'view', step: 'a', width: 80 })
  read(engine, 'a', lines(1, 5))
  expect(numbers(engine)).toEqual([7, 8, 9])
  end(engine)
  expect(engine.state).toMatchObject({ part: false, ended: true })
  expect(numbers(engine)).toEqual([1, 2, 3, 4, 5])
  engine.showPart('a', part(piece(7, lines(7, 9))))
  expect(numbers(engine)).toEqual([1, 2, 3, 4, 5])
})

test('a part belongs to its step, and what was found in it is found in the whole', () => {
  const engine = new LogEngine()
  engine.ask({ kind: 'view', step: 'b', width: 80 })
  engine.showPart('a', part(piece(50, lines(50, 60))))
  expect(engine.state).toMatchObject({ step: 'b', lines: 0, part: false })
  engine.ask({ kind: 'view', step: 'a', width: 80 })
  expect(engine.state).toMatchObject({ step: 'a', part: true })
  expect(engine.ask({ kind: 'find', query: { text: 'line 5', regex: false }, from: 55 })).toMatchObject({ count: 10, index: 5 })
  read(engine, 'a', lines(1, 60))
  expect(engine.ask({ kind: 'hit', by: 1 })).toMatchObject({ count: 11, index: 7, at: { line: 56, row: 55 } })
})

test('what is no piece of a log is left out, and a part of nothing is none', () => {
  expect(logOfPart(part('{"n":1,"t":1,"s":"out","x":"cut of'))).toBeUndefined()
  expect(logOfPart(part('[]\n', 'null\n', piece(0, 'x'), '{"n":1e300,"t":1,"x":"y"}\n', '\n'))).toBeUndefined()
  expect(logOfPart(part(piece(3, 'three\n'), '{"n":4,"t":1,"s":"out","x":"cut of'))?.lines.length).toBe(3)
})

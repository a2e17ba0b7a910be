import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Line } from './line.ts'
import { blockLines, Lines } from './lines.ts'
import { Rows } from './rows.ts'

const linesOf = (columns: readonly number[]): Lines => linesWith(columns.map((count) => 'x'.repeat(count)))

function linesWith(texts: readonly string[]): Lines {
  const lines = new Lines()
  for (const text of texts) {
    const line = new Line(0)
    line.write(0, text, 0)
    lines.push(line)
  }
  return lines
}

test('a line takes as many rows as its columns need, and an empty one takes one', () => {
  const rows = new Rows(linesOf([0, 1, 80, 81, 160, 161]), { width: 80, hidden: [] })
  expect([0, 1, 2, 3, 4, 5].map((line) => rows.ofLine(line))).toEqual([1, 1, 1, 2, 2, 3])
  expect(rows.total).toBe(10)
})

test('rows and lines are found from each other, over blocks, hidden lines and every width', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(300), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 90 }),
      fc.constantFrom(0, 1, 40, 120),
      fc.array(fc.tuple(fc.nat(3_000), fc.integer({ min: 1, max: 900 })), { maxLength: 4 }),
      (pattern, repeat, width, stretches) => {
        const columns = Array.from({ length: repeat }, () => pattern).flat()
        const lines = linesOf(columns)
        let end = 0
        const hidden = stretches.toSorted(([a], [b]) => a - b).flatMap(([start, length]) => {
          const from = Math.max(start, end + 1)
          end = Math.min(from + length, columns.length)
          return from < end ? [[from, end] as const] : []
        })
        const rows = new Rows(lines, { width, hidden })
        const own = columns.map((count, line) => (hidden.some(([a, b]) => line >= a && line < b) ? 0 : width === 0 ? 1 : Math.max(1, Math.ceil(count / width))))
        const total = own.reduce((sum, count) => sum + count, 0)
        expect(rows.total).toBe(total)
        let row = 0
        own.forEach((count, line) => {
          expect(rows.rowOf(line)).toBe(row)
          if (count > 0) expect(rows.lineAt(row + count - 1)).toEqual({ line, offset: count - 1 })
          row += count
        })
        const last = own.findLastIndex((count) => count > 0)
        expect(rows.lineAt(total + 5)).toEqual(last < 0 ? undefined : { line: last, offset: (own[last] ?? 0) - 1 })
      },
    ),
    { numRuns: 60 },
  )
})

test('a wide character that does not fit at the end of a row begins the next', () => {
  const rows = new Rows(linesWith(['世'.repeat(10), `x${'世'.repeat(10)}`, 'e\u0301'.repeat(31), '世e\u0301'.repeat(3)]), { width: 5, hidden: [] })
  expect([0, 1, 2, 3].map((line) => rows.ofLine(line))).toEqual([5, 5, 7, 2])
})

test('a line is measured anew when it was written to, and one that may change is measured too', () => {
  const lines = linesWith(['世'.repeat(20)])
  const rows = new Rows(lines, { width: 10, hidden: [] })
  expect([rows.total, rows.measured(0, 3), rows.total]).toEqual([4, true, 3])
  lines.at(0)?.write(40, '界'.repeat(5), 0)
  expect([rows.total, rows.measured(0, 4), rows.total]).toEqual([5, true, 4])
})

test('a measured line counts as it was seen until the width changes', () => {
  const rows = new Rows(linesOf(Array.from({ length: 2_000 }, () => 100)), { width: 80, hidden: [] })
  expect(rows.total).toBe(4_000)
  expect(rows.measured(3, 3)).toBe(true)
  expect(rows.measured(3, 3)).toBe(false)
  expect(rows.total).toBe(4_001)
  expect(rows.rowOf(4)).toBe(9)
  rows.layout({ width: 100, hidden: [] })
  expect(rows.total).toBe(2_000)
})

test('dropped lines take no rows, and the others keep their numbers', () => {
  const lines = linesOf(Array.from({ length: blockLines * 2 }, () => 10))
  const rows = new Rows(lines, { width: 80, hidden: [] })
  expect(rows.total).toBe(blockLines * 2)
  lines.dropOldest()
  expect(lines.first).toBe(blockLines)
  expect(rows.total).toBe(blockLines)
  expect(rows.lineAt(0)).toEqual({ line: blockLines, offset: 0 })
  expect(lines.canDrop).toBe(false)
})

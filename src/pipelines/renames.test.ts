import { expect, test } from 'vitest'
import { renames } from './renames.ts'

const row = (id: number, name: string, active = true) => ({ id, name, active })
const heir = (name: string, old_name?: string) => ({ name, ...(old_name !== undefined && { old_name }) })

test('B10: old_name gives its row to a new name, and is ignored once it has', () => {
  expect(renames([row(1, 'a')], [heir('b', 'a')])).toEqual({ ok: true, value: [{ id: 1, name: 'b' }] })
  expect(renames([row(1, 'b')], [heir('b', 'a')])).toEqual({ ok: true, value: [] })
  // A new job of the old name, while the old_name still stands in the config.
  expect(renames([row(1, 'b'), row(2, 'a')], [heir('b', 'a'), heir('a')])).toEqual({ ok: true, value: [] })
  expect(renames([row(1, 'a')], [heir('a'), heir('b', 'a')])).toEqual({ ok: true, value: [{ id: 1, name: 'b' }] })
  expect(renames([row(1, 'a')], [heir('a', 'a'), heir('b', 'none')])).toEqual({ ok: true, value: [] })
})

test('B10: an inactive row makes room for the one that takes its name', () => {
  expect(renames([row(1, 'a'), row(2, 'b', false)], [heir('b', 'a')])).toEqual({ ok: true, value: [{ id: 1, name: 'b', remove: 2 }] })
})

test('B10: a chain is renamed from its end, whatever the order of the config', () => {
  const rows = [row(1, 'a'), row(2, 'b'), row(3, 'c')]
  const chain = [{ id: 3, name: 'd' }, { id: 2, name: 'c' }, { id: 1, name: 'b' }]
  for (const wanted of [[heir('b', 'a'), heir('c', 'b'), heir('d', 'c')], [heir('d', 'c'), heir('b', 'a'), heir('c', 'b')]]) {
    expect(renames(rows, wanted)).toEqual({ ok: true, value: chain })
  }
  // The last of it has a row of its own: nobody moves.
  expect(renames([...rows, row(4, 'd')], [heir('b', 'a'), heir('c', 'b'), heir('d', 'c')])).toEqual({ ok: true, value: [] })
})

test('B10: of two that name one row the first gets it', () => {
  expect(renames([row(1, 'a')], [heir('b', 'a'), heir('c', 'a')])).toEqual({ ok: true, value: [{ id: 1, name: 'b' }] })
})

test('B10: a swap is refused, of any length, but not where a row is missing', () => {
  expect(renames([row(1, 'a'), row(2, 'b')], [heir('a', 'b'), heir('b', 'a')])).toEqual({ ok: false, error: ['b', 'a'] })
  expect(renames([row(1, 'a'), row(2, 'b'), row(3, 'c'), row(4, 'd')], [heir('x', 'd'), heir('a', 'b'), heir('b', 'c'), heir('c', 'a')])).toMatchObject({ ok: false })
  expect(renames([row(2, 'b')], [heir('a', 'b'), heir('b', 'a')])).toEqual({ ok: true, value: [{ id: 2, name: 'a' }] })
})

test('ten thousand renames in one chain take no stack', () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => row(i, `j${i}`))
  const wanted = rows.map(({ id }) => heir(`j${id + 1}`, `j${id}`))
  const result = renames(rows, wanted)
  expect(result.ok && [result.value.length, result.value[0]]).toEqual([10_000, { id: 9_999, name: 'j10000' }])
})

import { expect, test } from 'vitest'
import { differences, shapeOf, valueAt } from './exchange.ts'

test('a shape is the types of an answer, with the fields of all items of a list', () => {
  expect(shapeOf([{ id: 1, version: { ref: 'x' } }, { id: 2, name: 'n', next: null }])).toEqual({ list: { id: 'number', version: 'map', name: 'string', next: 'null' } })
  expect(shapeOf([])).toEqual({ list: 'nothing' })
})

test('a field that is gone, new or of another type is a difference; one that comes and goes with time is none', () => {
  const recorded = shapeOf({ id: 1, name: 'n', start_time: 1, items: [{ a: 1 }] })
  expect(differences(recorded, shapeOf({ id: 2, name: 'm', items: [] }))).toEqual([])
  expect(differences(recorded, shapeOf({ id: '1', more: 1, items: [{ a: 'x' }] }))).toEqual([
    'body.id was "number", is "string"', 'body.name is gone', 'body.items.list.a was "number", is "string"', 'body.more is new',
  ])
})

test('an id is found by its path', () => {
  expect([valueAt([{ id: 7 }], '0.id'), valueAt({}, 'a.b'), valueAt(3, '')]).toEqual([7, undefined, 3])
})

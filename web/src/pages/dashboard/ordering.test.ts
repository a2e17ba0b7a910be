import { expect, test } from 'vitest'
import type { Card } from '../../api/types.ts'
import { move } from './ordering.ts'

const card = (id: number, name: string, pos: number, vars?: Record<string, unknown>): Card => ({ id, team: 'main', name, pos, jobs: 's', s: 'succeeded', n: { kind: 'succeeded' }, ...(vars !== undefined && { vars }) })

const a = card(1, 'a', 0)
const b1 = card(2, 'b', 1, { n: 1 })
const b2 = card(3, 'b', 2, { n: 2 })
const c = card(4, 'c', 3)
const other = { ...card(5, 'a', 0), team: 'other' }
// The server does not list them in their order.
const cards = [c, b2, other, a, b1]
const group = { team: 'main', name: 'b' }
const spot = (of: Card) => ({ team: of.team, name: of.name, card: of })

test('a pipeline takes the place of the one that it is moved to, groups with their instances as one', () => {
  expect(move(cards, spot(a), spot(c))?.body).toEqual(['b', 'c', 'a'])
  expect(move(cards, spot(c), spot(a))?.body).toEqual(['c', 'a', 'b'])
  expect(move(cards, group, spot(a))).toMatchObject({ body: ['b', 'a', 'c'], route: 'OrderPipelines', path: '/api/v1/teams/main/pipelines/ordering' })
  expect(move(cards, spot(b2), spot(c))?.body).toEqual(['a', 'c', 'b'])
})

test('an instance is moved among those of its group, by their vars', () => {
  expect(move(cards, spot(b2), spot(b1))).toMatchObject({ body: [{ n: 2 }, { n: 1 }], route: 'OrderPipelinesWithinGroup', path: '/api/v1/teams/main/pipelines/b/ordering' })
  expect(move([...cards, card(6, 'b', 4)], spot(b1), spot(card(6, 'b', 4)))?.body).toEqual([{ n: 2 }, {}, { n: 1 }])
})

test('nothing is moved to itself, to its own group or to another team', () => {
  expect([move(cards, spot(a), spot(a)), move(cards, spot(b1), group), move(cards, spot(a), spot(other)), move(cards, spot(card(9, 'gone', 9)), spot(a))]).toEqual([undefined, undefined, undefined, undefined])
})

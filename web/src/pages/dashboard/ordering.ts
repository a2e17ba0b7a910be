import type { Card } from '../../api/types.ts'
import type { Action } from '../../store/action.ts'
import { orderInstances, orderPipelines } from '../../store/team-order.ts'

/** What is moved, or where to: a pipeline, an instance, or with neither vars nor instances beside it a group. */
export interface Spot {
  readonly team: string
  readonly name: string
  /** Absent: not one instance of a group. */
  readonly card?: Card | undefined
}

/** Has the server put a pipeline where another is, before or behind it as it comes from; undefined: they have no order with each other. */
export function move(cards: readonly Card[], moved: Spot, to: Spot): Action | undefined {
  if (moved.team !== to.team) return undefined
  const own = inOrder(cards, moved.team)
  if (moved.name !== to.name) {
    const names = moveTo(namesOf(own), moved.name, to.name)
    return names && orderPipelines(moved.team, names)
  }
  if (moved.card === undefined || to.card === undefined) return undefined
  const group = moveTo(own.filter(({ name }) => name === moved.name).map(({ id }) => id), moved.card.id, to.card.id)
  return group && orderGroup(cards, moved.team, moved.name, group)
}

/** `ids`: those of all instances of the name. */
export function orderGroup(cards: readonly Card[], team: string, name: string, ids: readonly number[]): Action {
  const known = new Map(cards.map((card) => [card.id, card]))
  return orderInstances({ team, pipeline: name }, ids.map((id) => known.get(id)?.vars ?? {}))
}

export const inOrder = (cards: readonly Card[], team: string): readonly Card[] => cards.filter((card) => card.team === team).toSorted((a, b) => a.pos - b.pos)

/** One for each group of instances. */
export const namesOf = (cards: readonly Card[]): readonly string[] => [...new Set(cards.map(({ name }) => name))]

function moveTo<Key>(keys: readonly Key[], moved: Key, to: Key): readonly Key[] | undefined {
  const [from, place] = [keys.indexOf(moved), keys.indexOf(to)]
  return from === place || from < 0 || place < 0 ? undefined : keys.toSpliced(from, 1).toSpliced(place, 0, moved)
}

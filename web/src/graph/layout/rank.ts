import { neighbours, type Edge } from '../model.ts'

/** The column of each node: right of all before it, and as near to those after it as its lines get shorter by that. `edges` close no circle. */
export function rank(order: readonly number[], edges: readonly Edge[]): number[] {
  const all = neighbours(order.length, edges)
  const ranks = order.map(() => 0)
  for (const node of order) for (const to of all[node]!.after) ranks[to] = Math.max(ranks[to]!, ranks[node]! + 1)
  for (const node of order.toReversed()) {
    const { before, after } = all[node]!
    if (after.length > before.length) ranks[node] = Math.min(...after.map((to) => ranks[to]!)) - 1
  }
  return ranks
}

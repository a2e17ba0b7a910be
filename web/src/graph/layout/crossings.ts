import type { Neighbours } from '../model.ts'

/** How many links between two neighbouring columns cross: pairs that stand in another order at the right than at the left. */
export function crossings(left: readonly number[], right: readonly number[], all: readonly Neighbours[]): number {
  const place = new Map(right.map((node, index) => [node, index]))
  const ends = left.flatMap((node) => all[node]!.after.map((to) => place.get(to)!).toSorted((a, b) => a - b))
  // A Fenwick tree over the places at the right counts for each link those before it that end further down.
  const tree = new Int32Array(right.length + 1)
  let found = 0
  for (const [seen, end] of ends.entries()) {
    let notBelow = 0
    for (let at = end + 1; at > 0; at -= at & -at) notBelow += tree[at]!
    found += seen - notBelow
    for (let at = end + 1; at <= right.length; at += at & -at) tree[at]!++
  }
  return found
}

export function allCrossings(columns: readonly (readonly number[])[], all: readonly Neighbours[]): number {
  return columns.slice(1).reduce((sum, right, index) => sum + crossings(columns[index]!, right, all), 0)
}

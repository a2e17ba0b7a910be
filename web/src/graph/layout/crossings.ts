import type { Links } from './links.ts'

/** How many links between neighbouring columns cross: pairs that stand in another order at the right than at the left. `place`: of each node in its column. */
export function allCrossings(columns: readonly (readonly number[])[], { after }: Links, place: Int32Array): number {
  let found = 0
  for (const [index, left] of columns.entries()) {
    const right = columns[index + 1]
    if (right === undefined) break
    // A Fenwick tree over the places at the right counts for each link those before it that end further down.
    const tree = new Int32Array(right.length + 1)
    let seen = 0
    for (const node of left) {
      const ends = after.to.subarray(after.from[node], after.from[node + 1]).map((to) => place[to]!).sort()
      for (const end of ends) {
        let notBelow = 0
        for (let at = end + 1; at > 0; at -= at & -at) notBelow += tree[at]!
        found += seen++ - notBelow
        for (let at = end + 1; at <= right.length; at += at & -at) tree[at]!++
      }
    }
  }
  return found
}
